"""ECS task definitions: containers, volumes and dependencies that refer to each other must exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.efs.models import efs_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

Containers = list[dict[str, Any]]


@rule("ecs", "RegisterTaskDefinition")
def containers_fit_together(call: Call) -> None:
    containers: Containers = call.params["containerDefinitions"]
    if not containers:
        raise _refused("Container definitions should not be empty.")
    names = [container.get("name") for container in containers]
    for name in names:
        if names.count(name) > 1:
            raise _refused(f"Container names must be unique: {name} is used more than once.")
    if not any(container.get("essential", True) for container in containers):
        raise _refused("A task definition must have at least one essential container.")
    for container in containers:
        if not container.get("image"):
            raise _refused(f"Container.image should not be null or empty: {container.get('name')}.")


@rule("ecs", "RegisterTaskDefinition")
def dependencies_can_be_met(call: Call) -> None:
    containers: Containers = call.params["containerDefinitions"]
    by_name = {container["name"]: container for container in containers}
    for container in containers:
        for dependency in container.get("dependsOn", []):
            wanted, condition = dependency["containerName"], dependency["condition"]
            if wanted == container["name"] or wanted not in by_name:
                raise _refused(
                    f"Container {container['name']} depends on {wanted}, which is not another container of the task."
                )
            if condition in {"SUCCESS", "COMPLETE"} and by_name[wanted].get("essential", True):
                raise _refused(f"Container {wanted} is essential: the condition {condition} needs a non-essential one.")
            if condition == "HEALTHY" and "healthCheck" not in by_name[wanted]:
                raise _refused(f"Container {wanted} has no health check: the condition HEALTHY can never be met.")
    _require_no_cycle({name: [d["containerName"] for d in c.get("dependsOn", [])] for name, c in by_name.items()})


@rule("ecs", "RegisterTaskDefinition")
def mounts_have_volumes(call: Call) -> None:
    volumes = {volume["name"] for volume in call.params.get("volumes", [])}
    for container in call.params["containerDefinitions"]:
        for mount in container.get("mountPoints", []):
            if mount.get("sourceVolume") not in volumes:
                raise _refused(
                    f"Unknown volume '{mount.get('sourceVolume')}' in a mount point of container {container['name']}."
                )


@rule("ecs", "RegisterTaskDefinition")
def file_systems_exist(call: Call) -> None:
    efs = efs_backends[ACCOUNT_ID][call.region]
    for volume in call.params.get("volumes", []):
        settings = volume.get("efsVolumeConfiguration")
        if settings is None:
            continue
        file_system = settings["fileSystemId"]
        if file_system not in efs.file_systems_by_id:
            raise _refused(f"Volume {volume['name']}: file system {file_system} does not exist.")
        access_point = settings.get("authorizationConfig", {}).get("accessPointId")
        encrypted = settings.get("transitEncryption") == "ENABLED"
        if settings.get("authorizationConfig", {}).get("iam") == "ENABLED" and not encrypted:
            raise _refused(f"Volume {volume['name']}: IAM authorization needs transitEncryption ENABLED.")
        if access_point is None:
            continue
        if not encrypted:
            raise _refused(f"Volume {volume['name']}: an access point needs transitEncryption ENABLED.")
        if settings.get("rootDirectory", "/") not in {"", "/"}:
            raise _refused(f"Volume {volume['name']}: with an access point the root directory must be omitted or '/'.")
        known = efs.access_points.get(access_point)
        if known is None or known.file_system_id != file_system:
            raise _refused(f"Volume {volume['name']}: {access_point} is not an access point of {file_system}.")


@rule("ecs", "RegisterTaskDefinition")
def sizes_fit(call: Call) -> None:
    containers: Containers = call.params["containerDefinitions"]
    for container in containers:
        memory, reservation = container.get("memory"), container.get("memoryReservation")
        if memory is not None and reservation is not None and reservation > memory:
            raise _refused(f"Container {container['name']}: memoryReservation {reservation} exceeds memory {memory}.")
        if call.params.get("networkMode") == "awsvpc":
            for port in container.get("portMappings", []):
                if port.get("hostPort", port.get("containerPort")) != port.get("containerPort"):
                    raise _refused(
                        "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
                    )
    limit = call.params.get("memory", "")
    total = sum(c.get("memory", c.get("memoryReservation", 0)) for c in containers)
    if limit.isdigit() and total > int(limit):
        raise _refused(f"The containers need {total} MiB of memory, the task has {limit} MiB.")


@rule("ecs", "RegisterTaskDefinition")
def gpus_are_counted(call: Call) -> None:
    for container in call.params["containerDefinitions"]:
        for requirement in container.get("resourceRequirements", []):
            if requirement["type"] == "GPU" and not (requirement["value"].isdigit() and int(requirement["value"])):
                raise _refused(
                    f"Container {container['name']}: the GPU count '{requirement['value']}' is no positive number."
                )


@rule("ecs", "RegisterTaskDefinition")
def secrets_have_a_role(call: Call) -> None:
    uses_secrets = any(container.get("secrets") for container in call.params["containerDefinitions"])
    if uses_secrets and not call.params.get("executionRoleArn"):
        raise _refused(
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
        )


def _require_no_cycle(dependencies: dict[str, list[str]]) -> None:
    done: set[str] = set()
    while len(done) < len(dependencies):
        free = {name for name, needs in dependencies.items() if name not in done and done.issuperset(needs)}
        if not free:
            cycle = ", ".join(sorted(dependencies.keys() - done))
            raise _refused(f"There is a cycle in the dependencies of the containers {cycle}.")
        done |= free


def _refused(message: str) -> AwsError:
    return AwsError("ClientException", message)
