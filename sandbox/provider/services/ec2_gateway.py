"""How does a VPC reach the outside: internet and NAT gateways, addresses, endpoints?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison, policy_form
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first
from sandbox.provider.rules import json_text, one_of

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_ENDPOINT_SETS = {"routeTableIds": "RouteTableIds", "subnetIds": "SubnetIds", "securityGroupIds": "SecurityGroupIds"}


def _attach_gateway(aws: Aws, gateway: Instance) -> None:
    if gateway.old.get("vpcId"):
        aws("ec2").detach_internet_gateway(InternetGatewayId=gateway.id, VpcId=gateway.old["vpcId"])
    if gateway.get("vpcId"):
        aws("ec2").attach_internet_gateway(InternetGatewayId=gateway.id, VpcId=gateway["vpcId"])


def _delete_gateway(aws: Aws, gateway: Instance) -> None:
    found = first(aws("ec2").describe_internet_gateways(InternetGatewayIds=[gateway.id]), "InternetGateways") or {}
    for attachment in found.get("Attachments", []):
        aws("ec2").detach_internet_gateway(InternetGatewayId=gateway.id, VpcId=attachment["VpcId"])
    aws("ec2").delete_internet_gateway(InternetGatewayId=gateway.id)


def _complete_gateway(_aws: Aws, answer: Answer, found: Props, _gateway: Instance) -> None:
    found["vpcId"] = (first(answer, "Attachments") or {}).get("VpcId")


INTERNET_GATEWAY = Resource(
    type_name="aws:ec2/internetGateway:InternetGateway",
    service="ec2",
    create=Call("create_internet_gateway", tag_type="internet-gateway"),
    identify=lambda answer, _: answer["InternetGateway"]["InternetGatewayId"],
    read=lambda aws, gateway: first(
        aws("ec2").describe_internet_gateways(InternetGatewayIds=[gateway.id]), "InternetGateways"
    ),
    delete=_delete_gateway,
    steps=(Step(("vpcId",), _attach_gateway),),
    finish=_complete_gateway,
    arn="ec2:internet-gateway/{id}",
    tagging="ec2",
    computed=("vpcId",),
)


def _complete_address(aws: Aws, answer: Answer, found: Props, eip: Instance) -> None:
    found["allocationId"] = eip.id
    dashed = answer["PublicIp"].replace(".", "-")
    place = "compute-1" if aws.region == "us-east-1" else f"{aws.region}.compute"
    found["publicDns"] = f"ec2-{dashed}.{place}.{aws.dns_suffix}"
    found.setdefault("publicIpv4Pool", "amazon")
    found.setdefault("networkBorderGroup", aws.region)


EIP = Resource(
    type_name="aws:ec2/eip:Eip",
    service="ec2",
    create=Call("allocate_address", tag_type="elastic-ip"),
    identify=lambda answer, _: answer["AllocationId"],
    read=lambda aws, eip: first(aws("ec2").describe_addresses(AllocationIds=[eip.id]), "Addresses"),
    delete=lambda aws, eip: aws("ec2").release_address(AllocationId=eip.id),
    finish=_complete_address,
    arn="ec2:elastic-ip/{id}",
    tagging="ec2",
    rename={"privateIp": "PrivateIpAddress", "instance": "InstanceId", "networkInterface": "NetworkInterfaceId"},
    reflects=("associationId", "instance", "networkInterface", "privateDns", "privateIp"),
    computed=("domain", "instance", "networkInterface", "networkBorderGroup", "publicIpv4Pool"),
    rules=(one_of("domain", "vpc"),),
)


def _nat_gateway(aws: Aws, nat: Instance) -> Answer | None:
    found = first(aws("ec2").describe_nat_gateways(NatGatewayIds=[nat.id]), "NatGateways")
    if found is None or found["State"] in ("deleted", "deleting"):
        return None
    return {**found, **(first(found, "NatGatewayAddresses") or {})}


NAT_GATEWAY = Resource(
    type_name="aws:ec2/natGateway:NatGateway",
    service="ec2",
    create=Call("create_nat_gateway", tag_type="natgateway"),
    identify=lambda answer, _: answer["NatGateway"]["NatGatewayId"],
    read=_nat_gateway,
    delete=lambda aws, nat: aws("ec2").delete_nat_gateway(NatGatewayId=nat.id),
    tagging="ec2",
    defaults={"connectivityType": "public"},
    computed=(
        "availabilityMode",
        "availabilityZoneAddresses",
        "privateIp",
        "secondaryAllocationIds",
        "secondaryPrivateIpAddressCount",
        "secondaryPrivateIpAddresses",
        "vpcId",
    ),
)


def _change_endpoint(aws: Aws, endpoint: Instance) -> None:
    request: dict[str, object] = {}
    for name, member in _ENDPOINT_SETS.items():
        old, new = set(endpoint.old.get(name) or []), set(endpoint.get(name) or [])
        request |= {f"Add{member}": sorted(new - old)} if new - old else {}
        request |= {f"Remove{member}": sorted(old - new)} if old - new else {}
    if endpoint.get("policy") != endpoint.old.get("policy"):
        request |= {"PolicyDocument": endpoint["policy"]} if endpoint.get("policy") else {"ResetPolicy": True}
    aws("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint.id, **request)


def _complete_endpoint(_aws: Aws, answer: Answer, found: Props, _endpoint: Instance) -> None:
    found["securityGroupIds"] = [group["GroupId"] for group in answer.get("Groups", [])]
    found["state"] = str(answer.get("State", "")).lower()
    found.pop("dnsOptions", None)


def _endpoint(aws: Aws, endpoint: Instance) -> Answer | None:
    found = first(aws("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint.id]), "VpcEndpoints")
    return None if found is None or str(found.get("State")).lower() in ("deleted", "deleting") else found


VPC_ENDPOINT = Resource(
    type_name="aws:ec2/vpcEndpoint:VpcEndpoint",
    service="ec2",
    create=Call("create_vpc_endpoint", tag_type="vpc-endpoint"),
    identify=lambda answer, _: answer["VpcEndpoint"]["VpcEndpointId"],
    read=_endpoint,
    delete=lambda aws, endpoint: aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint.id]),
    steps=(Step((*_ENDPOINT_SETS, "policy"), _change_endpoint, on_create=False),),
    finish=_complete_endpoint,
    arn="ec2:vpc-endpoint/{id}",
    tagging="ec2",
    rename={"policy": "PolicyDocument", "privateDnsEnabled": "PrivateDnsEnabled"},
    defaults={"vpcEndpointType": "Gateway"},
    computed=(
        "policy",
        "routeTableIds",
        "subnetIds",
        "securityGroupIds",
        "ipAddressType",
        "dnsOptions",
        "privateDnsEnabled",
    ),
    comparison=Comparison(sets=tuple(_ENDPOINT_SETS), canonical={"policy": policy_form}),
    rules=(json_text("policy"),),
)

ENTRIES = (INTERNET_GATEWAY, EIP, NAT_GATEWAY, VPC_ENDPOINT)
