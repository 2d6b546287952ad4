"""What is wrong with the container definitions of a task?

Stricter than the official provider, which drops unknown keys and never looks at names that refer to nothing.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session

from sandbox import containers
from sandbox.provider.contract import Failure, is_of
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.provider.values import Props

_TYPES = {"string": str, "integer": int, "long": int, "boolean": bool, "list": list, "map": dict, "structure": dict}


def container_problems(props: Props) -> Iterator[Failure]:
    """Yield what AWS would refuse in `containerDefinitions` and around it; an unknown document passes."""
    document = props.get("containerDefinitions")
    if document is UNKNOWN or document is None:
        return
    try:
        definitions = json.loads(document)
    except ValueError as error:
        yield Failure("containerDefinitions", f"contains invalid JSON: {error}")
        return
    if not isinstance(definitions, list):
        yield Failure("containerDefinitions", f"must be a JSON list of 1 to {containers.MAX_CONTAINERS} containers")
        return
    shape_failures = [
        failure
        for index, container in enumerate(definitions)
        for failure in _shape_problems(_container_shape(), container, f"containerDefinitions[{index}]")
    ]
    yield from shape_failures or (Failure(*problem) for problem in containers.problems(props, definitions))


def _shape_problems(shape: Any, value: Any, path: str) -> Iterator[Failure]:
    kind = shape.type_name
    if value is None:
        return
    if kind in _TYPES and not is_of(_TYPES[kind], value):
        article = "an" if kind[0] in "aeiou" else "a"
        yield Failure(path, f"must be {article} {kind}, got {type(value).__name__}")
    elif kind == "structure":
        yield from _structure_problems(shape, value, path)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from _shape_problems(shape.member, item, f"{path}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from _shape_problems(shape.value, item, f"{path}.{key}")
    elif kind == "string" and getattr(shape, "enum", None) and value not in shape.enum:
        yield Failure(path, f"expected one of {', '.join(shape.enum)}; got {value!r}")


def _structure_problems(shape: Any, value: dict[str, Any], path: str) -> Iterator[Failure]:
    for key, item in value.items():
        if key not in shape.members:
            yield Failure(f"{path}.{key}", f"no setting of this name; known are {', '.join(sorted(shape.members))}")
        else:
            yield from _shape_problems(shape.members[key], item, f"{path}.{key}")
    for key in shape.required_members:
        if key not in value:
            yield Failure(f"{path}.{key}", "required, but not given")


@cache
def _container_shape() -> Any:
    model = botocore.session.get_session().get_service_model("ecs")
    return model.shape_for("ContainerDefinition")
