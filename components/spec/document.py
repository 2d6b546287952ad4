"""How a YAML file becomes a mapping: duplicate keys refused, plain words read as in YAML 1.2, overrides merged in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import yaml

from components.errors import Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):
    """A loader without YAML 1.1's traps: a key given twice is refused, `no`, `010`, `1:30` and dates are texts."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            name = str(key.value)
            if isinstance(key, yaml.ScalarNode) and name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name} is given twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


_resolving: Any = _Loader
_resolving.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?", "-+0123456789"),
):
    _resolving.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))


def read_document(path: Path) -> dict[str, Any]:
    """Return the mapping that a YAML file holds; `SpecError` when it cannot be read or holds something else."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _error(path, f"cannot be read ({reason})", "check the path of the spec") from error
    except UnicodeDecodeError as error:
        raise _error(path, "is not UTF-8 text", "save it as UTF-8") from error
    try:
        data: object = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1} column {mark.column + 1}" if mark else ""
        said = f"{error.context}, {error.problem}" if str(error.problem).startswith("but ") else error.problem
        raise _error(path, f"is not valid YAML: {said}{where}", "correct the line") from error
    except yaml.YAMLError as error:
        raise _error(path, f"is not valid YAML: {error}", "correct it") from error
    if not isinstance(data, dict):
        found = "nothing" if data is None else "a list" if isinstance(data, list) else "a single value"
        raise _error(path, f"holds {found}, not a mapping", "start it with name: and model:")
    return cast("dict[str, Any]", data)


def read_value(text: str) -> object:
    """Return what a text means as one YAML value; a text that is no YAML means itself.

    >>> read_value("3"), read_value("null"), read_value("[L4, A10G]"), read_value("on")
    (3, None, ['L4', 'A10G'], 'on')
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError:
        return text


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the values of `over`, merged mapping by mapping; lists are replaced whole.

    >>> merged({"scaling": {"min_replicas": 1, "max_replicas": 2}}, {"scaling": {"max_replicas": 3}})
    {'scaling': {'min_replicas': 1, 'max_replicas': 3}}
    """
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            result[key] = merged(cast("dict[str, Any]", below), cast("dict[str, Any]", value))
        else:
            result[key] = value
    return result


def _error(path: Path, message: str, fix: str) -> SpecError:
    return SpecError([Problem(str(path), "", message, fix)])
