"""Which containers does ECS refuse to run together in a task?

The provider asks at preview, the local AWS when they are registered. What is not known yet (no text, no list) passes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Containers = list[dict[str, Any]]
    Problem = tuple[str, str]
    """Path in the task definition, and what is wrong there."""

MAX_CONTAINERS = 10
_NAME = re.compile(r"[\w-]{1,255}", re.ASCII)
_HEALTH_LIMITS = {"interval": (5, 300), "timeout": (2, 120), "retries": (1, 10), "startPeriod": (0, 300)}
_LEAST_MEMORY_MIB = 6
_AWSLOGS_NEEDS = ("awslogs-group", "awslogs-region")
_AWSLOGS_OPTIONS = {
    *_AWSLOGS_NEEDS,
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-multiline-pattern",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
}
_FARGATE_STOP_SECONDS = 120
# vCPU units -> lowest and highest memory, and its steps, in MiB.
_FARGATE_MEMORY = {
    256: (512, 2048, 512),
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16384, 1024),
    4096: (8192, 30720, 1024),
    8192: (16384, 61440, 4096),
    16384: (32768, 122880, 8192),
}


def problems(task: Mapping[str, Any], containers: Containers) -> Iterator[Problem]:
    """Yield what ECS refuses; `task` has the members of RegisterTaskDefinition, `containers` its definitions."""
    if not 1 <= len(containers) <= MAX_CONTAINERS:
        yield "containerDefinitions", f"must be a list of 1 to {MAX_CONTAINERS} containers"
        return
    if not any(container.get("essential", True) for container in containers):
        yield "containerDefinitions", "needs at least one essential container"
    names = [container.get("name") for container in containers]
    for index, container in enumerate(containers):
        path = f"containerDefinitions[{index}]"
        yield from _name_problems(names[: index + 1], path)
        if not container.get("image"):
            yield f"{path}.image", "required, but not given"
        yield from _dependency_problems(container, containers, path)
        yield from _mount_problems(container, task, path)
        yield from _health_problems(container.get("healthCheck") or {}, f"{path}.healthCheck")
        yield from _memory_problems(container, task, path)
        yield from _environment_problems(container, path)
        yield from _log_problems(container.get("logConfiguration") or {}, f"{path}.logConfiguration")
        yield from _gpu_problems(container, task, path)
    yield from _cycle_problems(containers)
    yield from _port_problems(task, containers)
    yield from _task_problems(task, containers)


def _name_problems(names: list[Any], path: str) -> Iterator[Problem]:
    name = names[-1]
    if not name:
        yield f"{path}.name", "required, but not given"
    elif not _NAME.fullmatch(name):
        yield f"{path}.name", f"{name!r} must hold at most 255 letters, digits, - and _"
    elif name in names[:-1]:
        yield f"{path}.name", f"{name!r} is the name of two containers"


def _dependency_problems(container: dict[str, Any], containers: Containers, path: str) -> Iterator[Problem]:
    others = {other.get("name"): other for other in containers if other is not container}
    for place, dependency in enumerate(container.get("dependsOn") or []):
        name, condition = dependency.get("containerName"), dependency.get("condition")
        here = f"{path}.dependsOn[{place}]"
        other = others.get(name)
        if other is None:
            yield f"{here}.containerName", f"{name!r} is no other container of this task"
        elif condition == "HEALTHY" and not other.get("healthCheck"):
            yield f"{here}.condition", f"HEALTHY, but {name!r} has no health check"
        elif condition in ("COMPLETE", "SUCCESS") and other.get("essential", True):
            yield f"{here}.condition", f"{condition}, but {name!r} is essential, so its exit stops the task"


def _mount_problems(container: dict[str, Any], task: Mapping[str, Any], path: str) -> Iterator[Problem]:
    known = _volume_names(task)
    mounts = container.get("mountPoints") or []
    for place, mount in enumerate(mounts):
        name, here = mount.get("sourceVolume"), f"{path}.mountPoints[{place}]"
        if known is not None and name not in known:
            yield f"{here}.sourceVolume", f"{name!r} is no volume of this task; it has {', '.join(known) or 'none'}"
        if mount.get("containerPath") in [other.get("containerPath") for other in mounts[:place]]:
            yield f"{here}.containerPath", f"{mount.get('containerPath')!r} is mounted twice"


def _volume_names(task: Mapping[str, Any]) -> list[str] | None:
    """Return the names of the task's volumes; None while one of them is not known."""
    volumes = task.get("volumes", [])
    if not isinstance(volumes, list):
        return None
    names = [volume.get("name") for volume in volumes if isinstance(volume, dict)]
    known = sorted(name for name in names if isinstance(name, str))
    return known if len(known) == len(volumes) else None


def _health_problems(check: dict[str, Any], path: str) -> Iterator[Problem]:
    for name, (low, high) in _HEALTH_LIMITS.items():
        value = check.get(name)
        if value is not None and not low <= value <= high:
            yield f"{path}.{name}", f"expected {low} to {high}, got {value}"
    if check and not check.get("command"):
        yield f"{path}.command", "required, but not given"


def _memory_problems(container: dict[str, Any], task: Mapping[str, Any], path: str) -> Iterator[Problem]:
    memory, reservation = container.get("memory"), container.get("memoryReservation")
    if memory is None and reservation is None and task.get("memory") is None:
        yield f"{path}.memory", "memory or memoryReservation is needed when the task has no memory"
    if memory is not None and reservation is not None and memory < reservation:
        yield f"{path}.memoryReservation", f"{reservation} MiB is more than memory, {memory} MiB"
    for name, value in (("memory", memory), ("memoryReservation", reservation)):
        if value is not None and value < _LEAST_MEMORY_MIB:
            yield f"{path}.{name}", f"{value} MiB is less than {_LEAST_MEMORY_MIB} MiB, the least a container may have"


def _environment_problems(container: dict[str, Any], path: str) -> Iterator[Problem]:
    taken = {variable.get("name") for variable in container.get("environment") or []}
    for place, secret in enumerate(container.get("secrets") or []):
        if secret.get("name") in taken:
            yield f"{path}.secrets[{place}].name", f"{secret.get('name')!r} is the name of two variables"
        taken.add(secret.get("name"))


def _log_problems(logging: dict[str, Any], path: str) -> Iterator[Problem]:
    options = logging.get("options") or {}
    if logging.get("logDriver") != "awslogs":
        return
    for name in _AWSLOGS_NEEDS:
        if not options.get(name):
            yield f"{path}.options.{name}", "required, but not given"
    for name in sorted(options.keys() - _AWSLOGS_OPTIONS):
        yield f"{path}.options.{name}", f"awslogs has no such option; it has {', '.join(sorted(_AWSLOGS_OPTIONS))}"


def _gpu_problems(container: dict[str, Any], task: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for place, requirement in enumerate(container.get("resourceRequirements") or []):
        if requirement.get("type") != "GPU":
            continue
        here, count = f"{path}.resourceRequirements[{place}]", str(requirement.get("value"))
        if not (count.isdecimal() and int(count)):
            yield f"{here}.value", f"the GPU count {count!r} is no positive number"
        if _is_fargate(task):
            yield here, "Fargate has no GPUs"


def _cycle_problems(containers: Containers) -> Iterator[Problem]:
    names = {container.get("name") for container in containers}
    waiting = {
        container.get("name"): {item.get("containerName") for item in container.get("dependsOn") or []} & names
        for container in containers
    }
    while free := [name for name, needed in waiting.items() if not needed & waiting.keys()]:
        for name in free:
            del waiting[name]
    if waiting:
        cycle = ", ".join(sorted(str(name) for name in waiting))
        yield "containerDefinitions", f"there is a cycle in the dependencies of {cycle}"


def _port_problems(task: Mapping[str, Any], containers: Containers) -> Iterator[Problem]:
    if task.get("networkMode") != "awsvpc":
        return
    taken: set[Any] = set()
    for index, container in enumerate(containers):
        for place, mapping in enumerate(container.get("portMappings") or []):
            path = f"containerDefinitions[{index}].portMappings[{place}]"
            port = mapping.get("containerPort")
            if mapping.get("hostPort") not in (None, 0, port):
                yield f"{path}.hostPort", f"must equal containerPort, {port}, when networkMode is awsvpc"
            listener = (port, mapping.get("protocol", "tcp"))
            if port is not None and listener in taken:
                yield f"{path}.containerPort", f"{port} is taken by another container: they share one network"
            taken.add(listener)


def _task_problems(task: Mapping[str, Any], containers: Containers) -> Iterator[Problem]:
    names = _volume_names(task) or []
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield "volumes", f"{name!r} is the name of two volumes"
    if any(container.get("secrets") for container in containers) and not task.get("executionRoleArn"):
        yield "executionRoleArn", "must be given when a container has secrets"
    memory = _number(task.get("memory"))
    total = sum(container.get("memory") or container.get("memoryReservation") or 0 for container in containers)
    if memory is not None and total > memory:
        yield "memory", f"the containers need {total} MiB, the task has {memory} MiB"
    if _is_fargate(task):
        yield from _fargate_problems(task)
        yield from _unknown_to_fargate(containers)


def _fargate_problems(task: Mapping[str, Any]) -> Iterator[Problem]:
    if task.get("networkMode") in (None, "bridge", "host", "none"):
        yield "networkMode", "must be awsvpc on Fargate"
    for name in ("cpu", "memory"):
        if task.get(name) is None:
            yield name, "must be given on Fargate"
    cpu, memory = _number(task.get("cpu")), _number(task.get("memory"))
    if cpu is None or memory is None:
        return
    low, high, step = _FARGATE_MEMORY.get(cpu, (0, 0, 1))
    if not high:
        yield "cpu", f"Fargate has no size of {cpu} units; it has {', '.join(map(str, _FARGATE_MEMORY))}"
    elif memory not in (*range(low, high + 1, step), low):
        yield "memory", f"with {cpu} units Fargate takes {low} to {high} MiB in steps of {step}, got {memory}"


def _unknown_to_fargate(containers: Containers) -> Iterator[Problem]:
    for index, container in enumerate(containers):
        path = f"containerDefinitions[{index}]"
        stop = container.get("stopTimeout")
        if stop is not None and stop > _FARGATE_STOP_SECONDS:
            yield f"{path}.stopTimeout", f"Fargate waits {_FARGATE_STOP_SECONDS} s at most, got {stop}"
        if (container.get("linuxParameters") or {}).get("sharedMemorySize"):
            yield f"{path}.linuxParameters.sharedMemorySize", "is not supported on Fargate"
        for place, limit in enumerate(container.get("ulimits") or []):
            if limit.get("name") != "nofile":
                yield f"{path}.ulimits[{place}].name", f"Fargate sets nofile alone, got {limit.get('name')}"


def _is_fargate(task: Mapping[str, Any]) -> bool:
    kinds = task.get("requiresCompatibilities")
    return isinstance(kinds, list) and "FARGATE" in kinds


def _number(value: Any) -> int | None:
    """Return a size in plain units; AWS takes "1 vCPU" and "2 GB" too, which nobody here judges."""
    return int(value) if isinstance(value, str) and value.isdecimal() else None
