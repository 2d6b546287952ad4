"""What is wrong with container definitions, and where?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from provider_case import containers
from provider_engine import CheckFailedError

if TYPE_CHECKING:
    from provider_engine import Engine

TASK = "aws:ecs/taskDefinition:TaskDefinition"
INPUTS = {"family": "f", "volumes": [{"name": "models"}]}


def _without(**change: Any) -> list[dict[str, Any]]:
    weights, vllm = json.loads(containers("vllm:1"))
    vllm |= change
    return [weights, {key: value for key, value in vllm.items() if value is not None}]


BAD_CONTAINERS = [
    ([], "containerDefinitions", "must be a list of 1 to 10 containers"),
    ({}, "containerDefinitions", "must be a JSON list of 1 to 10 containers"),
    (_without(memoryy=1), "containerDefinitions[1].memoryy", "no setting of this name"),
    (_without(memory="14000"), "containerDefinitions[1].memory", "must be an integer, got str"),
    (_without(image=None), "containerDefinitions[1].image", "required, but not given"),
    (_without(name="weights", dependsOn=[]), "containerDefinitions[1].name", "is the name of two containers"),
    (
        _without(dependsOn=[{"containerName": "loader", "condition": "SUCCESS"}]),
        "containerDefinitions[1].dependsOn[0].containerName",
        "'loader' is no other container of this task",
    ),
    (
        _without(dependsOn=[{"containerName": "weights", "condition": "HEALTHY"}]),
        "containerDefinitions[1].dependsOn[0].condition",
        "HEALTHY, but 'weights' has no health check",
    ),
    (
        _without(dependsOn=[{"containerName": "weights", "condition": "DONE"}]),
        "containerDefinitions[1].dependsOn[0].condition",
        "expected one of START, COMPLETE, SUCCESS, HEALTHY",
    ),
    (
        _without(mountPoints=[{"sourceVolume": "cache"}]),
        "containerDefinitions[1].mountPoints[0].sourceVolume",
        "'cache' is no volume of this task; it has models",
    ),
    (
        _without(healthCheck={"command": ["CMD", "true"], "interval": 1}),
        "containerDefinitions[1].healthCheck.interval",
        "expected 5 to 300, got 1",
    ),
    (_without(name="v llm"), "containerDefinitions[1].name", "must hold at most 255 letters"),
    (_without(memory=4), "containerDefinitions[1].memory", "4 MiB is less than 6 MiB"),
    (
        _without(environment=[{"name": "A", "value": "1"}], secrets=[{"name": "A", "valueFrom": "arn:x"}]),
        "containerDefinitions[1].secrets[0].name",
        "'A' is the name of two variables",
    ),
    (
        _without(mountPoints=[{"sourceVolume": "models", "containerPath": "/m"}] * 2),
        "containerDefinitions[1].mountPoints[1].containerPath",
        "'/m' is mounted twice",
    ),
    (
        _without(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-region": "eu-west-1"}}),
        "containerDefinitions[1].logConfiguration.options.awslogs-group",
        "required, but not given",
    ),
    (
        _without(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-grup": "x"}}),
        "containerDefinitions[1].logConfiguration.options.awslogs-grup",
        "awslogs has no such option",
    ),
    (_without(secrets=[{"name": "A", "valueFrom": "arn:x"}]), "executionRoleArn", "must be given when"),
    (
        _without(environment=[{"name": "A", "value": 1}]),
        "containerDefinitions[1].environment[0].value",
        "must be a string, got int",
    ),
    (
        _without(resourceRequirements=[{"type": "GPU", "value": 1}]),
        "containerDefinitions[1].resourceRequirements[0].value",
        "must be a string, got int",
    ),
]


@pytest.mark.parametrize(("definitions", "path", "reason"), BAD_CONTAINERS)
def test_container_definitions_are_checked_to_the_leaf(
    engine: Engine, definitions: Any, path: str, reason: str
) -> None:
    """What the official provider drops or passes on is refused, at its place."""
    with pytest.raises(CheckFailedError) as caught:
        engine.check(TASK, "x", {**INPUTS, "containerDefinitions": json.dumps(definitions)})
    assert path in caught.value.failures
    assert reason in caught.value.failures[path]


FARGATE = {
    "family": "f",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
}
BAD_TASKS = [
    ({"networkMode": "bridge"}, "networkMode", "must be awsvpc on Fargate"),
    ({"cpu": None}, "cpu", "must be given on Fargate"),
    ({"cpu": "300"}, "cpu", "Fargate has no size of 300 units"),
    ({"memory": "8192"}, "memory", "with 256 units Fargate takes 512 to 2048 MiB in steps of 512, got 8192"),
    ({"memory": "64"}, "memory", "the containers need 128 MiB, the task has 64 MiB"),
    ({"volumes": [{"name": "a"}, {"name": "a"}]}, "volumes", "'a' is the name of two volumes"),
]


@pytest.mark.parametrize(("change", "path", "reason"), BAD_TASKS)
def test_a_task_is_checked_with_its_containers(engine: Engine, change: Any, path: str, reason: str) -> None:
    """Sizes, network and volumes that do not go together are refused at preview, and the whole task passes."""
    definitions = json.dumps([{"name": "front", "image": "front", "memory": 128}])
    engine.check(TASK, "x", {**FARGATE, "containerDefinitions": definitions})
    task = {key: value for key, value in {**FARGATE, **change}.items() if value is not None}
    with pytest.raises(CheckFailedError) as caught:
        engine.check(TASK, "x", {**task, "containerDefinitions": definitions})
    assert reason in caught.value.failures[path]


FARGATE_CONTAINERS = [
    ({"stopTimeout": 300}, "stopTimeout", "Fargate waits 120 s at most, got 300"),
    ({"linuxParameters": {"sharedMemorySize": 64}}, "linuxParameters.sharedMemorySize", "is not supported on Fargate"),
    (
        {"ulimits": [{"name": "memlock", "softLimit": -1, "hardLimit": -1}]},
        "ulimits[0].name",
        "Fargate sets nofile alone, got memlock",
    ),
]


@pytest.mark.parametrize(("change", "path", "reason"), FARGATE_CONTAINERS)
def test_fargate_has_limits_of_its_own(engine: Engine, change: Any, path: str, reason: str) -> None:
    """What EC2 would take, and Fargate does not, is refused at its place."""
    container = {"name": "front", "image": "front", "memory": 128}
    with pytest.raises(CheckFailedError) as caught:
        engine.check(TASK, "x", {**FARGATE, "containerDefinitions": json.dumps([{**container, **change}])})
    assert caught.value.failures[f"containerDefinitions[0].{path}"] == reason
