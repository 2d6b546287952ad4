"""What is the network that a stack makes for the services that bring none?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from components.plan.model import Plan
    from components.tags import Tags

VPC_CIDR = "10.40.0.0/16"
PUBLIC_CIDRS = ("10.40.0.0/24", "10.40.1.0/24")
PRIVATE_CIDRS = ("10.40.16.0/20", "10.40.32.0/20")
ZONES = 2
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Subnets:
    """Where a service's parts are placed.

    The `_zonal` ones hold one subnet per availability zone: EFS and load balancers refuse a second one. The private
    ones are by zone, or by its index where the stack makes them: a name that stays when the list is turned round.
    `ready` is what must exist before traffic flows.
    """

    vpc_id: pulumi.Input[str]
    vpc_cidr: str
    private_ids: Sequence[pulumi.Input[str]]
    private_zonal_ids: Mapping[str, pulumi.Input[str]]
    public_zonal_ids: Sequence[pulumi.Input[str]]
    ready: tuple[pulumi.Resource, ...] = ()


class Network(pulumi.ComponentResource):
    """The VPC that a stack makes once, for all services that say `network.vpc: create`.

    Two public and two private subnets in two zones; one NAT gateway, since weights and images come from the internet;
    an S3 gateway endpoint, which is free and keeps image layers off the NAT gateway.
    """

    def __init__(
        self, name: str, *, plans: Iterable[Plan], tags: Tags, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        plans = tuple(plans)
        super().__init__("berth:index:Network", name, {"cidrBlock": VPC_CIDR}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        # A zone is chosen once: other GPU types in the spec must not replace the subnets of running services.
        placed = pulumi.ResourceOptions(parent=self, ignore_changes=["availabilityZone"])
        # Of the others a front alone is here, which runs in every zone.
        here = {plan.hardware.instance_type for plan in plans if plan.target == "ecs"}
        zones = _zones_with_gpus(here, parent=self)

        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=VPC_CIDR,
            # EFS mounts resolve the file system's name inside the VPC.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=tags.named(f"{name}-vpc"),
            opts=inside,
        )
        gateway = aws.ec2.InternetGateway(
            f"{name}-internet", vpc_id=vpc.id, tags=tags.named(f"{name}-internet"), opts=inside
        )

        def subnets(kind: str, cidrs: tuple[str, ...]) -> list[aws.ec2.Subnet]:
            return [
                aws.ec2.Subnet(
                    f"{name}-{kind}-{index}",
                    vpc_id=vpc.id,
                    availability_zone=zone,
                    cidr_block=cidr,
                    tags=tags.named(f"{name}-{kind}-{index}"),
                    opts=placed,
                )
                for index, (zone, cidr) in enumerate(zip(zones, cidrs, strict=True))
            ]

        def route_table(kind: str, members: list[aws.ec2.Subnet]) -> aws.ec2.RouteTable:
            table = aws.ec2.RouteTable(f"{name}-{kind}", vpc_id=vpc.id, tags=tags.named(f"{name}-{kind}"), opts=inside)
            for index, subnet in enumerate(members):
                aws.ec2.RouteTableAssociation(
                    f"{name}-{kind}-{index}", route_table_id=table.id, subnet_id=subnet.id, opts=inside
                )
            return table

        public = subnets("public", PUBLIC_CIDRS)
        private = subnets("private", PRIVATE_CIDRS)
        public_table = route_table("public", public)
        private_table = route_table("private", private)
        aws.ec2.Route(
            f"{name}-public",
            route_table_id=public_table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=inside,
        )
        address = aws.ec2.Eip(
            f"{name}-nat",
            domain="vpc",
            tags=tags.named(f"{name}-nat"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )
        nat = aws.ec2.NatGateway(
            f"{name}-nat",
            allocation_id=address.id,
            subnet_id=public[0].id,
            tags=tags.named(f"{name}-nat"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )
        aws.ec2.Route(
            f"{name}-private",
            route_table_id=private_table.id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=nat.id,
            opts=inside,
        )
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{plans[0].region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[private_table.id],
            tags=tags.named(f"{name}-s3"),
            opts=inside,
        )
        private_ids = [subnet.id for subnet in private]
        self.subnets = Subnets(
            vpc_id=vpc.id,
            vpc_cidr=VPC_CIDR,
            private_ids=private_ids,
            private_zonal_ids={str(index): subnet_id for index, subnet_id in enumerate(private_ids)},
            public_zonal_ids=[subnet.id for subnet in public],
            ready=(self,),
        )
        self.register_outputs({"vpc_id": vpc.id})


def _zones_with_gpus(instance_types: set[str], *, parent: pulumi.Resource) -> list[str]:
    """Return the two zones that offer most of the instance types, by name where they are equal."""
    options = pulumi.InvokeOptions(parent=parent)
    zones = aws.get_availability_zones(
        state="available", filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}], opts=options
    ).names
    if len(zones) < ZONES:
        raise StackError(
            [
                Problem(
                    "aws:region",
                    "",
                    f"offers {len(zones)} availability zone, {ZONES} are needed",
                    "choose another region",
                )
            ]
        )
    if not instance_types:
        return sorted(zones)[:ZONES]
    offered = aws.ec2.get_instance_type_offerings(
        location_type="availability-zone",
        filters=[{"name": "instance-type", "values": sorted(instance_types)}],
        opts=options,
    ).locations
    return sorted(zones, key=lambda zone: (-offered.count(zone), zone))[:ZONES]
