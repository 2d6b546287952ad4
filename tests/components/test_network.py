"""The network that a stack makes once."""

from __future__ import annotations

import pytest

from components.errors import StackError
from components.network import Network
from components.tags import Tags


@pytest.fixture
def network(run, plan_of):
    """Make a network for one plan and return what was registered."""
    tags = Tags.checked({"owner": "ml"}, stack="dev", environment="dev")
    return lambda: run(lambda: Network("network", plans=[plan_of()], tags=tags) and None)


def test_it_makes_two_public_and_two_private_subnets_with_one_nat_gateway(network):
    """Exactly these resources are made, all of them children of the component."""
    made = network()
    assert made.names() == [
        ("aws:ec2/eip:Eip", "network-nat"),
        ("aws:ec2/internetGateway:InternetGateway", "network-internet"),
        ("aws:ec2/natGateway:NatGateway", "network-nat"),
        ("aws:ec2/route:Route", "network-private"),
        ("aws:ec2/route:Route", "network-public"),
        ("aws:ec2/routeTable:RouteTable", "network-private"),
        ("aws:ec2/routeTable:RouteTable", "network-public"),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "network-private-0"),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "network-private-1"),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "network-public-0"),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "network-public-1"),
        ("aws:ec2/subnet:Subnet", "network-private-0"),
        ("aws:ec2/subnet:Subnet", "network-private-1"),
        ("aws:ec2/subnet:Subnet", "network-public-0"),
        ("aws:ec2/subnet:Subnet", "network-public-1"),
        ("aws:ec2/vpc:Vpc", "network-vpc"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "network-s3"),
        ("berth:index:Network", "network"),
    ]
    component = made.of("Network", "network")
    assert {child.parent for child in made.resources if child is not component} == {component.urn}


def test_the_vpc_resolves_names(network):
    """DNS support and host names are on, or EFS could not be mounted."""
    assert network().of("Vpc", "network-vpc").inputs == {
        "cidrBlock": "10.40.0.0/16",
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
        "tags": {
            "Name": "dev/network-vpc",
            "owner": "ml",
            "stack": "dev",
            "environment": "dev",
            "managed-by": "berth",
        },
    }


def test_subnets_are_where_the_gpus_are(network):
    """The zones that offer the instance type come first; a later choice does not move what runs."""
    made = network()
    subnets = [made.of("Subnet", f"network-{kind}-{index}") for kind in ("public", "private") for index in (0, 1)]
    assert [(subnet.inputs["availabilityZone"], subnet.inputs["cidrBlock"]) for subnet in subnets] == [
        ("us-east-1b", "10.40.0.0/24"),
        ("us-east-1c", "10.40.1.0/24"),
        ("us-east-1b", "10.40.16.0/20"),
        ("us-east-1c", "10.40.32.0/20"),
    ]
    assert {subnet.ignore_changes for subnet in subnets} == {("availabilityZone",)}


def test_zones_without_an_offer_are_used_when_nothing_else_is_there(network, account):
    """What AWS says about GPUs orders the zones, it does not stop a deployment."""
    account.offered = []
    assert network().of("Subnet", "network-private-0").inputs["availabilityZone"] == "us-east-1a"


def test_private_subnets_leave_through_the_nat_gateway(network):
    """Each route table has its way out, and S3 is reached without the NAT gateway."""
    made = network()
    assert made.of("Route", "network-private").inputs == {
        "routeTableId": "network-private-routetable-id",
        "destinationCidrBlock": "0.0.0.0/0",
        "natGatewayId": "network-nat-natgateway-id",
    }
    assert made.of("Route", "network-public").inputs == {
        "routeTableId": "network-public-routetable-id",
        "destinationCidrBlock": "0.0.0.0/0",
        "gatewayId": "network-internet-internetgateway-id",
    }
    endpoint = made.of("VpcEndpoint", "network-s3").inputs
    assert endpoint["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert endpoint["routeTableIds"] == ["network-private-routetable-id"]


def test_the_nat_gateway_waits_for_the_way_to_the_internet(network):
    """A NAT gateway made before the internet gateway is attached fails."""
    made = network()
    gateway = made.of("InternetGateway", "network-internet").urn
    assert gateway in made.of("NatGateway", "network-nat").dependencies
    assert gateway in made.of("Eip", "network-nat").dependencies


def test_a_region_with_one_zone_is_refused(run, plan_of, account):
    """A load balancer needs two zones; the message says so before anything is made."""
    account.zones = ["us-east-1a"]
    tags = Tags.checked({}, stack="dev", environment="dev")
    with pytest.raises(StackError) as error:
        run(lambda: Network("network", plans=[plan_of()], tags=tags) and None)
    assert str(error.value) == "aws:region: offers 1 availability zone, 2 are needed; choose another region"


def test_a_dependency_on_the_network_is_one_on_all_its_parts(chat):
    """Instances start after the routes exist, and are gone before these are."""
    group = chat.of("Group", "chat-instances")
    for kind, name in (("Route", "network-private"), ("NatGateway", "network-nat"), ("Route", "network-public")):
        assert chat.of(kind, name).urn in group.dependencies
