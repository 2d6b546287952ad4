"""How strict is each rule in an environment, and what are its limits? `config/<environment>.json` says so.

The engine reads the same files and checks them too, but calls a misspelt rule an `invalid enforcement level ""`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from components.errors import Problem, StackError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policies.rule import AnyRule, Level, Settings

CONFIG = Path(__file__).parent / "config"
LEVELS = ("advisory", "mandatory", "disabled")
LEVEL = "enforcementLevel"
_TYPES: dict[str, tuple[type, ...]] = {"number": (int, float), "integer": (int,), "boolean": (bool,), "string": (str,)}
_SAID = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "string": "a text",
    "array": "a list of texts",
    "object": "a mapping of lists of texts",
}


@dataclass(frozen=True, slots=True)
class Configured:
    """One rule in one environment."""

    level: Level
    settings: Settings


Configuration = dict[str, Configured]
"""By the name of the rule; every rule is in it."""


def environments() -> list[str]:
    """Return the environments that have a configuration."""
    return sorted(path.stem for path in CONFIG.glob("*.json"))


def load(environment: str, rules: Sequence[AnyRule]) -> Configuration:
    """Return the configuration of an environment, or of a file whose path is given; StackError with every problem."""
    is_path = environment.endswith(".json")
    path = Path(environment) if is_path else CONFIG / f"{environment}.json"
    if not path.is_file():
        known = environments()
        fix = "check the path" if is_path else did_you_mean(environment, known)
        raise StackError([Problem("--policies", environment, "has no configuration", fix)])
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StackError([Problem(str(path), "", f"is not JSON: {error}", "correct it")]) from None
    return read(document, rules, place=path.name)


def read(document: object, rules: Sequence[AnyRule], *, place: str) -> Configuration:
    """Return the configuration that a document means; StackError with every problem."""
    if not isinstance(document, dict):
        raise StackError([Problem(place, "", "is not a mapping", "write the name of a rule and its settings")])
    given = cast("dict[str, object]", document)
    by_name = {rule.name: rule for rule in rules}
    strange = [name for name in given if name not in by_name and name != "all"]
    problems = [Problem(f"{place}: {name}", "", "is not a rule", did_you_mean(name, by_name)) for name in strange]
    found: Configuration = {}
    for rule in rules:
        entry = given.get(rule.name, given.get("all", rule.level))
        values = dict(cast("dict[str, Any]", entry)) if isinstance(entry, dict) else {LEVEL: entry}
        level = values.pop(LEVEL, rule.level)
        where = f"{place}: {rule.name}"
        if level not in LEVELS:
            fix = f"use one of: {', '.join(LEVELS)}"
            problems.append(Problem(f"{where}: {LEVEL}", repr(level), "is no level", fix))
        else:
            problems += _problems(where, values, rule.settings, needed=level != "disabled")
            found[rule.name] = Configured(level, {**defaults(rule), **values})
    if problems:
        raise StackError(problems)
    return found


def defaults(rule: AnyRule) -> Settings:
    """Return the settings that a rule has without a configuration."""
    return {name: schema["default"] for name, schema in rule.settings.items() if "default" in schema}


def required(rule: AnyRule) -> list[str]:
    """Return the settings without which a rule cannot run."""
    return [name for name, schema in rule.settings.items() if "default" not in schema]


def _problems(
    place: str, values: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]], *, needed: bool
) -> Iterator[Problem]:
    for name, value in values.items():
        if name not in schemas:
            fix = did_you_mean(name, schemas) if schemas else "the rule has no settings"
            yield Problem(f"{place}: {name}", "", "is not a setting", fix)
        elif not _fits(value, schemas[name]):
            allowed = _SAID[schemas[name]["type"]]
            words = {"minimum": "from", "maximum": "to"}
            bounds = [f"{said} {schemas[name][key]}" for key, said in words.items() if key in schemas[name]]
            fix = f"write {' '.join([allowed, *bounds])}"
            yield Problem(f"{place}: {name}", json.dumps(value), "is not allowed", fix)
    for name, schema in schemas.items():
        if needed and "default" not in schema and name not in values:
            yield Problem(f"{place}: {name}", "", "is missing", f"write {_SAID[schema['type']]}")


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    kind = schema["type"]
    if kind == "array":
        return isinstance(value, list) and all(isinstance(one, str) for one in cast("list[object]", value))
    if kind == "object":
        lists = cast("dict[str, Any]", value).values() if isinstance(value, dict) else [None]
        return all(_fits(one, {"type": "array"}) for one in lists)
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    return kind in ("boolean", "string") or schema.get("minimum", value) <= value <= schema.get("maximum", value)
