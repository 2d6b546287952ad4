"""Elastic Load Balancing: unique names and ports, two zones, certificates where TLS ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import xform_name
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.aws.call import Call

_LONGEST_NAME = 32
_ZONES_OF_AN_ALB = 2
_RANGES = {
    "client_keep_alive.seconds": (60, 604800),
    "deregistration_delay.timeout_seconds": (0, 3600),
    "idle_timeout.timeout_seconds": (1, 4000),
    "slow_start.duration_seconds": (30, 900, 0),
}


@rule("elbv2", "CreateLoadBalancer")
def name_is_free(call: Call) -> None:
    name = call.params["Name"]
    if any(balancer.name == name for balancer in elbv2_backends[ACCOUNT_ID][call.region].load_balancers.values()):
        raise AwsError(
            "DuplicateLoadBalancerName",
            f"A load balancer with the same name '{name}' exists, but with different settings",
        )


@rule("elbv2", "CreateLoadBalancer")
def name_is_legal(call: Call) -> None:
    name = call.params["Name"]
    if len(name) > _LONGEST_NAME or not name.replace("-", "a").isalnum() or name[0] == "-" or name[-1] == "-":
        raise _invalid(
            f"Load balancer name '{name}' must have 1-32 letters, digits and hyphens, and no hyphen at an end"
        )
    if name.startswith("internal-"):
        raise _invalid(f"Load balancer name '{name}' cannot begin with 'internal-'")


@rule("elbv2", "CreateLoadBalancer", "SetSubnets")
def subnets_are_in_two_zones(call: Call) -> None:
    if call.params.get("Type", "application") != "application":
        return
    ids = call.params.get("Subnets") or [m["SubnetId"] for m in call.params.get("SubnetMappings", [])]
    by_zone = ec2_backends[ACCOUNT_ID][call.region].subnets
    subnets = [subnets[subnet_id] for subnet_id in ids for subnets in by_zone.values() if subnet_id in subnets]
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise AwsError("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
    zones = {subnet.availability_zone for subnet in subnets}
    if len(zones) < _ZONES_OF_AN_ALB:
        raise _invalid("At least two subnets in two different Availability Zones must be specified")
    if len(zones) < len(subnets):
        raise AwsError(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )


@rule("elbv2", "CreateLoadBalancer", "SetSecurityGroups")
def security_groups_exist(call: Call) -> None:
    known = {group for by_id in ec2_backends[ACCOUNT_ID][call.region].groups.values() for group in by_id}
    for group in call.params.get("SecurityGroups", []):
        if group not in known:
            raise AwsError("InvalidSecurityGroup", f"The security group '{group}' does not exist")


@rule("elbv2", "CreateLoadBalancer")
def the_internet_is_reachable(call: Call) -> None:
    if call.params.get("Scheme", "internet-facing") != "internet-facing":
        return
    ec2 = ec2_backends[ACCOUNT_ID][call.region]
    ids = call.params.get("Subnets") or [m["SubnetId"] for m in call.params.get("SubnetMappings", [])]
    vpcs = {subnet.vpc_id for subnets in ec2.subnets.values() for name, subnet in subnets.items() if name in ids}
    attached = {gateway.vpc.id for gateway in ec2.internet_gateways.values() if gateway.vpc}
    for vpc in vpcs - attached:
        raise AwsError("InvalidSubnet", f"VPC {vpc} has no internet gateway")


@rule("elbv2", "ModifyLoadBalancerAttributes", "ModifyTargetGroupAttributes")
def attributes_are_in_range(call: Call) -> None:
    for attribute in call.params["Attributes"]:
        key, value = attribute["Key"], str(attribute.get("Value", ""))
        low, high, *also = _RANGES.get(key, (None, None))
        if low is not None and not (value.isdecimal() and (low <= int(value) <= high or int(value) in also)):
            raise AwsError("InvalidConfigurationRequest", f"{key} must be between {low} and {high}, got '{value}'")


@rule("elbv2", "ModifyTargetGroupAttributes")
def slow_start_fits_the_algorithm(call: Call) -> None:
    group = elbv2_backends[ACCOUNT_ID][call.region].target_groups.get(call.params["TargetGroupArn"])
    given = {attribute["Key"]: attribute.get("Value", "") for attribute in call.params["Attributes"]}
    attributes = {**(group.attributes if group else {}), **given}
    least = attributes.get("load_balancing.algorithm.type") == "least_outstanding_requests"
    if least and str(attributes.get("slow_start.duration_seconds", 0)) != "0":
        raise AwsError("InvalidConfigurationRequest", "Slow start does not go with least_outstanding_requests")


@rule("elbv2", "CreateListener", "ModifyListener")
def port_is_free(call: Call) -> None:
    listeners = elbv2_backends[ACCOUNT_ID][call.region]
    port = call.params.get("Port")
    for balancer in listeners.load_balancers.values():
        for listener in balancer.listeners.values():
            is_same = call.params.get("LoadBalancerArn") == balancer.arn or (
                call.params.get("ListenerArn") in balancer.listeners and call.params["ListenerArn"] != listener.arn
            )
            if is_same and str(listener.port) == str(port):
                raise AwsError(
                    "DuplicateListener",
                    f"A listener already exists on this port for this load balancer '{balancer.arn}'",
                )


@rule("elbv2", "CreateListener")
def tls_has_a_certificate(call: Call) -> None:
    if call.params.get("Protocol") in {"HTTPS", "TLS"} and not call.params.get("Certificates"):
        raise _invalid(f"A certificate must be specified for {call.params['Protocol']} listeners")


@rule("elbv2", "CreateListener", "CreateRule")
def requests_lead_somewhere(call: Call) -> None:
    if not (call.params.get("DefaultActions") or call.params.get("Actions")):
        raise _invalid("A listener or rule must have an action")
    if call.operation == "CreateRule" and not call.params.get("Conditions"):
        raise _invalid("A condition must be specified")


@rule("elbv2", "CreateListener", "ModifyListener", "CreateRule", "ModifyRule")
def target_groups_serve_one_load_balancer(call: Call) -> None:
    part = call.params.get("ListenerArn") or call.params.get("RuleArn", "")
    own = call.params.get("LoadBalancerArn") or _load_balancer_arn(part)
    actions = [*call.params.get("DefaultActions", []), *call.params.get("Actions", [])]
    wanted = {group for action in actions for group in _groups(action)}
    for balancer in elbv2_backends[ACCOUNT_ID][call.region].load_balancers.values():
        taken = wanted & set(_groups_behind(balancer))
        if taken and balancer.arn != own:
            raise AwsError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load balancer: {min(taken)}",
            )


@rule("elbv2", "CreateTargetGroup", "ModifyTargetGroup")
def health_check_is_possible(call: Call) -> None:
    group = elbv2_backends[ACCOUNT_ID][call.region].target_groups.get(call.params.get("TargetGroupArn", ""))
    timeout, interval = (
        call.params.get(member, getattr(group, xform_name(member), None))
        for member in ("HealthCheckTimeoutSeconds", "HealthCheckIntervalSeconds")
    )
    if timeout is not None and interval is not None and timeout >= interval:
        raise _invalid(f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'")


def _groups_behind(balancer: Any) -> Iterator[str]:
    for listener in balancer.listeners.values():
        for served in listener.rules.values():
            for action in served.actions:
                yield from _groups(action.data)


def _groups(action: dict[str, Any]) -> list[str]:
    forward = action.get("ForwardConfig", {}).get("TargetGroups", [])
    arns = [action.get("TargetGroupArn"), *(group["TargetGroupArn"] for group in forward)]
    return [arn for arn in arns if arn]


def _load_balancer_arn(part: str) -> str:
    """Return the load balancer of a listener or rule; their ARNs go on where its own ends.

    >>> _load_balancer_arn("arn:aws:elasticloadbalancing:r:1:listener-rule/app/chat/50dc/0467/9683")
    'arn:aws:elasticloadbalancing:r:1:loadbalancer/app/chat/50dc'
    """
    prefix, _, path = part.partition(":listener")
    return f"{prefix}:loadbalancer/{'/'.join(path.split('/')[1:4])}"


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
