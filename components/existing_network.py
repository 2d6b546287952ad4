"""Can a service run in the VPC that its spec names?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.errors import Problem, StackError
from components.look_up import look_up
from components.network import ZONES, Subnets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.plan.model import NetworkPlan, Plan


def existing_subnets(
    plan: Plan, network: NetworkPlan, *, mounts: bool = True, parent: pulumi.Resource | None = None
) -> Subnets:
    """Look up a VPC and its subnets that a plan names; raises StackError with everything that is wrong with them.

    `mounts` says that a file system is to be mounted there, by its name.
    """
    if network.vpc_id is None:
        raise StackError([Problem(f"{plan.service}: network.vpc", "", "names no VPC", "give its id, or say create")])
    options = pulumi.InvokeOptions(parent=parent)
    place = f"{plan.service}: network.vpc"
    vpc = look_up(plan, f"{place}.id", network.vpc_id, lambda: aws.ec2.get_vpc(id=network.vpc_id, opts=options))
    zones = {
        subnet: _zone(plan, network.vpc_id, place, subnet, options)
        for subnet in (*network.private_subnet_ids, *network.public_subnet_ids)
    }
    problems = []
    if not vpc.enable_dns_support and not mounts:
        problems.append(
            Problem(
                f"{place}.id",
                network.vpc_id,
                "has DNS support off, so a task would find no API",
                f"aws ec2 modify-vpc-attribute --vpc-id {network.vpc_id} --enable-dns-support",
            )
        )
    if mounts and not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        problems.append(
            Problem(
                f"{place}.id",
                network.vpc_id,
                "has DNS support or DNS hostnames off, so EFS cannot be mounted",
                f"aws ec2 modify-vpc-attribute --vpc-id {network.vpc_id} --enable-dns-hostnames",
            )
        )
    problems += _too_few_zones(f"{place}.private_subnet_ids", network.private_subnet_ids, zones)
    if network.exposure == "public":
        problems += _too_few_zones(f"{place}.public_subnet_ids", network.public_subnet_ids, zones)
    if problems:
        raise StackError(problems)
    return Subnets(
        vpc_id=network.vpc_id,
        vpc_cidr=vpc.cidr_block,
        private_ids=network.private_subnet_ids,
        private_zonal_ids=_one_per_zone(network.private_subnet_ids, zones),
        public_zonal_ids=list(_one_per_zone(network.public_subnet_ids, zones).values()),
    )


def _zone(plan: Plan, vpc_id: str, place: str, subnet_id: str, options: pulumi.InvokeOptions) -> str:
    subnet = look_up(plan, place, subnet_id, lambda: aws.ec2.get_subnet(id=subnet_id, opts=options))
    if subnet.vpc_id != vpc_id:
        raise StackError(
            [
                Problem(
                    place,
                    subnet_id,
                    f"is in {subnet.vpc_id} and not in {vpc_id}",
                    "name subnets of that VPC",
                )
            ]
        )
    return subnet.availability_zone


def _too_few_zones(place: str, subnet_ids: tuple[str, ...], zones: Mapping[str, str]) -> Iterator[Problem]:
    found = sorted({zones[subnet] for subnet in subnet_ids})
    if len(found) < ZONES:
        where = ", ".join(found) or "none"
        yield Problem(
            place,
            where,
            f"is too few: a load balancer needs {ZONES} availability zones",
            "add a subnet in another zone",
        )


def _one_per_zone(subnet_ids: tuple[str, ...], zones: Mapping[str, str]) -> dict[str, str]:
    first: dict[str, str] = {}
    for subnet in subnet_ids:
        first.setdefault(zones[subnet], subnet)
    return first
