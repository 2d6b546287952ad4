"""How is a load balancer made in the Elastic Load Balancing v2 API?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first
from sandbox.provider.rules import between, conflict, each, one_of
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_ATTRIBUTES = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
_LOGS = {"accessLogs": "access_logs.s3", "connectionLogs": "connection_logs.s3"}
_INTEGERS = ("clientKeepAlive", "idleTimeout")
_TEXTS = ("desyncMitigationMode", "xffHeaderProcessingMode")
_NAME_LIMIT = 32


def attribute_value(value: Any) -> str:
    """Return a value as the attribute calls want it: a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def tagged(aws: Aws, found: Answer | None, arn: str) -> Answer | None:
    """Return an answer with the tags of its ARN."""
    if found is None:
        return None
    descriptions = aws("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return {**found, "Tags": descriptions[0]["Tags"] if descriptions else []}


def name_problem(value: str) -> str | None:
    """Say why AWS refuses the name of a load balancer or target group."""
    if len(value) > _NAME_LIMIT:
        return f"takes at most {_NAME_LIMIT} characters, got {len(value)}"
    if not re.fullmatch(r"[0-9A-Za-z-]+", value) or value.startswith("-") or value.endswith("-"):
        return f"must hold only letters, digits and inner hyphens; got {value!r}"
    return "cannot begin with internal-; give it another name" if value.startswith("internal-") else None


def _api_form(props: Props) -> Props:
    props = dict(props)
    internal = props.pop("internal", None)
    if isinstance(internal, bool):
        props["scheme"] = "internal" if internal else "internet-facing"
    return props


def _set_attributes(aws: Aws, balancer: Instance) -> None:
    pairs = {
        key: attribute_value(balancer[name])
        for name, key in _ATTRIBUTES.items()
        if balancer.get(name) is not None and balancer.old.get(name) != balancer[name]
    }
    for name, prefix in _LOGS.items():
        block: Mapping[str, Any] | None = balancer.get(name)
        if block is not None:
            pairs |= {f"{prefix}.{key}": attribute_value(value) for key, value in {"enabled": False, **block}.items()}
        elif balancer.old.get(name):
            pairs[f"{prefix}.enabled"] = "false"
    if pairs:
        attributes = [{"Key": key, "Value": value} for key, value in pairs.items()]
        aws("elbv2").modify_load_balancer_attributes(LoadBalancerArn=balancer.id, Attributes=attributes)


def _balancer(aws: Aws, balancer: Instance) -> Answer | None:
    client = aws("elbv2")
    found = first(client.describe_load_balancers(LoadBalancerArns=[balancer.id]), "LoadBalancers")
    attributes = client.describe_load_balancer_attributes(LoadBalancerArn=balancer.id)["Attributes"]
    return tagged(aws, {**found, "Attributes": attributes}, balancer.id) if found else None


def _complete(_aws: Aws, answer: Answer, found: Props, balancer: Instance) -> None:
    found["arnSuffix"] = balancer.id.split(":loadbalancer/", 1)[-1]
    found["internal"] = answer.get("Scheme") == "internal"
    found["subnets"] = [zone["SubnetId"] for zone in answer.get("AvailabilityZones", []) if zone.get("SubnetId")]
    found["subnetMappings"] = [{"subnetId": subnet} for subnet in found["subnets"]]
    attributes = {item["Key"]: item["Value"] for item in answer["Attributes"]}
    for name, key in _ATTRIBUTES.items():
        if key in attributes:
            value = attributes[key]
            found[name] = int(value) if name in _INTEGERS else value if name in _TEXTS else value == "true"
    for name, prefix in _LOGS.items():
        if attributes.get(f"{prefix}.enabled") == "true" or balancer.get(name):
            found[name] = {
                "enabled": attributes.get(f"{prefix}.enabled") == "true",
                "bucket": attributes.get(f"{prefix}.bucket", ""),
                "prefix": attributes.get(f"{prefix}.prefix", ""),
            }


def _set_groups(aws: Aws, balancer: Instance) -> None:
    aws("elbv2").set_security_groups(LoadBalancerArn=balancer.id, SecurityGroups=balancer.get("securityGroups") or [])


def _set_subnets(aws: Aws, balancer: Instance) -> None:
    if balancer.get("subnets"):
        aws("elbv2").set_subnets(LoadBalancerArn=balancer.id, Subnets=balancer["subnets"])


def _set_address_type(aws: Aws, balancer: Instance) -> None:
    kind = balancer.get("ipAddressType") or "ipv4"
    aws("elbv2").set_ip_address_type(LoadBalancerArn=balancer.id, IpAddressType=kind)


def _delete(aws: Aws, balancer: Instance) -> None:
    attributes = aws("elbv2").describe_load_balancer_attributes(LoadBalancerArn=balancer.id)["Attributes"]
    if {"Key": "deletion_protection.enabled", "Value": "true"} in attributes:
        raise ValueError("deletion protection is on; set enableDeletionProtection to false and run `pulumi up` first")
    aws("elbv2").delete_load_balancer(LoadBalancerArn=balancer.id)


def _two_subnets(props: Props) -> Iterable[Failure]:
    subnets = props.get("subnets")
    kind = props.get("loadBalancerType")
    if isinstance(subnets, list) and UNKNOWN not in subnets and kind == "application" and len(set(subnets)) < 2:  # noqa: PLR2004
        yield Failure("subnets", f"an application load balancer needs subnets in two zones, got {len(subnets)}")


LOAD_BALANCER = Resource(
    type_name="aws:lb/loadBalancer:LoadBalancer",
    service="elbv2",
    create=Call("create_load_balancer", _api_form),
    identify=lambda answer, _: answer["LoadBalancers"][0]["LoadBalancerArn"],
    read=_balancer,
    delete=_delete,
    steps=(
        Step((*_ATTRIBUTES, *_LOGS), _set_attributes),
        Step(("securityGroups",), _set_groups, on_create=False),
        Step(("subnets",), _set_subnets, on_create=False),
        Step(("ipAddressType",), _set_address_type, on_create=False),
    ),
    finish=_complete,
    rename={
        "name": "LoadBalancerName",
        "loadBalancerType": "Type",
        "arn": "LoadBalancerArn",
        "dnsName": "DNSName",
        "zoneId": "CanonicalHostedZoneId",
    },
    tagging="elbv2",
    defaults={
        "clientKeepAlive": 3600,
        "desyncMitigationMode": "defensive",
        "dropInvalidHeaderFields": False,
        "enableDeletionProtection": False,
        "enableHttp2": True,
        "enableTlsVersionAndCipherSuiteHeaders": False,
        "enableWafFailOpen": False,
        "enableXffClientPort": False,
        "enableZonalShift": False,
        "idleTimeout": 60,
        "loadBalancerType": "application",
        "preserveHostHeader": False,
        "xffHeaderProcessingMode": "append",
    },
    computed=(
        "internal",
        "ipAddressType",
        "securityGroups",
        "subnets",
        "subnetMappings",
        "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
        "enableCrossZoneLoadBalancing",
        "secondaryIpsAutoAssignedPerSubnet",
    ),
    comparison=Comparison(sets=("subnets", "securityGroups", "subnetMappings")),
    rules=(
        each("name", name_problem),
        conflict("name", "namePrefix"),
        conflict("subnets", "subnetMappings"),
        _two_subnets,
        one_of("loadBalancerType", "application", "network", "gateway"),
        one_of("desyncMitigationMode", "monitor", "defensive", "strictest"),
        one_of("xffHeaderProcessingMode", "append", "preserve", "remove"),
        between("idleTimeout", 1, 4000),
        between("clientKeepAlive", 60, 604800),
    ),
    name_limit=_NAME_LIMIT,
)

ENTRIES = (LOAD_BALANCER,)
