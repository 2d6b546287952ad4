"""Which fields does a target get differently: from a stack's services, or from `--set TARGET:FIELD=VALUE`?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from components.errors import Problem, StackError, did_you_mean
from components.spec.document import read_document, read_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_FORM = re.compile(r"(?:(?P<target>[^:=.]+):)?(?P<field>[a-z0-9_.-]+)=(?P<value>.*)", re.IGNORECASE | re.DOTALL)


def overrides_of(given: Sequence[str], targets: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the fields that `--set` gives each target; one without a target is for all of them.

    Values are YAML, so `null` removes what the file says. `StackError` for what is not of that form.

    >>> overrides_of(["runpod:scaling.min_replicas=0"], ["ecs", "runpod"])
    {'ecs': {}, 'runpod': {'scaling': {'min_replicas': 0}}}
    """
    found: dict[str, dict[str, Any]] = {target: {} for target in targets}
    problems: list[Problem] = []
    for text in given:
        parts = _FORM.fullmatch(text)
        if parts is None:
            fix = "write TARGET:FIELD=VALUE, as runpod:scaling.min_replicas=0, or FIELD=VALUE for every target"
            problems.append(Problem("--set", text, "is not a field and a value", fix))
        elif parts["target"] is not None and parts["target"] not in found:
            fix = did_you_mean(parts["target"], targets)
            problems.append(Problem("--set", parts["target"], "is not a target that is compared", fix))
        else:
            for target in (parts["target"],) if parts["target"] else targets:
                _put(found[target], parts["field"].split("."), read_value(parts["value"]))
    if problems:
        raise StackError(problems)
    return found


def _put(into: dict[str, Any], path: Sequence[str], value: object) -> None:
    for name in path[:-1]:
        below = into.get(name)
        into[name] = below if isinstance(below, dict) else {}
        into = into[name]
    into[path[-1]] = value


@dataclass(frozen=True, slots=True)
class StackView:
    """What a stack says of one spec: where it runs, in which environment, and each target's overrides."""

    region: str | None
    environment: str
    overrides: Mapping[str, dict[str, Any]]


def stack_view(spec: Path, stack: str) -> StackView:
    """Return what the stack file nearest above a spec says of it; `StackError` where there is none, or it is wrong."""
    from components.stack import StackConfig  # noqa: PLC0415 - only when a stack is named

    directory = _directory(spec, stack)
    settings = read_document(directory / f"Pulumi.{stack}.yaml").get("config") or {}
    raw = {key.partition(":")[2]: value for key, value in settings.items() if key.startswith("berth:")}
    config = StackConfig.parse(raw, stack=stack, directory=directory)
    found: dict[str, dict[str, Any]] = {}
    for entry in config.services:
        if (directory / entry.spec).resolve() != spec.resolve():
            continue
        if entry.target in found:
            place = f"stack {stack}: berth:services"
            fix = "leave --stack out, and use --set"
            raise StackError([Problem(place, str(spec), f"is on {entry.target} twice", fix)])
        # The name tells two services of one stack apart, and nothing else.
        found[entry.target] = {name: value for name, value in entry.overrides.items() if name != "name"}
    return StackView(settings.get("aws:region"), config.environment, found)


def _directory(spec: Path, stack: str) -> Path:
    for folder in spec.resolve().parents:
        if (folder / f"Pulumi.{stack}.yaml").is_file():
            return folder
    fix = "name a stack whose file lies in a folder above the spec's, or use --set"
    raise StackError([Problem("--stack", stack, f"has no Pulumi.{stack}.yaml above {spec}", fix)])


def described(overrides: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield each field that is set, with its value.

    >>> list(described({"model": {"source": "s3", "token_secret": None}, "accelerators": ["L4", "A10G"]}))
    ['model.source: s3', 'model.token_secret: none', 'accelerators: [L4, A10G]']
    """
    for name, value in overrides.items():
        if isinstance(value, dict) and value:
            yield from described(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}: {_said(value)}"


def _said(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_said, cast('list[object]', value)))}]"
    return "none" if value is None else str(value)
