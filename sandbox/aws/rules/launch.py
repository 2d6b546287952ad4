"""Could a task start? A real ECS takes the service and fails its tasks later; here none runs, so it is said at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.ec2.models import ec2_backends
from moto.efs.models import efs_backends
from moto.logs.models import logs_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.ecs.models import TaskDefinition

_ARN_PARTS_OF_A_SECRET = 7


def require_startable(region: str, task: TaskDefinition, subnets: list[str]) -> None:
    """Raise with all reasons why tasks of this definition would stop before their containers run."""
    reasons = [
        *_missing_secrets(region, task),
        *_missing_log_groups(region, task),
        *_missing_mounts(region, task, subnets),
    ]
    if reasons:
        raise AwsError("InvalidParameterException", f"tasks could not start: {'; '.join(reasons)}")


def require_network(region: str, subnets: list[str], groups: list[str]) -> None:
    """Raise when a task's network names a subnet or a security group that does not exist."""
    ec2 = ec2_backends[ACCOUNT_ID][region]
    known = {subnet for by_zone in ec2.subnets.values() for subnet in by_zone}
    known |= {group for by_id in ec2.groups.values() for group in by_id}
    for kind, ids in (("subnet", subnets), ("security group", groups)):
        if missing := [name for name in ids if name not in known]:
            raise AwsError(
                "InvalidParameterException", f"Error retrieving {kind} information for {missing}: it does not exist"
            )


def _missing_secrets(region: str, task: TaskDefinition) -> Iterator[str]:
    for container in task.container_definitions:
        for secret in container.get("secrets", []):
            source = secret["valueFrom"]
            if not (
                _secret_exists(region, source) if ":secretsmanager:" in source else _parameter_exists(region, source)
            ):
                yield f"container {container['name']}: secret {secret['name']} refers to {source}, which does not exist"


def _secret_exists(region: str, source: str) -> bool:
    # arn:aws:secretsmanager:<region>:<account>:secret:<name>-<suffix>[:<key>:<stage>:<version>]
    arn = ":".join(source.split(":")[:_ARN_PARTS_OF_A_SECRET])
    secrets = secretsmanager_backends[ACCOUNT_ID][region].secrets.values()
    return any(not secret.is_deleted() and arn in {secret.arn, secret.arn.rpartition("-")[0]} for secret in secrets)


def _parameter_exists(region: str, source: str) -> bool:
    name = source.partition(":parameter")[2] or source
    return bool(ssm_backends[ACCOUNT_ID][region].get_parameters([name, name.removeprefix("/")]))


def _missing_log_groups(region: str, task: TaskDefinition) -> Iterator[str]:
    for container in task.container_definitions:
        logging = container.get("logConfiguration", {})
        options = logging.get("options", {})
        group = options.get("awslogs-group")
        if logging.get("logDriver") != "awslogs" or options.get("awslogs-create-group") == "true":
            continue
        if group not in logs_backends[ACCOUNT_ID][options.get("awslogs-region", region)].groups:
            yield f"container {container['name']}: log group {group} does not exist"


def _missing_mounts(region: str, task: TaskDefinition, subnets: list[str]) -> Iterator[str]:
    by_zone = ec2_backends[ACCOUNT_ID][region].subnets
    zones = {zone for zone, known in by_zone.items() for subnet in subnets if subnet in known}
    for volume in task.volumes:
        file_system_id = volume.get("efsVolumeConfiguration", {}).get("fileSystemId")
        file_system = efs_backends[ACCOUNT_ID][region].file_systems_by_id.get(file_system_id)
        if file_system is None:
            continue
        mounted = {target.availability_zone_name for target in file_system.iter_mount_targets()}
        for zone in sorted(zones - mounted):
            yield f"volume {volume['name']}: file system {file_system_id} has no mount target in {zone}"
