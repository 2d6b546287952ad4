"""The reference of the spec's fields, generated from the models: `python -m components.plan.reference` rewrites it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from components.plan.ecs.effects import ECS_EFFECTS
from components.plan.local.effects import LOCAL_EFFECTS
from components.plan.runpod.effects import RUNPOD_EFFECTS
from components.plan.sagemaker.effects import SAGEMAKER_EFFECTS
from components.spec.group import groups_in, paths_of
from components.spec.problems import number
from components.spec.schema import spec_schema
from components.spec.service import ServiceSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from components.plan.effects import Effect

PAGE = Path("docs/reference/spec.md")
COMMAND = "python -m components.plan.reference"
BEGIN = f"<!-- begin: written by `{COMMAND}` -->"
END = "<!-- end -->"

EFFECTS: dict[str, dict[str, Effect]] = {
    "ECS": ECS_EFFECTS,
    "SageMaker": SAGEMAKER_EFFECTS,
    "RunPod": RUNPOD_EFFECTS,
    "Local": LOCAL_EFFECTS,
}
_COLUMNS = ("Field", "What it is", "Values", "When omitted", *(f"On {target}" for target in EFFECTS))
_HEAD = (f"| {' | '.join(_COLUMNS)} |", "| --- " * len(_COLUMNS) + "|")
_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
_TYPES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true, false",
    "string": "text",
    "object": "mapping",
}


def fields_of(group: type[BaseModel]) -> Iterator[str]:
    """Yield the path of every field of a group and of the groups below it, in the order of declaration."""
    yield from paths_of(group)


def reference() -> str:
    """Return the generated part of the page: a table for each group."""
    definitions: dict[str, Any] = spec_schema()["$defs"]
    return "\n".join(line for table in _tables(ServiceSpec, "", definitions) for line in table).rstrip() + "\n"


def written_into(page: str) -> str:
    """Return a page with the text between its markers replaced by the reference."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _tables(group: type[BaseModel], path: str, definitions: dict[str, Any]) -> Iterator[list[str]]:
    schema = spec_schema() if group is ServiceSpec else definitions[group.__name__]
    properties = cast("dict[str, dict[str, Any]]", schema["properties"])
    rows = [_row(path, name, field, properties[name]) for name, field in group.model_fields.items()]
    about = " ".join((group.__doc__ or "").split())
    title = f"`{path.rstrip('.')}`" if path else "A service"
    yield [f"## {title}", "", about, "", *_HEAD, *rows, ""]
    for name, field in group.model_fields.items():
        for below in groups_in(field.annotation):
            yield from _tables(below, f"{path}{name}.", definitions)


def _row(path: str, name: str, field: FieldInfo, schema: dict[str, Any]) -> str:
    values = _values(schema)
    below = groups_in(field.annotation)
    about, omitted = _said(" ".join(str(schema.get("description", "")).split()))
    about = about or " ".join((below[0].__doc__ or "").split() if below else "")
    return f"| {' | '.join([f'`{name}`', about, values, omitted, *_effects(path + name)])} |"


def _effects(path: str) -> list[str]:
    """Return what a field does on each target; a group alone has its own table."""
    if path not in ECS_EFFECTS:
        return [f"see [`{path}`](#{path.replace('.', '')})"] + [""] * (len(EFFECTS) - 1)
    return [effects[path].text for effects in EFFECTS.values()]


def _said(description: str) -> tuple[str, str]:
    """Split a field's docstring into what the field is, and what happens when it is omitted.

    >>> _said("Longest time. Omitted: 10m."), _said("Mean tokens. Must be given.")
    (('Longest time.', '10m.'), ('Mean tokens.', 'must be given'))
    """
    about, mark, omitted = description.partition("Omitted: ")
    return (about.strip(), omitted) if mark else (about.replace("Must be given.", "").strip(), "must be given")


def _values(schema: dict[str, Any]) -> str:
    """Return what may be written for a field, from its JSON Schema."""
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " or ".join(_values(part) for part in choices if part.get("type") != "null")
    words = [schema["const"]] if "const" in schema else schema.get("enum", [])
    if words:
        return ", ".join(f"`{word}`" for word in words)
    if "examples" in schema:
        return f"text, as `{schema['examples'][0]}`"
    if schema.get("type") == "array":
        return f"list of {_values(schema['items'])}"
    bounds = [f"{sign} {number(schema[key])}" for key, sign in _BOUNDS.items() if key in schema]
    return f"{_TYPES[schema.get('type', 'object')]} {', '.join(bounds)}".strip()


def main() -> int:
    """Rewrite the page."""
    PAGE.write_text(written_into(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
