"""Application Auto Scaling: bounds in order, a target before its policies, one configuration per policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.models import FakeScalableTarget, applicationautoscaling_backends
from moto.ecs.models import ecs_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.expressions import ExpressionError, is_zone, parse
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.patches.sagemaker_change import VARIANT_DIMENSION
from sandbox.aws.rules.registry import rule
from sandbox.aws.rules.sagemaker import things

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_CONFIGURATION = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}
_CUSTOM_METRIC = {"MetricName", "Namespace", "Statistic"}
_SERVICE_PARTS = 3
_VARIANT_RESOURCE = re.compile(r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)")
# Namespace -> how the names of the metrics begin that AWS predefines for it.
_PREDEFINED = {"ecs": ("ECSService", "ALBRequest"), "sagemaker": ("SageMaker",)}


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
    if call.params["ScalableDimension"] == VARIANT_DIMENSION:
        _require_variant(call)
        if low < 1:
            raise _invalid("Minimum capacity of a SageMaker endpoint variant must be at least 1")


@rule("application-autoscaling", "PutScalingPolicy", "PutScheduledAction")
def target_is_registered(call: Call) -> None:
    if _target(call) is None:
        raise AwsError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {call.params['ServiceNamespace']}, "
            f"resource ID: {call.params['ResourceId']}, scalable dimension: {call.params['ScalableDimension']}",
        )


@rule("application-autoscaling", "DeregisterScalableTarget")
def registered_target_is_removed(call: Call) -> None:
    if _target(call) is None:
        raise _missing("scalable target", call)


@rule("application-autoscaling", "DeleteScalingPolicy")
def known_policy_is_removed(call: Call) -> None:
    policies = applicationautoscaling_backends[ACCOUNT_ID][call.region].policies.values()
    if not any(_is_of(policy, call) and policy.policy_name == call.params["PolicyName"] for policy in policies):
        raise _missing("scaling policy", call)


@rule("application-autoscaling", "DeleteScheduledAction")
def known_action_is_removed(call: Call) -> None:
    actions = applicationautoscaling_backends[ACCOUNT_ID][call.region].scheduled_actions
    wanted = call.params["ScheduledActionName"]
    if not any(_is_of(action, call) and action.scheduled_action_name == wanted for action in actions):
        raise _missing("scheduled action", call)


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
        custom = configuration.get("CustomizedMetricSpecification", {})
        if custom and "Metrics" not in custom and not custom.keys() >= _CUSTOM_METRIC:
            raise _invalid("A customized metric needs MetricName, Namespace and Statistic, or Metrics")
        metric = configuration.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", "")
        known = _PREDEFINED.get(call.params["ServiceNamespace"])
        if metric and known and not metric.startswith(known):
            raise _invalid(f"Predefined metric {metric} is not one of {call.params['ServiceNamespace']}")
        if configuration["TargetValue"] <= 0:
            raise _invalid("TargetValue must be greater than 0")
        for name in ("ScaleInCooldown", "ScaleOutCooldown"):
            if configuration.get(name, 0) < 0:
                raise _invalid(f"{name} cannot be negative")


@rule("application-autoscaling", "PutScheduledAction")
def schedule_is_readable(call: Call) -> None:
    expression, zone = call.params.get("Schedule", ""), call.params.get("Timezone")
    if zone is not None and not is_zone(zone):
        raise _invalid(f"Invalid time zone: {zone}")
    try:
        parse(expression or "rate(1 day)")
    except ExpressionError:
        raise _invalid(f"Invalid schedule expression: {expression}") from None
    action = call.params.get("ScalableTargetAction", {})
    if not action:
        raise _invalid("ScalableTargetAction must name MinCapacity, MaxCapacity or both")
    if "MinCapacity" in action and "MaxCapacity" in action and action["MinCapacity"] > action["MaxCapacity"]:
        raise _invalid("Maximum capacity cannot be less than minimum capacity")


def _require_service(call: Call) -> None:
    resource = call.params["ResourceId"]
    parts = resource.split("/")
    services = ecs_backends[ACCOUNT_ID][call.region].services
    service = services.get(f"{parts[1]}:{parts[2]}") if len(parts) == _SERVICE_PARTS else None
    if service is None or service.status != "ACTIVE":
        raise _invalid(f"ECS service doesn't exist: {resource}")


def _require_variant(call: Call) -> None:
    resource = call.params["ResourceId"]
    match = _VARIANT_RESOURCE.fullmatch(resource)
    endpoint = things(call, "endpoint").get(match["endpoint"]) if match else None
    # An endpoint that is being created has no variants yet, and one that is being deleted keeps none.
    serving = endpoint.production_variants if endpoint and endpoint.endpoint_status != "Deleting" else []
    if match is None or match["variant"] not in {variant["VariantName"] for variant in serving}:
        raise _invalid(f"SageMaker endpoint variant doesn't exist: {resource}")


def _target(call: Call) -> FakeScalableTarget | None:
    targets = applicationautoscaling_backends[ACCOUNT_ID][call.region].targets
    return targets.get(call.params["ScalableDimension"], {}).get(call.params["ResourceId"])


def _is_of(part: Any, call: Call) -> bool:
    """Whether a policy or a scheduled action belongs to the target that the call names."""
    named = (call.params["ResourceId"], call.params["ScalableDimension"])
    return (part.resource_id, part.scalable_dimension) == named


def _missing(what: str, call: Call) -> AwsError:
    return AwsError(
        "ObjectNotFoundException",
        f"No {what} found for service namespace: {call.params['ServiceNamespace']}, "
        f"resource ID: {call.params['ResourceId']}, scalable dimension: {call.params['ScalableDimension']}",
    )


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
