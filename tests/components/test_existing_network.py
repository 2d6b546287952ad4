"""A VPC that the spec names: looked up, checked, and nothing made in it but security groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.errors import StackError
from components.existing_network import existing_subnets
from components.plan.model import NetworkPlan

GIVEN = NetworkPlan(
    vpc_id="vpc-1",
    public_subnet_ids=(),
    private_subnet_ids=("subnet-a", "subnet-b", "subnet-b2"),
    exposure="internal",
    certificate_arn=None,
    domain=None,
    allowed_cidrs=(),
)


def test_a_given_vpc_is_used_as_it_is(render, plan_of):
    """No network resource is made; mounts and load balancer get one subnet per zone, tasks get all."""
    made = render(plan_of(network=GIVEN))
    assert [name for kind, name in made.names() if kind.startswith("aws:ec2/") and "securityGroup" not in kind] == [
        "chat-instances"
    ]
    assert made.of("LoadBalancer", "chat-alb").inputs["subnets"] == ["subnet-a", "subnet-b"]
    mounts = {one.name: one.inputs["subnetId"] for one in made.resources if one.type.endswith(":MountTarget")}
    assert mounts == {"chat-cache-mount-us-east-1a": "subnet-a", "chat-cache-mount-us-east-1b": "subnet-b"}
    assert made.of("Group", "chat-instances").inputs["vpcZoneIdentifiers"] == ["subnet-a", "subnet-b", "subnet-b2"]
    service = made.of("ecs/service:Service", "chat-service").inputs
    assert service["networkConfiguration"]["subnets"] == ["subnet-a", "subnet-b", "subnet-b2"]


def test_the_order_of_subnets_moves_no_mount(render, plan_of):
    """A zone has one mount: two that changed places would each find the other's zone taken."""
    turned = replace(GIVEN, private_subnet_ids=("subnet-b", "subnet-a"))
    made = render(plan_of(network=turned))
    mounts = {one.name: one.inputs["subnetId"] for one in made.resources if one.type.endswith(":MountTarget")}
    assert mounts == {"chat-cache-mount-us-east-1a": "subnet-a", "chat-cache-mount-us-east-1b": "subnet-b"}


def test_without_allowed_networks_the_vpcs_own_range_may_connect(render, plan_of):
    """An internal service is reachable from its VPC and from nowhere else."""
    made = render(plan_of(network=GIVEN))
    assert made.of("SecurityGroupIngressRule", "chat-alb-80-from-172-16-0-0-16").inputs["cidrIpv4"] == "172.16.0.0/16"


def test_subnets_in_one_zone_are_refused(run, plan_of):
    """The message names the field, the zone found and what to add."""
    network = replace(GIVEN, private_subnet_ids=("subnet-b", "subnet-b2"))
    with pytest.raises(StackError) as error:
        run(lambda: existing_subnets(plan_of(), network) and None)
    assert str(error.value) == (
        "chat: network.vpc.private_subnet_ids: us-east-1b is too few: a load balancer needs 2 availability zones; "
        "add a subnet in another zone"
    )


def test_a_public_service_needs_public_subnets(run, plan_of):
    """Public exposure without public subnets is refused."""
    network = replace(GIVEN, exposure="public")
    with pytest.raises(StackError) as error:
        run(lambda: existing_subnets(plan_of(), network) and None)
    assert [problem.place for problem in error.value.problems] == ["chat: network.vpc.public_subnet_ids"]


def test_a_vpc_without_host_names_is_refused(run, plan_of, account):
    """EFS could not be mounted there; the message has the command that helps."""
    account.dns_hostnames = False
    with pytest.raises(StackError) as error:
        run(lambda: existing_subnets(plan_of(), GIVEN) and None)
    assert str(error.value) == (
        "chat: network.vpc.id: vpc-1 has DNS support or DNS hostnames off, so EFS cannot be mounted; "
        "aws ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-hostnames"
    )


def test_a_subnet_of_another_vpc_is_refused(run, plan_of):
    """A mixed-up id is caught before security groups of two VPCs meet."""
    network = replace(GIVEN, vpc_id="vpc-2")
    with pytest.raises(StackError) as error:
        run(lambda: existing_subnets(plan_of(), network) and None)
    assert str(error.value) == "chat: network.vpc: subnet-a is in vpc-1 and not in vpc-2; name subnets of that VPC"


def test_a_subnet_that_does_not_exist_is_refused(run, plan_of):
    """A failed look-up is one sentence and no traceback."""
    network = replace(GIVEN, private_subnet_ids=("subnet-a", "subnet-zzz"))
    with pytest.raises(StackError) as error:
        run(lambda: existing_subnets(plan_of(), network) and None)
    assert str(error.value) == (
        "chat: network.vpc: subnet-zzz could not be looked up (no matching EC2 Subnet found: subnet-zzz); "
        "check its id, and that it is in us-east-1"
    )
