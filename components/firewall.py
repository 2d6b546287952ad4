"""How are security groups and their rules made, one rule for each source as the provider wants it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.network import ANYWHERE

if TYPE_CHECKING:
    import pulumi

    from components.plan.model import NetworkPlan
    from components.scope import ServiceScope

    Party = tuple[str, aws.ec2.SecurityGroup]
    """A role of the component, and its group."""

HTTPS_PORT = 443
HTTP_PORT = 80


def group(scope: ServiceScope, role: str, what: str) -> aws.ec2.SecurityGroup:
    """Make the security group of a role."""
    return aws.ec2.SecurityGroup(
        scope.name(role),
        vpc_id=scope.subnets.vpc_id,
        # A changed description replaces the group: it has no words that could need changing.
        description=f"Berth {what}",
        tags=scope.tagged(role),
        opts=scope.options(),
    )


def from_clients(
    scope: ServiceScope, role: str, own: aws.ec2.SecurityGroup, network: NetworkPlan
) -> list[pulumi.Resource]:
    """Let clients reach a load balancer: from the networks that are named, else from the VPC or from everywhere."""
    everyone = ANYWHERE if network.exposure == "public" else scope.subnets.vpc_cidr
    ports = (HTTPS_PORT, HTTP_PORT) if network.certificate_arn else (HTTP_PORT,)
    return [_from_cidr(scope, role, own, port, cidr) for port in ports for cidr in network.allowed_cidrs or (everyone,)]


def to_the_internet(scope: ServiceScope, role: str, own: aws.ec2.SecurityGroup) -> pulumi.Resource:
    """Let a role out over HTTPS: model hub, registries, APIs, none of them with fixed addresses."""
    return aws.vpc.SecurityGroupEgressRule(
        scope.name(f"{role}-{HTTPS_PORT}-to-anywhere"),
        security_group_id=own.id,
        ip_protocol="tcp",
        from_port=HTTPS_PORT,
        to_port=HTTPS_PORT,
        cidr_ipv4=ANYWHERE,
        tags=scope.tagged(f"{role}-{HTTPS_PORT}-to-anywhere"),
        opts=scope.options(),
    )


def between(scope: ServiceScope, source: Party, target: Party, port: int) -> tuple[pulumi.Resource, pulumi.Resource]:
    """Let one role reach another on a port; both sides have to say so."""
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


def _from_cidr(scope: ServiceScope, role: str, own: aws.ec2.SecurityGroup, port: int, cidr: str) -> pulumi.Resource:
    rule = f"{role}-{port}-from-{re.sub(r'[^0-9a-f]+', '-', cidr.lower())}"
    ipv6 = ":" in cidr
    return aws.vpc.SecurityGroupIngressRule(
        scope.name(rule),
        security_group_id=own.id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        cidr_ipv4=None if ipv6 else cidr,
        cidr_ipv6=cidr if ipv6 else None,
        tags=scope.tagged(rule),
        opts=scope.options(),
    )
