"""Group `network`: the VPC, and who can reach the service."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from components.spec.group import Group
from components.spec.values import refusal

_LEAST_SUBNETS = 2


class GivenVpc(Group):
    """A VPC that exists already; Berth makes only security groups in it."""

    id: Annotated[str, Field(pattern=r"^vpc-[0-9a-f]+$")]
    """Must be given."""
    private_subnet_ids: tuple[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")], ...]
    """Subnets of the GPUs, with a route to the internet through NAT, in two zones or more. Must be given."""
    public_subnet_ids: tuple[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")], ...] = ()
    """Subnets of a public load balancer, in two zones or more. Omitted: none, the service cannot be public."""

    @field_validator("private_subnet_ids")
    @classmethod
    def _in_two_zones(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < _LEAST_SUBNETS:
            raise refusal("names fewer than two subnets", "name subnets in two zones: a load balancer demands it")
        return value


Create = Annotated[Literal["create"], Tag("<create>")]
Given = Annotated[GivenVpc, Tag("<given>")]
Vpc = Annotated[Create | Given, Discriminator(lambda value: "<create>" if isinstance(value, str) else "<given>")]


class NetworkSpec(Group):
    """The VPC, and who can reach the service."""

    vpc: Vpc = "create"
    """Omitted: create, the stack makes one VPC for all its services."""
    exposure: Literal["internal", "public"] = "internal"
    """Omitted: internal, reachable from inside the VPC only."""
    certificate_arn: str | None = None
    """ACM certificate of the load balancer. Omitted: plain HTTP; refused when the service is public."""
    allowed_cidrs: tuple[str, ...] = ()
    """Networks that may connect. Omitted: internal, the VPC's own; public, everyone (with keys)."""

    @field_validator("certificate_arn")
    @classmethod
    def _is_a_certificate(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+", value):
            raise refusal("is not the ARN of an ACM certificate", "write arn:aws:acm:REGION:ACCOUNT:certificate/ID")
        return value

    @field_validator("allowed_cidrs")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for cidr in value:
            try:
                ip_network(cidr)
            except ValueError as error:
                raise refusal(f"has {cidr}: {error}", 'write networks as "10.0.0.0/8"') from error
        return value

    @model_validator(mode="after")
    def _public_is_encrypted(self) -> Self:
        if self.exposure == "public" and self.certificate_arn is None:
            raise refusal(
                "is public and has no certificate_arn",
                "set certificate_arn to an ACM certificate of this region, or exposure: internal",
            )
        if self.exposure == "public" and self.vpc != "create" and len(set(self.vpc.public_subnet_ids)) < _LEAST_SUBNETS:
            raise refusal(
                "is public and vpc.public_subnet_ids names fewer than two subnets",
                "name public subnets in two zones, or set exposure: internal",
            )
        return self
