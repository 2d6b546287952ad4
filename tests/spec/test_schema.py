from __future__ import annotations

from typing import TYPE_CHECKING

from components.spec import ServiceSpec
from components.spec.docstrings import field_docstrings
from components.spec.group import groups_in
from components.spec.schema import spec_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel


def _groups(group: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield group
    for field in group.model_fields.values():
        for below in groups_in(field.annotation):
            yield from _groups(below)


def test_every_field_says_what_happens_when_it_is_omitted() -> None:
    """The description of each optional field has the word Omitted, of each required one that it must be given."""
    silent = [
        f"{group.__name__}.{name}"
        for group in _groups(ServiceSpec)
        for name, field in group.model_fields.items()
        if ("given" if field.is_required() else "mitted") not in field_docstrings(group).get(name, "")
    ]
    assert silent == []


def test_the_schema_has_patterns_descriptions_and_no_open_group() -> None:
    """An editor learns the human forms, the descriptions, and that unknown fields are errors."""
    schema = spec_schema()
    assert schema["title"] == "Berth service"
    assert schema["required"] == ["name", "model"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["GatewaySpec"]["properties"]["max_request"]["pattern"] == r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"
    assert schema["$defs"]["ScalingSpec"]["properties"]["min_replicas"]["description"] == (
        "Replicas at the least load. Omitted: 1."
    )
    assert all(group["additionalProperties"] is False for group in schema["$defs"].values())
