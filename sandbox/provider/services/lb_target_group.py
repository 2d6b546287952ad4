"""How is a target group made, and what is put behind it, in the Elastic Load Balancing v2 API?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider.contract import Failure
from sandbox.provider.names import prefixed_name
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first
from sandbox.provider.rules import arn, between, conflict, each, matches, one_of, unknown_here
from sandbox.provider.services.lb_balancer import attribute_value, name_problem, tagged
from sandbox.provider.shapes import to_aws
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_HEALTH = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}
_ATTRIBUTES = {
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "lambdaMultiValueHeadersEnabled": "lambda.multi_value_headers.enabled",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "slowStart": "slow_start.duration_seconds",
}
_NUMBERS = ("deregistrationDelay", "slowStart")
_BOOLEANS = ("connectionTermination", "lambdaMultiValueHeadersEnabled", "proxyProtocolV2")


def _api_form(props: Props) -> Props:
    props = dict(props)
    check = props.pop("healthCheck", None)
    if isinstance(check, dict):
        props |= _health_form(check)
    return props


def _health_form(check: Props) -> Props:
    form = {f"{member[0].lower()}{member[1:]}": check[name] for name, member in _HEALTH.items() if name in check}
    if "matcher" in check and check["matcher"] is not UNKNOWN:
        codes = "grpcCode" if check.get("protocol") == "GRPC" else "httpCode"
        form["matcher"] = {codes: check["matcher"]}
    return form


def _set_attributes(aws: Aws, group: Instance) -> None:
    pairs = {
        key: attribute_value(group[name])
        for name, key in _ATTRIBUTES.items()
        if group.get(name) is not None and group.old.get(name) != group[name]
    }
    sticky = group.get("stickiness")
    if sticky is not None:
        pairs["stickiness.enabled"] = attribute_value(sticky.get("enabled", True))
        pairs["stickiness.type"] = sticky["type"]
        seconds = attribute_value(sticky.get("cookieDuration", 86400))
        pairs[f"stickiness.{sticky['type']}.{'duration_seconds' if sticky['type'] != 'source_ip' else 'seconds'}"] = (
            seconds
        )
    elif group.old.get("stickiness"):
        pairs["stickiness.enabled"] = "false"
    if pairs:
        attributes = [{"Key": key, "Value": value} for key, value in pairs.items()]
        aws("elbv2").modify_target_group_attributes(TargetGroupArn=group.id, Attributes=attributes)


def _set_health(aws: Aws, group: Instance) -> None:
    client = aws("elbv2")
    shape = Call("modify_target_group").input_shape(client)
    request = to_aws(shape, _health_form(group.get("healthCheck") or {}), "", {}, [])
    client.modify_target_group(TargetGroupArn=group.id, **request)


def _group(aws: Aws, group: Instance) -> Answer | None:
    client = aws("elbv2")
    found = first(client.describe_target_groups(TargetGroupArns=[group.id]), "TargetGroups")
    attributes = client.describe_target_group_attributes(TargetGroupArn=group.id)["Attributes"]
    return tagged(aws, {**found, "Attributes": attributes}, group.id) if found else None


def _complete(_aws: Aws, answer: Answer, found: Props, group: Instance) -> None:
    found["arnSuffix"] = group.id.rsplit(":", 1)[-1]
    codes = answer.get("Matcher") or {}
    check = {name: answer[member] for name, member in _HEALTH.items() if answer.get(member) is not None}
    check["matcher"] = codes.get("HttpCode") or codes.get("GrpcCode")
    found["healthCheck"] = {name: value for name, value in check.items() if value is not None}
    attributes = {item["Key"]: item["Value"] for item in answer["Attributes"]}
    for name, key in _ATTRIBUTES.items():
        if key in attributes:
            value = attributes[key]
            found[name] = value == "true" if name in _BOOLEANS else int(value) if name in _NUMBERS else value
    if "stickiness.type" in attributes and (attributes.get("stickiness.enabled") == "true" or group.get("stickiness")):
        kind = attributes["stickiness.type"]
        found["stickiness"] = {
            "enabled": attributes.get("stickiness.enabled") == "true",
            "type": kind,
            "cookieDuration": int(attributes.get(f"stickiness.{kind}.duration_seconds", 0)),
        }


def _complete_block(props: Props) -> Iterable[Failure]:
    kind, check = props.get("targetType"), props.get("healthCheck")
    if kind not in ("lambda", UNKNOWN):
        for name in ("port", "protocol", "vpcId"):
            if props.get(name) is None:
                yield Failure(name, f"must be given when targetType is {kind!r}")
    if not isinstance(check, dict):
        return
    interval, timeout = check.get("interval"), check.get("timeout")
    if isinstance(interval, int) and isinstance(timeout, int) and timeout >= interval:
        yield Failure("healthCheck.timeout", f"{timeout} must be less than interval, which is {interval}")
    if check.get("protocol") == "TCP" and props.get("protocol") in ("HTTP", "HTTPS"):
        yield Failure("healthCheck.protocol", "TCP cannot check a target group of HTTP or HTTPS; use HTTP")


def _slow_start(props: Props) -> Iterable[Failure]:
    value = props.get("slowStart")
    if value not in (None, 0, UNKNOWN) and props.get("loadBalancingAlgorithmType") == "least_outstanding_requests":
        yield Failure("slowStart", "does not go with least_outstanding_requests")


TARGET_GROUP = Resource(
    type_name="aws:lb/targetGroup:TargetGroup",
    service="elbv2",
    create=Call("create_target_group", _api_form),
    identify=lambda answer, _: answer["TargetGroups"][0]["TargetGroupArn"],
    read=_group,
    delete=lambda aws, group: aws("elbv2").delete_target_group(TargetGroupArn=group.id),
    steps=(
        Step((*_ATTRIBUTES, "stickiness"), _set_attributes),
        Step(("healthCheck",), _set_health, on_create=False),
    ),
    finish=_complete,
    rename={"name": "TargetGroupName", "arn": "TargetGroupArn"},
    tagging="elbv2",
    defaults={
        "deregistrationDelay": 300,
        "healthCheck.enabled": True,
        "healthCheck.healthyThreshold": 3,
        "healthCheck.interval": 30,
        "healthCheck.port": "traffic-port",
        "healthCheck.protocol": "HTTP",
        "healthCheck.unhealthyThreshold": 3,
        "lambdaMultiValueHeadersEnabled": False,
        "proxyProtocolV2": False,
        "slowStart": 0,
        "targetType": "instance",
    },
    reflects=("loadBalancerArns",),
    computed=(
        "connectionTermination",
        "healthCheck",
        "ipAddressType",
        "loadBalancingAlgorithmType",
        "loadBalancingAnomalyMitigation",
        "loadBalancingCrossZoneEnabled",
        "preserveClientIp",
        "protocolVersion",
        "stickiness",
        "targetFailovers",
        "targetGroupHealth",
        "targetHealthStates",
    ),
    rules=(
        each("name", name_problem),
        conflict("name", "namePrefix"),
        _complete_block,
        _slow_start,
        one_of("targetType", "instance", "ip", "lambda", "alb"),
        one_of("loadBalancingAlgorithmType", "round_robin", "least_outstanding_requests", "weighted_random"),
        matches("healthCheck.path", r"/.*", "must begin with /"),
        between("healthCheck.interval", 5, 300),
        between("healthCheck.timeout", 2, 120),
        between("healthCheck.healthyThreshold", 2, 10),
        between("healthCheck.unhealthyThreshold", 2, 10),
        between("deregistrationDelay", 0, 3600),
        between("slowStart", 30, 900, 0),
        between("port", 1, 65535),
    ),
    name_limit=32,
)


def _attachment(aws: Aws, attachment: Instance) -> Answer | None:
    wanted = _target(attachment)
    found = aws("elbv2").describe_target_health(TargetGroupArn=attachment["targetGroupArn"])
    registered = [one["Target"] for one in found["TargetHealthDescriptions"]]
    if not any(wanted.items() <= one.items() for one in registered):
        return None
    return {"TargetGroupArn": attachment["targetGroupArn"], **wanted}


def _target(attachment: Instance) -> dict[str, Any]:
    members = {"targetId": "Id", "port": "Port", "availabilityZone": "AvailabilityZone"}
    return {member: attachment[name] for name, member in members.items() if attachment.get(name) is not None}


def _attachment_form(props: Props) -> Props:
    names = {"targetId": "id", "port": "port", "availabilityZone": "availabilityZone"}
    target = {member: props[name] for name, member in names.items() if props.get(name) is not None}
    return {"targetGroupArn": props.get("targetGroupArn"), "targets": [target]}


def _detach(aws: Aws, attachment: Instance) -> None:
    aws("elbv2").deregister_targets(TargetGroupArn=attachment["targetGroupArn"], Targets=[_target(attachment)])


ATTACHMENT = Resource(
    type_name="aws:lb/targetGroupAttachment:TargetGroupAttachment",
    service="elbv2",
    create=Call("register_targets", _attachment_form),
    identify=lambda _, props: prefixed_name(f"{props['targetGroupArn']}-"),
    read=_attachment,
    delete=_detach,
    rename={"targetId": "Id"},
    rules=(
        arn("targetGroupArn"),
        between("port", 1, 65535),
        unknown_here("quicServerId"),
    ),
)

ENTRIES = (TARGET_GROUP, ATTACHMENT)
