"""Which properties has a resource type, of what kind, and which of them force a replacement?

Reads contract.json, with the names of pulumi_aws 7.51.1. `replaces` is decided per leaf; a block's: added or removed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.provider.values import Props

Property = dict[str, Any]
"""One entry of the contract: type, items or values or ref, and the flags replaces, required, secret, newer."""

_PYTHON_TYPES = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": (int, float),
    "object": dict,
    "array": list,
    "asset": dict,
}
_ARTICLES = {"integer": "an integer", "array": "a list", "object": "a map", "asset": "an archive or an asset"}


@dataclass(frozen=True)
class Failure:
    """One refused input: where, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Contract:
    """Inputs and outputs of one resource type."""

    inputs: Mapping[str, Property]
    outputs: frozenset[str]

    def fields(self) -> dict[str, Property]:
        """Return every property; one that is only an output has no known type."""
        return {**{name: {} for name in self.outputs}, **self.inputs}


def contract_of(token: str) -> Contract:
    """Return the contract of a resource type. Raises KeyError for an unknown one."""
    entry = _document()["resources"][token]
    return Contract(entry["inputs"], frozenset(entry["outputs"]))


def function_contract(token: str) -> Property:
    """Return the contract of a function: inputs, required, outputs. Raises KeyError for an unknown one."""
    return _document()["functions"][token]


def block_fields(prop: Property) -> Mapping[str, Property] | None:
    """Return the properties of a block, or None when the property is not a block."""
    return _document()["types"][prop["ref"]] if "ref" in prop else None


def type_problems(fields: Mapping[str, Property], values: Props, prefix: str = "") -> Iterator[Failure]:
    """Yield unknown properties, missing required ones and wrong types."""
    for name, value in values.items():
        if name.startswith("__"):
            continue
        path = f"{prefix}{name}"
        if name not in fields:
            yield Failure(path, f"no property of this name; known are {', '.join(sorted(fields))}")
        elif fields[name].get("newer"):
            yield Failure(
                path, "known to the SDK, but not to the provider version that the sandbox follows; leave it out"
            )
        else:
            yield from _value_problems(fields[name], value, path)
    for name, prop in fields.items():
        if prop.get("required") and values.get(name) is None:
            yield Failure(f"{prefix}{name}", "required, but not given")


def _value_problems(prop: Property, value: Any, path: str) -> Iterator[Failure]:
    if value is UNKNOWN or prop.get("type") == "any":
        return
    block = block_fields(prop)
    kind = "object" if block is not None else prop["type"]
    if not is_of(_PYTHON_TYPES[kind], value):
        yield Failure(
            path,
            f"must be {_ARTICLES.get(kind, f'a {kind}')}, got {_described(value, secret=prop.get('secret', False))}",
        )
    elif block is not None:
        yield from type_problems(block, value, f"{path}.")
    elif kind == "array":
        for index, item in enumerate(value):
            yield from _value_problems(prop["items"], item, f"{path}[{index}]")
    elif kind == "object":
        for key, item in value.items():
            yield from _value_problems(prop["values"], item, f"{path}.{key}")


def is_of(kinds: Any, value: Any) -> bool:
    """Tell whether a value is of a Python type; a boolean is no number."""
    return isinstance(value, kinds) and (kinds is bool or not isinstance(value, bool))


def _described(value: Any, *, secret: bool) -> str:
    names = {
        str: "the string",
        bool: "the boolean",
        int: "the number",
        float: "the number",
        list: "a list",
        dict: "a map",
    }
    shown = names.get(type(value), type(value).__name__)
    return shown if secret or isinstance(value, list | dict) else f"{shown} {json.dumps(value)[:60]}"


@cache
def _document() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))
