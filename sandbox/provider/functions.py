"""What do the `aws` provider's functions answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider.contract import Failure, function_contract
from sandbox.provider.resource import first
from sandbox.provider.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Path, Props


def invoke(token: str, aws: Aws, args: Props) -> tuple[Props, list[Failure], set[Path]]:
    """Call a function. Returns its outputs, what is wrong with the arguments, and which outputs are secret."""
    contract = function_contract(token)
    failures = list(_problems(contract, args))
    if failures:
        return {}, failures, set()
    found = FUNCTIONS[token](aws, args)
    outputs = {name: value for name, value in {**args, **found}.items() if name in contract["outputs"]}
    if "region" in contract["outputs"]:
        outputs["region"] = aws.region
    return outputs, [], {("value",)} if outputs.get("type") == "SecureString" else set()


def _problems(contract: dict[str, Any], args: Props) -> Iterator[Failure]:
    for name in args:
        if name not in contract["inputs"]:
            yield Failure(name, f"no argument of this name; known are {', '.join(contract['inputs'])}")
    for name in contract["required"]:
        if args.get(name) is None:
            yield Failure(name, "required, but not given")


def _filters(args: Props, **names: str) -> list[dict[str, Any]]:
    """Return EC2 filters from `filters`, `tags` and the arguments that are filters of their own."""
    filters = [{"Name": item["name"], "Values": item["values"]} for item in args.get("filters", [])]
    filters += [{"Name": f"tag:{key}", "Values": [value]} for key, value in args.get("tags", {}).items()]
    for name, filter_name in names.items():
        if args.get(name) is not None:
            value = args[name]
            filters.append({"Name": filter_name, "Values": [str(value).lower() if isinstance(value, bool) else value]})
    return filters


def _availability_zones(aws: Aws, args: Props) -> Props:
    answer = aws("ec2").describe_availability_zones(Filters=_filters(args, state="state"))["AvailabilityZones"]
    zones = [
        zone
        for zone in answer
        if zone["ZoneName"] not in args.get("excludeNames", []) and zone["ZoneId"] not in args.get("excludeZoneIds", [])
    ]
    return {
        "id": aws.region,
        "names": [zone["ZoneName"] for zone in zones],
        "zoneIds": [zone["ZoneId"] for zone in zones],
        "groupNames": sorted({zone.get("GroupName", aws.region) for zone in zones}),
    }


def _caller_identity(aws: Aws, _args: Props) -> Props:
    answer = aws("sts").get_caller_identity()
    return {"id": answer["Account"], "accountId": answer["Account"], "arn": answer["Arn"], "userId": answer["UserId"]}


def _region(aws: Aws, args: Props) -> Props:
    name = args.get("region") or args.get("name") or aws.region
    return {"id": name, "name": name, "region": name, "description": name, "endpoint": f"ec2.{name}.{aws.dns_suffix}"}


def _partition(aws: Aws, _args: Props) -> Props:
    reverse = ".".join(reversed(aws.dns_suffix.split(".")))
    return {"id": aws.partition, "partition": aws.partition, "dnsSuffix": aws.dns_suffix, "reverseDnsPrefix": reverse}


def _only(kind: str, found: list[Any]) -> Any:
    if len(found) != 1:
        wish = "change the filters" if not found else "make them more specific"
        raise ValueError(f"{len(found)} {kind} match these arguments, one is needed; {wish}")
    return found[0]


def _vpc(aws: Aws, args: Props) -> Props:
    filters = _filters(
        args, cidrBlock="cidr", default="isDefault", dhcpOptionsId="dhcp-options-id", state="state", id="vpc-id"
    )
    vpc = _only("VPCs", aws("ec2").describe_vpcs(Filters=filters)["Vpcs"])
    client, vpc_id = aws("ec2"), vpc["VpcId"]
    main = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["true"]}]
    attributes = {
        name: client.describe_vpc_attribute(VpcId=vpc_id, Attribute=name)[f"{name[0].upper()}{name[1:]}"]["Value"]
        for name in ("enableDnsHostnames", "enableDnsSupport", "enableNetworkAddressUsageMetrics")
    }
    return {
        **attributes,
        "id": vpc_id,
        "arn": aws.arn("ec2", f"vpc/{vpc_id}"),
        "cidrBlock": vpc["CidrBlock"],
        "cidrBlockAssociations": [
            {
                "associationId": item["AssociationId"],
                "cidrBlock": item["CidrBlock"],
                "state": item["CidrBlockState"]["State"],
            }
            for item in vpc.get("CidrBlockAssociationSet", [])
        ],
        "default": vpc.get("IsDefault", False),
        "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
        "instanceTenancy": vpc.get("InstanceTenancy", "default"),
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
        "mainRouteTableId": (first(client.describe_route_tables(Filters=main), "RouteTables") or {}).get(
            "RouteTableId", ""
        ),
        "ownerId": vpc.get("OwnerId", aws.account),
        "state": vpc.get("State", "available"),
        "tags": as_map(vpc.get("Tags", [])),
    }


def _subnet(aws: Aws, args: Props) -> Props:
    filters = _filters(
        args,
        availabilityZone="availabilityZone",
        availabilityZoneId="availabilityZoneId",
        cidrBlock="cidrBlock",
        defaultForAz="defaultForAz",
        id="subnet-id",
        state="state",
        vpcId="vpc-id",
    )
    subnet = _only("subnets", aws("ec2").describe_subnets(Filters=filters)["Subnets"])
    return {
        "id": subnet["SubnetId"],
        "arn": aws.arn("ec2", f"subnet/{subnet['SubnetId']}"),
        "assignIpv6AddressOnCreation": subnet.get("AssignIpv6AddressOnCreation", False),
        "availabilityZone": subnet["AvailabilityZone"],
        "availabilityZoneId": subnet.get("AvailabilityZoneId", ""),
        "availableIpAddressCount": subnet.get("AvailableIpAddressCount", 0),
        "cidrBlock": subnet["CidrBlock"],
        "customerOwnedIpv4Pool": "",
        "defaultForAz": subnet.get("DefaultForAz", False),
        "enableDns64": subnet.get("EnableDns64", False),
        "enableLniAtDeviceIndex": 0,
        "enableResourceNameDnsARecordOnLaunch": False,
        "enableResourceNameDnsAaaaRecordOnLaunch": False,
        "ipv6CidrBlock": "",
        "ipv6CidrBlockAssociationId": "",
        "ipv6Native": subnet.get("Ipv6Native", False),
        "mapCustomerOwnedIpOnLaunch": False,
        "mapPublicIpOnLaunch": subnet.get("MapPublicIpOnLaunch", False),
        "outpostArn": "",
        "ownerId": subnet.get("OwnerId", aws.account),
        "privateDnsHostnameTypeOnLaunch": "ip-name",
        "state": subnet.get("State", "available"),
        "tags": as_map(subnet.get("Tags", [])),
        "vpcId": subnet["VpcId"],
    }


def _subnets(aws: Aws, args: Props) -> Props:
    pages = aws("ec2").get_paginator("describe_subnets").paginate(Filters=_filters(args))
    return {"id": aws.region, "ids": [subnet["SubnetId"] for page in pages for subnet in page["Subnets"]]}


def _parameter(aws: Aws, args: Props) -> Props:
    decrypt = args.get("withDecryption", True)
    answer = aws("ssm").get_parameter(Name=args["name"], WithDecryption=decrypt)["Parameter"]
    insecure = {} if answer["Type"] == "SecureString" else {"insecureValue": answer["Value"]}
    return {
        **insecure,
        "id": answer["Name"],
        "name": args["name"],
        "arn": answer["ARN"],
        "type": answer["Type"],
        "value": answer["Value"],
        "version": answer.get("Version", 1),
        "withDecryption": decrypt,
    }


def _secret(aws: Aws, args: Props) -> Props:
    given = [args[name] for name in ("arn", "name") if args.get(name)]
    if len(given) != 1:
        raise ValueError("exactly one of arn, name must be given")
    client = aws("secretsmanager")
    answer = client.describe_secret(SecretId=given[0])
    policy = client.get_resource_policy(SecretId=given[0]).get("ResourcePolicy") or ""
    dates = {
        name: answer[member].strftime("%Y-%m-%dT%H:%M:%SZ")
        for name, member in (("createdDate", "CreatedDate"), ("lastChangedDate", "LastChangedDate"))
        if answer.get(member)
    }
    return {
        **dates,
        "id": answer["ARN"],
        "arn": answer["ARN"],
        "name": answer["Name"],
        "description": answer.get("Description", ""),
        "kmsKeyId": answer.get("KmsKeyId", ""),
        "policy": policy,
        "tags": as_map(answer.get("Tags", [])),
    }


def _instance_type_offerings(aws: Aws, args: Props) -> Props:
    kind = args.get("locationType", "region")
    paginator = aws("ec2").get_paginator("describe_instance_type_offerings")
    pages = paginator.paginate(LocationType=kind, Filters=_filters(args))
    offerings = [item for page in pages for item in page["InstanceTypeOfferings"]]
    return {
        "id": aws.region,
        "instanceTypes": [item["InstanceType"] for item in offerings],
        "locations": [item["Location"] for item in offerings],
        "locationTypes": [item["LocationType"] for item in offerings],
    }


FUNCTIONS: dict[str, Callable[[Aws, Props], Props]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": _instance_type_offerings,
    "aws:ssm/getParameter:getParameter": _parameter,
    "aws:secretsmanager/getSecret:getSecret": _secret,
}
