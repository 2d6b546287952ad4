"""Who may talk to whom: clients to the load balancer, it to the gateway, tasks and instances to the weight cache."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.ecs.containers import GATEWAY_PORT
from components.network import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.ecs.scope import Scope

NFS_PORT = 2049
HTTPS_PORT = 443
HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class Firewall:
    """One security group per part of a service, and the rules without which no part of it works."""

    alb: aws.ec2.SecurityGroup
    task: aws.ec2.SecurityGroup
    instance: aws.ec2.SecurityGroup
    cache: aws.ec2.SecurityGroup
    rules: Sequence[pulumi.Resource]


def make_firewall(scope: Scope) -> Firewall:
    """Make the security groups and, as the provider wants it, one rule resource per source."""
    alb = _group(scope, "alb", "load balancer")
    task = _group(scope, "task", "tasks")
    instance = _group(scope, "instance", "GPU instances")
    cache = _group(scope, "cache", "weight cache")
    network = scope.network
    everyone = ANYWHERE if network.exposure == "public" else scope.subnets.vpc_cidr
    ports = (HTTPS_PORT, HTTP_PORT) if network.certificate_arn else (HTTP_PORT,)
    rules: list[pulumi.Resource] = [
        _from_cidr(scope, "alb", alb, port, cidr) for port in ports for cidr in network.allowed_cidrs or (everyone,)
    ]
    rules += _between(scope, ("alb", alb), ("task", task), GATEWAY_PORT)
    # The mount's packets leave from the task's or from the instance's interface, depending on the agent.
    for role, group in (("task", task), ("instance", instance)):
        rules += _between(scope, (role, group), ("cache", cache), NFS_PORT)
        # Model hub, registries and AWS APIs: all of them HTTPS, none with fixed addresses.
        rules.append(
            aws.vpc.SecurityGroupEgressRule(
                scope.name(f"{role}-{HTTPS_PORT}-to-anywhere"),
                security_group_id=group.id,
                ip_protocol="tcp",
                from_port=HTTPS_PORT,
                to_port=HTTPS_PORT,
                cidr_ipv4=ANYWHERE,
                tags=scope.tagged(f"{role}-{HTTPS_PORT}-to-anywhere"),
                opts=scope.options(),
            )
        )
    return Firewall(alb=alb, task=task, instance=instance, cache=cache, rules=tuple(rules))


def _group(scope: Scope, role: str, what: str) -> aws.ec2.SecurityGroup:
    return aws.ec2.SecurityGroup(
        scope.name(role),
        vpc_id=scope.subnets.vpc_id,
        # A changed description replaces the group: it has no words that could need changing.
        description=f"Berth {what}",
        tags=scope.tagged(role),
        opts=scope.options(),
    )


def _from_cidr(scope: Scope, role: str, group: aws.ec2.SecurityGroup, port: int, cidr: str) -> pulumi.Resource:
    rule = f"{role}-{port}-from-{re.sub(r'[^0-9a-f]+', '-', cidr.lower())}"
    ipv6 = ":" in cidr
    return aws.vpc.SecurityGroupIngressRule(
        scope.name(rule),
        security_group_id=group.id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        cidr_ipv4=None if ipv6 else cidr,
        cidr_ipv6=cidr if ipv6 else None,
        tags=scope.tagged(rule),
        opts=scope.options(),
    )


def _between(
    scope: Scope, source: tuple[str, aws.ec2.SecurityGroup], target: tuple[str, aws.ec2.SecurityGroup], port: int
) -> tuple[pulumi.Resource, pulumi.Resource]:
    (source_role, source_group), (target_role, target_group) = source, target
    out = f"{source_role}-{port}-to-{target_role}"
    egress = aws.vpc.SecurityGroupEgressRule(
        scope.name(out),
        security_group_id=source_group.id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        referenced_security_group_id=target_group.id,
        tags=scope.tagged(out),
        opts=scope.options(),
    )
    into = f"{target_role}-{port}-from-{source_role}"
    ingress = aws.vpc.SecurityGroupIngressRule(
        scope.name(into),
        security_group_id=target_group.id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        referenced_security_group_id=source_group.id,
        tags=scope.tagged(into),
        opts=scope.options(),
    )
    return egress, ingress
