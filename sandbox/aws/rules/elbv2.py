"""Elastic Load Balancing: unique names and ports, two zones, certificates where TLS ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_LONGEST_NAME = 32
_ZONES_OF_AN_ALB = 2


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


@rule("elbv2", "CreateTargetGroup", "ModifyTargetGroup")
def health_check_is_possible(call: Call) -> None:
    timeout, interval = call.params.get("HealthCheckTimeoutSeconds"), call.params.get("HealthCheckIntervalSeconds")
    if timeout is not None and interval is not None and timeout >= interval:
        raise _invalid(f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
