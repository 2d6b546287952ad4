"""Group `network`: the VPC, and who can reach the service."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from components.spec.group import Group
from components.spec.values import refusal

_LEAST_SUBNETS = 2
_LONGEST_HOST = 253


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
    """The VPC of the service. Omitted: create, the stack makes one VPC for all its services."""
    exposure: Literal["internal", "public"] = "internal"
    """Who reaches the load balancer. Omitted: internal, reachable from inside the VPC only."""
    certificate_arn: str | None = None
    """ACM certificate of the load balancer; needs `domain`. Omitted: plain HTTP; refused when the service is public."""
    domain: str | None = None
    """Name under which clients reach the service, as llm.example.com: the certificate must hold for it, and you make
    it a CNAME of the load balancer. Omitted: the load balancer's own name; refused with a certificate."""
    allowed_cidrs: tuple[str, ...] = ()
    """Networks that may connect. Omitted: internal, the VPC's own; public, everyone (with keys)."""

    @field_validator("certificate_arn")
    @classmethod
    def _is_a_certificate(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+", value):
            raise refusal("is not the ARN of an ACM certificate", "write arn:aws:acm:REGION:ACCOUNT:certificate/ID")
        return value

    @field_validator("domain")
    @classmethod
    def _is_a_host(cls, value: str | None) -> str | None:
        label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
        if value is not None and (len(value) > _LONGEST_HOST or not re.fullmatch(rf"({label}\.)+{label}", value)):
            raise refusal("is not a host name", "write it in lower case without scheme or path, as llm.example.com")
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
    def _certificate_has_a_name(self) -> Self:
        if self.certificate_arn is not None and self.domain is None:
            raise refusal(
                "has certificate_arn and no domain, so no client could verify the certificate",
                "set domain to a name that the certificate holds for",
            )
        if self.domain is not None and self.certificate_arn is None:
            raise refusal(
                "has domain and no certificate_arn",
                "set certificate_arn to an ACM certificate for that name, or remove domain",
            )
        return self

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
