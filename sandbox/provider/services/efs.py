"""How is a file system with its mount targets, access points and policy made in the EFS API?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison, policy_form
from sandbox.provider.names import prefixed_name
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, modify
from sandbox.provider.rules import arn, each, json_text, matches, needs, one_of
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_TRANSITIONS = {
    "transitionToArchive": "TransitionToArchive",
    "transitionToIa": "TransitionToIA",
    "transitionToPrimaryStorageClass": "TransitionToPrimaryStorageClass",
}
_DAYS = (1, 7, 14, 30, 60, 90, 180, 270, 365)
_AFTER = tuple(f"AFTER_{days}_DAY{'S' if days > 1 else ''}" for days in _DAYS)


def _with_token(props: Props) -> Props:
    return {"creationToken": prefixed_name("terraform-"), **props}


def _set_lifecycle(aws: Aws, system: Instance) -> None:
    policies = [
        {_TRANSITIONS[name]: value}
        for policy in system.get("lifecyclePolicies") or []
        for name, value in policy.items()
        if name in _TRANSITIONS
    ]
    aws("efs").put_lifecycle_configuration(FileSystemId=system.id, LifecyclePolicies=policies)


def _set_throughput(aws: Aws, system: Instance) -> None:
    mode = system.get("throughputMode") or "bursting"
    rate = {"ProvisionedThroughputInMibps": system.get("provisionedThroughputInMibps")} if mode == "provisioned" else {}
    aws("efs").update_file_system(FileSystemId=system.id, ThroughputMode=mode, **rate)


def _set_protection(aws: Aws, system: Instance) -> None:
    overwrite = (system.get("protection") or {}).get("replicationOverwrite", "ENABLED")
    aws("efs").update_file_system_protection(FileSystemId=system.id, ReplicationOverwriteProtection=overwrite)


def _file_system(aws: Aws, system: Instance) -> Answer | None:
    client = aws("efs")
    found = first(client.describe_file_systems(FileSystemId=system.id), "FileSystems")
    if found is None:
        return None
    lifecycle = client.describe_lifecycle_configuration(FileSystemId=system.id)["LifecyclePolicies"]
    return {**found, "LifecyclePolicies": lifecycle}


def _complete_file_system(aws: Aws, answer: Answer, found: Props, system: Instance) -> None:
    policies = found.get("lifecyclePolicies") or []
    merged: Props = {}
    for policy in policies:
        merged |= policy
    written = system.get("lifecyclePolicies")
    together = isinstance(written, list) and len(written) == 1
    found["lifecyclePolicies"] = ([merged] if merged else []) if together else policies
    found["dnsName"] = f"{system.id}.efs.{aws.region}.{aws.dns_suffix}"
    found["arn"] = answer.get("FileSystemArn") or aws.arn("elasticfilesystem", f"file-system/{system.id}")
    found["name"] = answer.get("Name") or (found.get("tags") or {}).get("Name")
    size = answer.get("SizeInBytes") or {}
    names = {"value": "Value", "valueInIa": "ValueInIA", "valueInStandard": "ValueInStandard"}
    found["sizeInBytes"] = [{name: size.get(member, 0) for name, member in names.items()}]
    overwrite = (answer.get("FileSystemProtection") or {}).get("ReplicationOverwriteProtection")
    if overwrite:
        found["protection"] = {"replicationOverwrite": overwrite}


FILE_SYSTEM = Resource(
    type_name="aws:efs/fileSystem:FileSystem",
    service="efs",
    create=Call("create_file_system", _with_token),
    identify=lambda answer, _: answer["FileSystemId"],
    read=_file_system,
    delete=lambda aws, system: aws("efs").delete_file_system(FileSystemId=system.id),
    steps=(
        Step(("lifecyclePolicies",), _set_lifecycle),
        Step(("throughputMode", "provisionedThroughputInMibps"), _set_throughput, on_create=False),
        Step(("protection",), _set_protection),
    ),
    finish=_complete_file_system,
    tagging="efs",
    defaults={"throughputMode": "bursting"},
    computed=("creationToken", "encrypted", "kmsKeyId", "performanceMode", "protection", "lifecyclePolicies"),
    reflects=("numberOfMountTargets", "sizeInBytes"),
    comparison=Comparison(sets=("lifecyclePolicies",)),
    rules=(
        arn("kmsKeyId"),
        one_of("lifecyclePolicies.transitionToIa", *_AFTER),
        one_of("lifecyclePolicies.transitionToArchive", *_AFTER),
        one_of("lifecyclePolicies.transitionToPrimaryStorageClass", "AFTER_1_ACCESS"),
        one_of("throughputMode", "bursting", "provisioned", "elastic"),
        needs("throughputMode", "provisionedThroughputInMibps", lambda mode: mode == "provisioned"),
        needs("kmsKeyId", "encrypted", bool),
    ),
)


def _mount_target(aws: Aws, target: Instance) -> Answer | None:
    client = aws("efs")
    found = first(client.describe_mount_targets(MountTargetId=target.id), "MountTargets")
    if found is None:
        return None
    groups = client.describe_mount_target_security_groups(MountTargetId=target.id)
    return {**found, "SecurityGroups": groups.get("SecurityGroups", [])}


def _complete_mount_target(aws: Aws, answer: Answer, found: Props, _target: Instance) -> None:
    system, zone = answer["FileSystemId"], answer.get("AvailabilityZoneName", "")
    found["dnsName"] = f"{system}.efs.{aws.region}.{aws.dns_suffix}"
    found["mountTargetDnsName"] = f"{zone}.{found['dnsName']}"
    found["fileSystemArn"] = aws.arn("elasticfilesystem", f"file-system/{system}")


MOUNT_TARGET = Resource(
    type_name="aws:efs/mountTarget:MountTarget",
    service="efs",
    create=Call("create_mount_target"),
    identify=lambda answer, _: answer["MountTargetId"],
    read=_mount_target,
    delete=lambda aws, target: aws("efs").delete_mount_target(MountTargetId=target.id),
    steps=(
        modify(
            "efs", Call("modify_mount_target_security_groups"), "MountTargetId", ("securityGroups",), on_create=False
        ),
    ),
    finish=_complete_mount_target,
    computed=("ipAddress", "ipAddressType", "ipv6Address", "securityGroups"),
    comparison=Comparison(sets=("securityGroups",)),
    rename={"availabilityZoneName": "AvailabilityZoneName"},
    delete_before_replace=True,
)


def _complete_access_point(aws: Aws, answer: Answer, found: Props, _point: Instance) -> None:
    found["arn"] = answer["AccessPointArn"]
    found["fileSystemArn"] = aws.arn("elasticfilesystem", f"file-system/{answer['FileSystemId']}")


def _absolute(value: Any) -> str | None:
    return None if value is UNKNOWN or str(value).startswith("/") else "must be an absolute path"


ACCESS_POINT = Resource(
    type_name="aws:efs/accessPoint:AccessPoint",
    service="efs",
    create=Call("create_access_point"),
    identify=lambda answer, _: answer["AccessPointId"],
    read=lambda aws, point: first(aws("efs").describe_access_points(AccessPointId=point.id), "AccessPoints"),
    delete=lambda aws, point: aws("efs").delete_access_point(AccessPointId=point.id),
    finish=_complete_access_point,
    tagging="efs",
    computed=("rootDirectory",),
    comparison=Comparison(sets=("posixUser.secondaryGids",)),
    rules=(
        each("rootDirectory.path", _absolute),
        matches("rootDirectory.creationInfo.permissions", "[0-7]{3,4}", "must be an octal number of 3 or 4 digits"),
    ),
)

FILE_SYSTEM_POLICY = Resource(
    type_name="aws:efs/fileSystemPolicy:FileSystemPolicy",
    service="efs",
    create=Call("put_file_system_policy"),
    identify=lambda _, props: props["fileSystemId"],
    read=lambda aws, policy: aws("efs").describe_file_system_policy(FileSystemId=policy.id),
    delete=lambda aws, policy: aws("efs").delete_file_system_policy(FileSystemId=policy.id),
    steps=(modify("efs", Call("put_file_system_policy"), "FileSystemId", ("policy",), on_create=False),),
    local=("bypassPolicyLockoutSafetyCheck",),
    comparison=Comparison(canonical={"policy": policy_form}),
    rules=(json_text("policy"),),
)

ENTRIES = (FILE_SYSTEM, MOUNT_TARGET, ACCESS_POINT, FILE_SYSTEM_POLICY)
