"""How is a task definition registered in the ECS API?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox.provider.comparison import Comparison, containers_form
from sandbox.provider.container_definitions import container_problems
from sandbox.provider.resource import Answer, Call, Instance, Resource
from sandbox.provider.rules import arn, between, matches, one_of
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props


def _with_containers(props: Props) -> Props:
    document: Any = props.get("containerDefinitions")
    try:
        containers = UNKNOWN if document is UNKNOWN else json.loads(document)
    except (ValueError, TypeError):
        containers = UNKNOWN  # a rule says what is wrong with it
    volumes = props.get("volumes")
    hosted = {"volumes": [_hosted(volume) for volume in volumes]} if isinstance(volumes, list) else {}
    return {**props, **hosted, "containerDefinitions": containers if isinstance(containers, list) else UNKNOWN}


def _hosted(volume: Any) -> Any:
    if not isinstance(volume, dict) or "hostPath" not in volume:
        return volume
    rest = {name: value for name, value in volume.items() if name != "hostPath"}
    return {**rest, "host": {"sourcePath": volume["hostPath"]}}


def _task_definition(aws: Aws, task: Instance) -> Answer | None:
    try:
        answer = aws("ecs").describe_task_definition(taskDefinition=task.get("arn") or task.id, include=["TAGS"])
    except ClientError as error:
        if "nable to describe" in str(error) or "not found" in str(error).lower():
            return None
        raise
    found = {**answer["taskDefinition"], "tags": answer.get("tags", [])}
    return found if found.get("status", "ACTIVE") == "ACTIVE" else None


def _complete(_aws: Aws, answer: Answer, found: Props, _task: Instance) -> None:
    containers = [
        {key: item for key, item in c.items() if item not in (None, [], {})} for c in answer["containerDefinitions"]
    ]
    found["containerDefinitions"] = json.dumps(containers, separators=(",", ":"), sort_keys=True)
    found["arnWithoutRevision"] = answer["taskDefinitionArn"].rsplit(":", 1)[0]
    for volume, source in zip(found.get("volumes", []), answer.get("volumes", []), strict=False):
        path = (source.get("host") or {}).get("sourcePath")
        if path:
            volume["hostPath"] = path
    found.setdefault("requiresCompatibilities", answer.get("requiresCompatibilities"))


def _deregister(aws: Aws, task: Instance) -> None:
    if not task.get("skipDestroy"):
        aws("ecs").deregister_task_definition(taskDefinition=task.get("arn") or task.id)


TASK_DEFINITION = Resource(
    type_name="aws:ecs/taskDefinition:TaskDefinition",
    service="ecs",
    create=Call("register_task_definition", _with_containers),
    identify=lambda answer, _: answer["taskDefinition"]["family"],
    read=_task_definition,
    delete=_deregister,
    finish=_complete,
    rename={"arn": "taskDefinitionArn"},
    tagging="ecs",
    local=("skipDestroy", "trackLatest"),
    defaults={"skipDestroy": False, "trackLatest": False},
    computed=("networkMode",),
    comparison=Comparison(
        sets=("volumes", "requiresCompatibilities", "placementConstraints"),
        canonical={"containerDefinitions": containers_form},
    ),
    rules=(
        container_problems,
        matches("family", r"[\w-]{1,255}", "must hold only letters, digits, - and _"),
        arn("executionRoleArn"),
        arn("taskRoleArn"),
        one_of("networkMode", "bridge", "host", "awsvpc", "none"),
        one_of("ipcMode", "host", "none", "task"),
        one_of("pidMode", "host", "task"),
        one_of("requiresCompatibilities", "EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"),
        one_of("runtimePlatform.cpuArchitecture", "X86_64", "ARM64"),
        one_of("volumes.efsVolumeConfiguration.transitEncryption", "ENABLED", "DISABLED"),
        one_of("volumes.efsVolumeConfiguration.authorizationConfig.iam", "ENABLED", "DISABLED"),
        between("volumes.efsVolumeConfiguration.transitEncryptionPort", 0, 65535),
        between("ephemeralStorage.sizeInGib", 21, 200),
    ),
)

ENTRIES = (TASK_DEFINITION,)
