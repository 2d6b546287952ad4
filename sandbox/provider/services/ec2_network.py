"""How are a VPC, its subnets and its routes made in the EC2 API?"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import block_fields
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, modify, send
from sandbox.provider.rules import cidr_block, exactly_one
from sandbox.provider.shapes import from_aws

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_ROUTE_TARGETS = (
    "carrierGatewayId",
    "coreNetworkArn",
    "egressOnlyGatewayId",
    "gatewayId",
    "localGatewayId",
    "natGatewayId",
    "networkInterfaceId",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
)
_ROUTE_DESTINATIONS = {"destinationCidrBlock": "", "destinationIpv6CidrBlock": "", "destinationPrefixListId": ""}
_INLINE_ROUTE = {"cidrBlock": "DestinationCidrBlock", "ipv6CidrBlock": "DestinationIpv6CidrBlock"}
_VPC_ATTRIBUTES = ("enableDnsHostnames", "enableDnsSupport", "enableNetworkAddressUsageMetrics")
_SUBNET_ATTRIBUTES = ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "enableDns64")


def _one_by_one(operation: str, id_argument: str, names: tuple[str, ...]) -> tuple[Step, ...]:
    """Return one step for each attribute: the API takes them one at a time."""
    return tuple(modify("ec2", Call(operation, _wrapped), id_argument, (name,)) for name in names)


def _wrapped(props: Props) -> Props:
    return {name: {"value": value} for name, value in props.items()}


def _complete_vpc(aws: Aws, _answer: Answer, found: Props, instance: Instance) -> None:
    client, mine = aws("ec2"), [{"Name": "vpc-id", "Values": [instance.id]}]
    for name in _VPC_ATTRIBUTES:
        member = f"{name[0].upper()}{name[1:]}"
        found[name] = client.describe_vpc_attribute(VpcId=instance.id, Attribute=name)[member]["Value"]
    main = [*mine, {"Name": "association.main", "Values": ["true"]}]
    table = first(client.describe_route_tables(Filters=main), "RouteTables") or {}
    default = [*mine, {"Name": "group-name", "Values": ["default"]}]
    group = first(client.describe_security_groups(Filters=default), "SecurityGroups") or {}
    acl = (
        first(client.describe_network_acls(Filters=[*mine, {"Name": "default", "Values": ["true"]}]), "NetworkAcls")
        or {}
    )
    found["mainRouteTableId"] = found["defaultRouteTableId"] = table.get("RouteTableId", "")
    found["defaultSecurityGroupId"] = group.get("GroupId", "")
    found["defaultNetworkAclId"] = acl.get("NetworkAclId", "")


VPC = Resource(
    type_name="aws:ec2/vpc:Vpc",
    service="ec2",
    create=Call("create_vpc", tag_type="vpc"),
    identify=lambda answer, _: answer["Vpc"]["VpcId"],
    read=lambda aws, vpc: first(aws("ec2").describe_vpcs(VpcIds=[vpc.id]), "Vpcs"),
    delete=lambda aws, vpc: aws("ec2").delete_vpc(VpcId=vpc.id),
    steps=_one_by_one("modify_vpc_attribute", "VpcId", _VPC_ATTRIBUTES),
    finish=_complete_vpc,
    arn="ec2:vpc/{id}",
    tagging="ec2",
    rename={"assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock"},
    defaults={"enableDnsSupport": True, "instanceTenancy": "default"},
    computed=("cidrBlock", "enableDnsHostnames", "enableNetworkAddressUsageMetrics", "ipv6CidrBlock"),
    rules=(cidr_block("cidrBlock"), exactly_one("cidrBlock", "ipv4IpamPoolId")),
)

SUBNET = Resource(
    type_name="aws:ec2/subnet:Subnet",
    service="ec2",
    create=Call("create_subnet", tag_type="subnet"),
    identify=lambda answer, _: answer["Subnet"]["SubnetId"],
    read=lambda aws, subnet: first(aws("ec2").describe_subnets(SubnetIds=[subnet.id]), "Subnets"),
    delete=lambda aws, subnet: aws("ec2").delete_subnet(SubnetId=subnet.id),
    steps=_one_by_one("modify_subnet_attribute", "SubnetId", _SUBNET_ATTRIBUTES),
    arn="ec2:subnet/{id}",
    tagging="ec2",
    defaults=dict.fromkeys(
        (
            *_SUBNET_ATTRIBUTES,
            "enableResourceNameDnsARecordOnLaunch",
            "enableResourceNameDnsAaaaRecordOnLaunch",
            "ipv6Native",
        ),
        False,
    ),
    local=("enableResourceNameDnsARecordOnLaunch", "enableResourceNameDnsAaaaRecordOnLaunch"),
    computed=("availabilityZone", "availabilityZoneId", "cidrBlock", "privateDnsHostnameTypeOnLaunch"),
    rules=(cidr_block("cidrBlock"),),
)


def _inline_route(route: Props) -> Props:
    return {_INLINE_ROUTE.get(name, name): value for name, value in route.items() if value}


def _set_routes(aws: Aws, table: Instance) -> None:
    client = aws("ec2")
    for route in table.old.get("routes") or []:
        destination = {member: route[name] for name, member in _INLINE_ROUTE.items() if route.get(name)}
        client.delete_route(RouteTableId=table.id, **destination)
    for route in table.get("routes") or []:
        send(aws, "ec2", Call("create_route", _inline_route), route, {"RouteTableId": table.id})


def _complete_route_table(_aws: Aws, answer: Answer, found: Props, _table: Instance) -> None:
    found["propagatingVgws"] = [item["GatewayId"] for item in answer.get("PropagatingVgws", [])]
    routes = [route for route in answer.get("Routes", []) if route.get("Origin") == "CreateRoute"]
    fields = block_fields(ROUTE_TABLE.contract.inputs["routes"]["items"]) or {}
    given = [{member: value for member, value in route.items() if value} for route in routes]
    found["routes"] = [from_aws(fields, route, _INLINE_ROUTE) for route in given]


ROUTE_TABLE = Resource(
    type_name="aws:ec2/routeTable:RouteTable",
    service="ec2",
    create=Call("create_route_table", tag_type="route-table"),
    identify=lambda answer, _: answer["RouteTable"]["RouteTableId"],
    read=lambda aws, table: first(aws("ec2").describe_route_tables(RouteTableIds=[table.id]), "RouteTables"),
    delete=lambda aws, table: aws("ec2").delete_route_table(RouteTableId=table.id),
    steps=(Step(("routes",), _set_routes),),
    finish=_complete_route_table,
    arn="ec2:route-table/{id}",
    tagging="ec2",
    computed=("routes", "propagatingVgws"),
    reflects=("routes", "propagatingVgws"),
    comparison=Comparison(sets=("routes",)),
)


def _association(aws: Aws, association: Instance) -> Answer | None:
    """Find it by id, or by its subnet: moving it to another table gives it a new id."""
    subject = association.get("subnetId") or association.get("gatewayId")
    for table in aws("ec2").describe_route_tables()["RouteTables"]:
        for item in table.get("Associations", []):
            mine = item.get("SubnetId") or item.get("GatewayId")
            if item["RouteTableAssociationId"] == association.id or (subject and mine == subject):
                return item
    return None


def _move_association(aws: Aws, association: Instance) -> None:
    present = _association(aws, association) or {"RouteTableAssociationId": association.id}
    aws("ec2").replace_route_table_association(
        AssociationId=present["RouteTableAssociationId"], RouteTableId=association["routeTableId"]
    )


def _remove_association(aws: Aws, association: Instance) -> None:
    present = _association(aws, association)
    if present:
        aws("ec2").disassociate_route_table(AssociationId=present["RouteTableAssociationId"])


ROUTE_TABLE_ASSOCIATION = Resource(
    type_name="aws:ec2/routeTableAssociation:RouteTableAssociation",
    service="ec2",
    create=Call("associate_route_table"),
    identify=lambda answer, _: answer["AssociationId"],
    read=_association,
    delete=_remove_association,
    steps=(Step(("routeTableId",), _move_association, on_create=False),),
    rules=(exactly_one("subnetId", "gatewayId"),),
)


def _destination(props: Props) -> str:
    return next(str(props[name]) for name in _ROUTE_DESTINATIONS if props.get(name))


def _route(aws: Aws, route: Instance) -> Answer | None:
    table_id, destination = route.get("routeTableId"), None
    if table_id is None:
        table_id, destination = route.id.split("_", 1)
    destination = destination or _destination(route.props)
    table = first(aws("ec2").describe_route_tables(RouteTableIds=[table_id]), "RouteTables") or {}
    names = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    for item in table.get("Routes", []):
        if destination in [item.get(name) for name in names]:
            return {"RouteTableId": table_id, **{key: value for key, value in item.items() if value}}
    return None


def _send_route(aws: Aws, route: Instance) -> None:
    target = {name: value for name, value in route.props.items() if name != "region" and value}
    send(aws, "ec2", Call("replace_route"), target)


def _delete_route(aws: Aws, route: Instance) -> None:
    destination = {f"{name[0].upper()}{name[1:]}": route[name] for name in _ROUTE_DESTINATIONS if route.get(name)}
    aws("ec2").delete_route(RouteTableId=route["routeTableId"], **destination)


ROUTE = Resource(
    type_name="aws:ec2/route:Route",
    service="ec2",
    create=Call("create_route"),
    identify=lambda _, props: f"r-{props['routeTableId']}{zlib.crc32(_destination(props).encode())}",
    read=_route,
    delete=_delete_route,
    steps=(Step(_ROUTE_TARGETS, _send_route, on_create=False),),
    rules=(
        cidr_block("destinationCidrBlock"),
        exactly_one(*_ROUTE_DESTINATIONS),
        exactly_one(*_ROUTE_TARGETS),
    ),
)

ENTRIES = (VPC, SUBNET, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, ROUTE)
