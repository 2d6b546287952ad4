"""What is wrong with the container definitions of a task?

Stricter than the official provider, which drops unknown keys and never looks at names that refer to nothing.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session

from sandbox.provider.contract import Failure, is_of
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.provider.values import Props

_TYPES = {"string": str, "integer": int, "long": int, "boolean": bool, "list": list, "map": dict, "structure": dict}
_HEALTH_LIMITS = {"interval": (5, 300), "timeout": (2, 120), "retries": (1, 10), "startPeriod": (0, 300)}
_MAX_CONTAINERS = 10


def container_problems(props: Props) -> Iterator[Failure]:
    """Yield what AWS or ECS's agent would refuse in `containerDefinitions`; an unknown document passes."""
    document = props.get("containerDefinitions")
    if document is UNKNOWN or document is None:
        return
    try:
        containers = json.loads(document)
    except ValueError as error:
        yield Failure("containerDefinitions", f"contains invalid JSON: {error}")
        return
    if not isinstance(containers, list) or not 1 <= len(containers) <= _MAX_CONTAINERS:
        yield Failure("containerDefinitions", f"must be a JSON list of 1 to {_MAX_CONTAINERS} containers")
        return
    shape_failures = [
        failure
        for index, container in enumerate(containers)
        for failure in _shape_problems(_container_shape(), container, f"containerDefinitions[{index}]")
    ]
    yield from shape_failures or _meaning_problems(containers, props)


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


def _meaning_problems(containers: list[dict[str, Any]], props: Props) -> Iterator[Failure]:
    by_name = {container.get("name"): container for container in containers}
    volumes = props.get("volumes", [])
    volume_names = (
        None if volumes is UNKNOWN else {volume.get("name") for volume in volumes if isinstance(volume, dict)}
    )
    if not any(container.get("essential", True) for container in containers):
        yield Failure("containerDefinitions", "needs at least one essential container")
    for index, container in enumerate(containers):
        path = f"containerDefinitions[{index}]"
        for key in ("name", "image"):
            if not container.get(key):
                yield Failure(f"{path}.{key}", "required, but not given")
        if [other.get("name") for other in containers[:index]].count(container.get("name")):
            yield Failure(f"{path}.name", f"{container.get('name')!r} is the name of two containers")
        yield from _dependency_problems(container, by_name, path)
        yield from _mount_problems(container, volume_names, path)
        yield from _health_problems(container.get("healthCheck") or {}, f"{path}.healthCheck")
        yield from _memory_problems(container, path, has_task_memory=props.get("memory") is not None)


def _dependency_problems(container: dict[str, Any], by_name: dict[Any, dict[str, Any]], path: str) -> Iterator[Failure]:
    for place, dependency in enumerate(container.get("dependsOn") or []):
        name, condition = dependency.get("containerName"), dependency.get("condition")
        here = f"{path}.dependsOn[{place}]"
        other = by_name.get(name)
        if other is None or name == container.get("name"):
            yield Failure(f"{here}.containerName", f"{name!r} is no other container of this task")
        elif condition == "HEALTHY" and not other.get("healthCheck"):
            yield Failure(f"{here}.condition", f"HEALTHY, but {name!r} has no health check")
        elif condition in ("COMPLETE", "SUCCESS") and other.get("essential", True):
            yield Failure(f"{here}.condition", f"{condition}, but {name!r} is essential, so its exit stops the task")


def _mount_problems(container: dict[str, Any], volumes: set[Any] | None, path: str) -> Iterator[Failure]:
    for place, mount in enumerate(container.get("mountPoints") or []):
        name = mount.get("sourceVolume")
        if volumes is not None and UNKNOWN not in volumes and name not in volumes:
            known = ", ".join(sorted(str(item) for item in volumes)) or "none"
            yield Failure(
                f"{path}.mountPoints[{place}].sourceVolume", f"{name!r} is no volume of this task; it has {known}"
            )


def _health_problems(check: dict[str, Any], path: str) -> Iterator[Failure]:
    for name, (low, high) in _HEALTH_LIMITS.items():
        value = check.get(name)
        if value is not None and not low <= value <= high:
            yield Failure(f"{path}.{name}", f"expected {low} to {high}, got {value}")
    if check and not check.get("command"):
        yield Failure(f"{path}.command", "required, but not given")


def _memory_problems(container: dict[str, Any], path: str, *, has_task_memory: bool) -> Iterator[Failure]:
    memory, reservation = container.get("memory"), container.get("memoryReservation")
    if memory is None and reservation is None and not has_task_memory:
        yield Failure(f"{path}.memory", "memory or memoryReservation is needed when the task has no memory")
    if memory is not None and reservation is not None and memory < reservation:
        yield Failure(f"{path}.memoryReservation", f"{reservation} MiB is more than memory, {memory} MiB")


@cache
def _container_shape() -> Any:
    model = botocore.session.get_session().get_service_model("ecs")
    return model.shape_for("ContainerDefinition")
