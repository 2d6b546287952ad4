"""How a spec file becomes a `ServiceSpec`, with all its errors reported together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from components.errors import SpecError
from components.spec.checks import Groups, check
from components.spec.config_file import FOLDER
from components.spec.document import merged, read_document
from components.spec.idle import IdleSpec
from components.spec.problems import problems_of
from components.spec.schedule import ScheduleSpec
from components.spec.service import ServiceSpec
from components.spec.traffic import LoadSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.spec.group import Group

_OPTIONAL: Mapping[str, type[Group]] = {"load": LoadSpec, "schedule": ScheduleSpec, "idle": IdleSpec}
"""Groups that may be left out, and that are checked together with others."""


def load_spec(path: Path, overrides: Mapping[str, Any] | None = None, environment: str | None = None) -> ServiceSpec:
    """Return the spec of a file with the stack's overrides; `SpecError` with every problem found.

    `environment` is the stack's, used where the spec names none.
    """
    document = read_document(path)
    return parse_spec(merged(document, overrides or {}), str(path), overrides, environment)


def parse_spec(
    data: Mapping[str, Any],
    file: str,
    overrides: Mapping[str, Any] | None = None,
    environment: str | None = None,
) -> ServiceSpec:
    """Return the spec that a mapping holds; `file` is named in the errors, `overrides` marks what came from a stack."""
    data = {**({"environment": environment} if environment else {}), **data}

    def place(dotted: str) -> str:
        return f"{file}{' (overridden by the stack)' if _reaches(overrides, dotted) else ''}: {dotted}"

    context = {FOLDER: Path(file).parent}
    try:
        spec = ServiceSpec.model_validate(data, context=context)
    except ValidationError as error:
        groups = _valid_groups(data, error, context)
        raise SpecError([*problems_of(error, ServiceSpec, place), *check(groups, place)]) from error
    problems = check(_groups(dict(spec)), place)
    if problems:
        raise SpecError(problems)
    return spec


def _valid_groups(data: Mapping[str, Any], error: ValidationError, context: Mapping[str, Any]) -> Groups:
    """Return the groups that no error touches, so that the checks between groups still run on them."""
    broken = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
    valid: dict[str, Any] = {}
    for name, field in ServiceSpec.model_fields.items():
        if name in broken:
            continue
        if name not in data:
            valid[name] = None if field.is_required() else field.get_default(call_default_factory=True)
        else:
            valid[name] = _validated(name, field.annotation, data[name], context)
    return _groups(valid)


def _validated(name: str, annotation: object, value: object, context: Mapping[str, Any]) -> object:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.model_validate(value, context=context)
    if name in _OPTIONAL:
        return None if value is None else _OPTIONAL[name].model_validate(value)
    return value


def _groups(values: Mapping[str, Any]) -> Groups:
    runpod = values.get("runpod")
    return Groups(
        environment=values.get("environment") or "dev",
        model=values.get("model"),
        load=values.get("load"),
        gateway=values.get("gateway"),
        network=values.get("network"),
        has_runpod_token=runpod is None or runpod.token_secret is not None,
        # Of an idle that is wrong by itself, nobody can say that it is missing.
        schedule=values.get("schedule") if "idle" in values else None,
        idle=values.get("idle"),
    )


def _reaches(overrides: Mapping[str, Any] | None, dotted: str) -> bool:
    below: object = overrides
    for part in dotted.replace("[", ".[").split("."):
        if not isinstance(below, dict) or part not in below:
            return not isinstance(below, dict) and below is not None
        below = cast("dict[str, object]", below)[part]
    return True
