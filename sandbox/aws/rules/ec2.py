"""EC2: nothing is deleted while something else stands on it, rules and gateways are possible."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.efs.models import efs_backends
from moto.elbv2.models import elbv2_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.ec2.models.instances import Instance

    from sandbox.aws.call import Call

_HIGHEST_PORT = 65535
_MARKS = "blanks and ._-:/()#,@[]+=&;{}!$*"
_TEXT = re.compile(r"[\w .\-:/()#,@\[\]+=&;{}!$*]{0,255}", re.ASCII)


@rule("ec2", "DeleteSecurityGroup")
def group_is_unused(call: Call) -> None:
    group_id = call.params.get("GroupId")
    if group_id is None:
        return
    for user in _users_of_group(call.region, group_id):
        raise AwsError("DependencyViolation", f"resource {group_id} has a dependent object: {user}")


@rule("ec2", "DeleteSubnet")
def subnet_is_unused(call: Call) -> None:
    subnet_id = call.params["SubnetId"]
    for user in _users_of_subnet(call.region, subnet_id):
        raise AwsError(
            "DependencyViolation", f"The subnet '{subnet_id}' has dependencies and cannot be deleted: {user}"
        )


@rule("ec2", "ReleaseAddress")
def address_is_unused(call: Call) -> None:
    allocation = call.params.get("AllocationId")
    for gateway in ec2_backends[ACCOUNT_ID][call.region].nat_gateways.values():
        if gateway.state == "available" and allocation in {address["allocationId"] for address in gateway.address_set}:
            raise AwsError("InvalidIPAddress.InUse", f"Address {allocation} is in use by {gateway.id}")


@rule("ec2", "CreateNatGateway")
def internet_is_reachable(call: Call) -> None:
    ec2 = ec2_backends[ACCOUNT_ID][call.region]
    wanted = call.params["SubnetId"]
    vpcs = {subnets[wanted].vpc_id for subnets in ec2.subnets.values() if wanted in subnets}
    attached = {gateway.vpc.id for gateway in ec2.internet_gateways.values() if gateway.vpc}
    if call.params.get("ConnectivityType", "public") == "public" and vpcs - attached:
        raise AwsError("Gateway.NotAttached", f"Network {', '.join(vpcs)} has no Internet gateway attached")


@rule("ec2", "CreateSecurityGroup")
def description_is_legal(call: Call) -> None:
    _require_legal_text(call.params.get("Description", ""))


@rule("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def rules_are_legal(call: Call) -> None:
    for permission in call.params.get("IpPermissions", []):
        low, high = permission.get("FromPort", -1), permission.get("ToPort", -1)
        if permission["IpProtocol"] in {"tcp", "udp", "6", "17"} and not 0 <= low <= high <= _HIGHEST_PORT:
            raise AwsError("InvalidParameterValue", f"Invalid port range: from {low} to {high}")
        for member in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"):
            for source in permission.get(member, []):
                _require_legal_text(source.get("Description", ""))


@rule("ec2", "DeleteLaunchTemplate")
def template_exists(call: Call) -> None:
    template_id = call.params.get("LaunchTemplateId")
    if template_id and template_id not in ec2_backends[ACCOUNT_ID][call.region].launch_templates:
        raise AwsError(
            "InvalidLaunchTemplateId.NotFound",
            f"The specified launch template, with template ID {template_id}, does not exist.",
        )


def _require_legal_text(text: str) -> None:
    if not _TEXT.fullmatch(text):
        raise AwsError("InvalidParameterValue", f"Invalid description '{text}': letters, digits and {_MARKS} only")


def _users_of_group(region: str, group_id: str) -> Iterator[str]:
    yield from _rules_naming(region, group_id)
    for instance in _instances(region):
        if group_id in {group.id for group in instance.security_groups}:
            yield instance.id
    for balancer in elbv2_backends[ACCOUNT_ID][region].load_balancers.values():
        if group_id in (balancer.security_groups or []):
            yield balancer.arn
    for mount_target in efs_backends[ACCOUNT_ID][region].mount_targets_by_id.values():
        if group_id in (mount_target.security_groups or []):
            yield mount_target.mount_target_id
    yield from _services_with(region, group_id)
    for endpoint in ec2_backends[ACCOUNT_ID][region].vpc_end_points.values():
        if endpoint.state == "available" and group_id in endpoint.security_group_ids:
            yield endpoint.id


def _rules_naming(region: str, group_id: str) -> Iterator[str]:
    for by_id in ec2_backends[ACCOUNT_ID][region].groups.values():
        for group in by_id.values():
            sources = [r.source_group or {} for r in (*group.ingress_rules, *group.egress_rules)]
            if group.id != group_id and group_id in {source.get("GroupId") for source in sources}:
                yield f"a rule of {group.id}"


def _services_with(region: str, group_id: str) -> Iterator[str]:
    for service in ecs_backends[ACCOUNT_ID][region].services.values():
        network = (service.network_configuration or {}).get("awsvpcConfiguration", {})
        if service.status == "ACTIVE" and service.running_count and group_id in network.get("securityGroups", []):
            yield service.arn


def _instances(region: str) -> Iterator[Instance]:
    for reservation in ec2_backends[ACCOUNT_ID][region].reservations.values():
        yield from (instance for instance in reservation.instances if instance.state != "terminated")


def _users_of_subnet(region: str, subnet_id: str) -> Iterator[str]:
    ec2 = ec2_backends[ACCOUNT_ID][region]
    for gateway in ec2.nat_gateways.values():
        if gateway.subnet_id == subnet_id and gateway.state == "available":
            yield gateway.id
    for instance in _instances(region):
        if instance.subnet_id == subnet_id:
            yield instance.id
    for balancer in elbv2_backends[ACCOUNT_ID][region].load_balancers.values():
        if subnet_id in {subnet.id for subnet in balancer.subnets}:
            yield balancer.arn
    for mount_target in efs_backends[ACCOUNT_ID][region].mount_targets_by_id.values():
        if mount_target.subnet_id == subnet_id:
            yield mount_target.mount_target_id
