"""The JSON Schema of a spec, for editors and for the reference page."""

from __future__ import annotations

from typing import Any

from components.spec.service import ServiceSpec


def spec_schema() -> dict[str, Any]:
    """Return the JSON Schema of a service spec, descriptions included."""
    schema = ServiceSpec.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Berth service"}
