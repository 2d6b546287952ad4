"""What can be wrong with a stack's configuration, and what to do about it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel

from components.errors import Problem, did_you_mean
from components.spec.problems import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pydantic import ValidationError

    from components.stack import StackConfig

AVAILABLE_TARGETS = ("ecs", "sagemaker", "runpod", "local")
_TYPES = {"dict_type": "a mapping", "model_type": "a mapping", "string_type": "a text", "tuple_type": "a list"}
_STACK_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


def name_problems(stack: str) -> list[Problem]:
    """Return what is wrong with a stack's name."""
    if _STACK_NAME.fullmatch(stack):
        return []
    fix = "use up to 40 lower-case letters, digits and dashes, starting with a letter"
    return [Problem("stack", stack, "is not a name that AWS resources can carry", fix)]


def shape_problems(error: ValidationError, root: type[BaseModel], stack: str) -> Iterator[Problem]:
    """Return what pydantic found, with a fix for each."""
    for detail in error.errors():
        path = _path(detail["loc"])
        place = _place(stack, path)
        kind, last = detail["type"], str(detail["loc"][-1])
        if kind == "extra_forbidden":
            yield Problem(place, "", "is not a setting", did_you_mean(last, _settings(root, detail["loc"][:-1])))
        elif kind == "missing":
            yield Problem(place, "", "is missing", "set it, as in stacks/Pulumi.local.yaml")
        elif kind in _TYPES:
            yield Problem(place, shown(detail["input"]), f"is not {_TYPES[kind]}", "see stacks/Pulumi.local.yaml")
        else:
            yield Problem(place, shown(detail["input"]), "is not a name", "use lower-case letters, digits and dashes")


def service_problems(config: StackConfig, stack: str, directory: Path) -> Iterator[Problem]:
    """Return the services whose target or spec file is not there."""
    if not config.services:
        yield Problem(_place(stack, "services"), "", "is empty", "name a service, as in stacks/Pulumi.local.yaml")
    if any(entry.target == "ecs" for entry in config.services):
        for name in ("gateway", "weight_cache"):
            if getattr(config.images, name) is None:
                yield missing_image(stack, name)
    for index, entry in enumerate(config.services):
        place = f"services[{index}]"
        if entry.target not in AVAILABLE_TARGETS:
            yield Problem(
                _place(stack, f"{place}.target"),
                entry.target,
                "is not a target",
                did_you_mean(entry.target, AVAILABLE_TARGETS),
            )
        if not (directory / entry.spec).is_file():
            there = sorted(f"services/{path.name}" for path in (directory / "services").glob("*.yaml"))
            yield Problem(
                _place(stack, f"{place}.spec"),
                entry.spec,
                f"is not a file in {directory.name}/",
                did_you_mean(entry.spec, there) if there else "write the spec there",
            )


def duplicate(stack: str, name: str, first: int, second: int) -> Problem:
    """Return the problem of two services with one name."""
    return Problem(
        _place(stack, f"services[{second}]"),
        name,
        f"is already the name of services[{first}]",
        f"give one of them another: overrides: {{name: {name}-2}}",
    )


def missing_region(stack: str) -> Problem:
    """Return the problem of a stack that has something in AWS, and does not say where."""
    fix = f"pulumi config set --stack {stack} aws:region us-east-1"
    return Problem(f"stacks/Pulumi.{stack}.yaml: aws:region", "", "is missing", fix)


def missing_image(stack: str, name: str) -> Problem:
    """Return the problem of an image that a service needs and the stack does not name."""
    return Problem(
        _place(stack, f"images.{name}"),
        "",
        "is missing",
        f"build images/{name}, push it, and set what the push printed:"
        f" pulumi config set --stack {stack} --path 'berth:images.{name}' NAME@sha256:DIGEST",
    )


def _place(stack: str, path: str) -> str:
    return f"stacks/Pulumi.{stack}.yaml: berth:{path}"


def _path(location: Sequence[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")


def _settings(root: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    group = root
    for part in location:
        if isinstance(part, str):
            group = _group_in(group.model_fields[part].annotation)
    return list(group.model_fields)


def _group_in(annotation: object) -> type[BaseModel]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return _group_in(next(part for part in get_args(annotation) if part is not Ellipsis))
