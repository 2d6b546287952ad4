"""Application Auto Scaling: bounds in order, a target before its policies, one configuration per policy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moto.applicationautoscaling.models import FakeScalableTarget, applicationautoscaling_backends
from moto.ecs.models import ecs_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_CONFIGURATION = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}
_SCHEDULE_FIELDS = {"cron": 6, "rate": 2, "at": 1}
_SERVICE_PARTS = 3


@rule("application-autoscaling", "RegisterScalableTarget")
def target_is_possible(call: Call) -> None:
    low, high = call.params.get("MinCapacity"), call.params.get("MaxCapacity")
    existing = _target(call)
    if existing is not None:
        low = existing.min_capacity if low is None else low
        high = existing.max_capacity if high is None else high
    if low is None or high is None:
        raise _invalid("MinCapacity and MaxCapacity must be specified for a new scalable target")
    if low < 0:
        raise _invalid("Minimum capacity cannot be negative")
    if low > high:
        raise _invalid("Maximum capacity cannot be less than minimum capacity")
    if call.params["ServiceNamespace"] == "ecs":
        _require_service(call)


@rule("application-autoscaling", "PutScalingPolicy", "PutScheduledAction")
def target_is_registered(call: Call) -> None:
    if _target(call) is None:
        raise AwsError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {call.params['ServiceNamespace']}, "
            f"resource ID: {call.params['ResourceId']}, scalable dimension: {call.params['ScalableDimension']}",
        )


@rule("application-autoscaling", "PutScalingPolicy")
def policy_has_its_configuration(call: Call) -> None:
    kind = call.params.get("PolicyType", "StepScaling")
    given = [name for name in _CONFIGURATION.values() if name in call.params]
    if given != [_CONFIGURATION[kind]]:
        raise _invalid(f"A policy of type {kind} needs {_CONFIGURATION[kind]} and no other configuration")
    if kind == "TargetTrackingScaling":
        configuration = call.params[_CONFIGURATION[kind]]
        metrics = {"PredefinedMetricSpecification", "CustomizedMetricSpecification"} & configuration.keys()
        if len(metrics) != 1:
            raise _invalid("Exactly one of PredefinedMetricSpecification, CustomizedMetricSpecification is needed")


@rule("application-autoscaling", "PutScheduledAction")
def schedule_is_readable(call: Call) -> None:
    expression = call.params.get("Schedule", "")
    kind, _, rest = expression.partition("(")
    fields = rest.removesuffix(")").split()
    readable = (
        expression.endswith(")")
        and len(fields) == _SCHEDULE_FIELDS.get(kind)
        # Of day of month and day of week AWS wants exactly one left open.
        and (kind != "cron" or [fields[2], fields[4]].count("?") == 1)
    )
    if expression and not readable:
        raise _invalid(f"Invalid schedule expression: {expression}")
    zone = call.params.get("Timezone")
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise _invalid(f"Invalid time zone: {zone}") from None
    action = call.params.get("ScalableTargetAction", {})
    if "MinCapacity" in action and "MaxCapacity" in action and action["MinCapacity"] > action["MaxCapacity"]:
        raise _invalid("Maximum capacity cannot be less than minimum capacity")


def _require_service(call: Call) -> None:
    resource = call.params["ResourceId"]
    parts = resource.split("/")
    services = ecs_backends[ACCOUNT_ID][call.region].services
    service = services.get(f"{parts[1]}:{parts[2]}") if len(parts) == _SERVICE_PARTS else None
    if service is None or service.status != "ACTIVE":
        raise _invalid(f"ECS service doesn't exist: {resource}")


def _target(call: Call) -> FakeScalableTarget | None:
    targets = applicationautoscaling_backends[ACCOUNT_ID][call.region].targets
    return targets.get(call.params["ScalableDimension"], {}).get(call.params["ResourceId"])


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
