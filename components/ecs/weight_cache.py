"""Where do the weights live between tasks: a file system, its access points and its mount targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.ecs import permissions
from components.ecs.containers import (
    CACHE_GID,
    CACHE_UID,
    ENGINE_CACHE_PATH,
    ENGINE_CACHE_VOLUME,
    MODELS_PATH,
    MODELS_VOLUME,
)

if TYPE_CHECKING:
    from components.ecs.firewall import Firewall
    from components.ecs.scope import Scope


@dataclass(frozen=True, slots=True)
class WeightCache:
    """The file system and, by volume name, the access points through which a task uses it."""

    file_system: aws.efs.FileSystem
    access_points: dict[str, aws.efs.AccessPoint]
    mount_targets: list[aws.efs.MountTarget]

    @property
    def access_point_arns(self) -> list[pulumi.Output[str]]:
        """Return the ARNs in a fixed order."""
        return [self.access_points[volume].arn for volume in sorted(self.access_points)]


def make_weight_cache(scope: Scope, firewall: Firewall) -> WeightCache:
    """Make the file system; its encryption and performance mode stay as they are, a change would lose the weights."""
    file_system = aws.efs.FileSystem(
        scope.name("cache"),
        encrypted=True,
        performance_mode="generalPurpose",
        # The API's default, bursting, falls below 1 MiB/s on a file system as small as one model.
        throughput_mode="elastic",
        tags=scope.tagged("cache"),
        opts=scope.options(protect=scope.ecs.protect_weight_cache),
    )
    access_points = {
        volume: _access_point(scope, file_system, volume, path)
        for volume, path in ((MODELS_VOLUME, MODELS_PATH), (ENGINE_CACHE_VOLUME, ENGINE_CACHE_PATH))
    }
    mount_targets = [
        aws.efs.MountTarget(
            scope.name(f"cache-mount-{zone}"),
            file_system_id=file_system.id,
            subnet_id=subnet_id,
            security_groups=[firewall.cache.id],
            opts=scope.options(),
        )
        for zone, subnet_id in scope.subnets.private_zonal_ids.items()
    ]
    return WeightCache(file_system=file_system, access_points=access_points, mount_targets=mount_targets)


def restrict_to(scope: Scope, cache: WeightCache, task_role_arn: pulumi.Output[str]) -> aws.efs.FileSystemPolicy:
    """Let only the tasks of this service mount the file system."""
    policy = pulumi.Output.all(
        file_system_arn=cache.file_system.arn,
        access_point_arns=pulumi.Output.all(*cache.access_point_arns),
        task_role_arn=task_role_arn,
    ).apply(lambda known: permissions.document(permissions.file_system(**known)))
    return aws.efs.FileSystemPolicy(
        scope.name("cache"), file_system_id=cache.file_system.id, policy=policy, opts=scope.options()
    )


def _access_point(scope: Scope, file_system: aws.efs.FileSystem, volume: str, path: str) -> aws.efs.AccessPoint:
    return aws.efs.AccessPoint(
        scope.name(f"cache-{volume}"),
        file_system_id=file_system.id,
        posix_user={"uid": CACHE_UID, "gid": CACHE_GID},
        root_directory={
            "path": path,
            "creation_info": {"owner_uid": CACHE_UID, "owner_gid": CACHE_GID, "permissions": "0755"},
        },
        tags=scope.tagged(f"cache-{volume}"),
        opts=scope.options(),
    )
