"""ECS task definitions: containers that fit together, with roles and file systems that exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from moto.efs.models import efs_backends
from moto.iam.models import iam_backends

from sandbox import containers
from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_FAMILY = re.compile(r"[\w-]{1,255}", re.ASCII)


@rule("ecs", "RegisterTaskDefinition")
def containers_fit_together(call: Call) -> None:
    for path, reason in containers.problems(call.params, call.params["containerDefinitions"]):
        raise _refused(f"{path}: {reason}")


@rule("ecs", "RegisterTaskDefinition")
def family_is_legal(call: Call) -> None:
    if not _FAMILY.fullmatch(call.params["family"]):
        raise _refused("Family contains invalid characters: it takes 1-255 letters, digits, hyphens and underscores.")


@rule("ecs", "RegisterTaskDefinition")
def roles_exist(call: Call) -> None:
    roles = iam_backends[ACCOUNT_ID]["aws"].roles.values()
    known = {text for role in roles for text in (role.arn, role.name)}
    for member in ("executionRoleArn", "taskRoleArn"):
        role = call.params.get(member)
        if role and role not in known:
            raise _refused(f"Role is not valid: {member} {role}")


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


def _refused(message: str) -> AwsError:
    return AwsError("ClientException", message)
