"""The JSON Schema of a spec, for editors and for the reference page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.spec.docstrings import field_docstrings
from components.spec.group import groups_in
from components.spec.service import ServiceSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel


def spec_schema() -> dict[str, Any]:
    """Return the JSON Schema of a service spec, descriptions included."""
    schema = ServiceSpec.model_json_schema()
    for group in dict.fromkeys(_groups(ServiceSpec)):
        properties = (schema if group is ServiceSpec else schema["$defs"][group.__name__])["properties"]
        for name, text in field_docstrings(group).items():
            properties[name]["description"] = text
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Berth service"}


def _groups(group: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield group
    for field in group.model_fields.values():
        for below in groups_in(field.annotation):
            yield from _groups(below)
