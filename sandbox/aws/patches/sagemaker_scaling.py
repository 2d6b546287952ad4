"""Application Auto Scaling of SageMaker variants: bounds that bind, and a policy that has its two alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.models import (
    ApplicationAutoscalingBackend,
    FakeApplicationAutoscalingPolicy,
    FakeScalableTarget,
)
from moto.cloudwatch.models import cloudwatch_backends
from moto.moto_api._internal import mock_random
from moto.sagemaker.models import sagemaker_backends

from sandbox.aws.patches.sagemaker_change import VARIANT_DIMENSION, change_of, scale, settle

if TYPE_CHECKING:
    from moto.cloudwatch.models import Alarm

# Predefined metric -> CloudWatch metric, statistic, period in seconds, periods above and below the target.
_METRICS = {
    "SageMakerVariantInvocationsPerInstance": ("InvocationsPerInstance", "Sum", 60, 3, 15),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": ("ConcurrentRequestsPerModel", "Maximum", 10, 3, 90),
    "SageMakerVariantProvisionedConcurrencyUtilization": (
        *("ServerlessProvisionedConcurrencyUtilization", "Maximum"),
        *(60, 3, 15),
    ),
}
# Target tracking scales in well below its target only.
_LOW = 0.9


def make_alarms_of_variants() -> None:
    create = FakeApplicationAutoscalingPolicy.create_alarms

    def create_alarms(self: FakeApplicationAutoscalingPolicy) -> None:
        create(self)
        if self.service_namespace == "sagemaker" and self.target_tracking_scaling_policy_configuration:
            self.alarms.extend(_alarms(self, self.target_tracking_scaling_policy_configuration))

    FakeApplicationAutoscalingPolicy.create_alarms = create_alarms  # type: ignore[method-assign]


def pull_variants_into_bounds() -> None:
    register = ApplicationAutoscalingBackend.register_scalable_target

    def register_scalable_target(self: ApplicationAutoscalingBackend, *args: Any, **kwargs: Any) -> FakeScalableTarget:
        target = register(self, *args, **kwargs)
        if target.scalable_dimension == VARIANT_DIMENSION:
            _pull_into_bounds(self, target)
        return target

    ApplicationAutoscalingBackend.register_scalable_target = register_scalable_target  # type: ignore[method-assign]


def _pull_into_bounds(backend: ApplicationAutoscalingBackend, target: FakeScalableTarget) -> None:
    _, name, _, variant = target.resource_id.split("/")
    sagemaker = sagemaker_backends[backend.account_id][backend.region_name]
    settle(sagemaker)
    endpoint = sagemaker.endpoints[name]
    change = change_of(endpoint)
    described = next(
        item for item in (change.variants if change else endpoint.production_variants) if item["VariantName"] == variant
    )
    count = described.get("DesiredInstanceCount", 0)
    wanted = min(max(count, target.min_capacity or 0), target.max_capacity or 0)
    if wanted == count:
        return
    if change:  # AWS waits for it; then the bounds bind
        described["CurrentInstanceCount"] = described["DesiredInstanceCount"] = wanted
    else:
        scale(endpoint, {variant: wanted})


def _alarms(policy: FakeApplicationAutoscalingPolicy, configuration: dict[str, Any]) -> list[Alarm]:
    target, action = configuration["TargetValue"], f"{policy.policy_arn}:createdBy/{mock_random.uuid4()}"
    metric, above, below = _metric(policy, configuration)
    cloudwatch = cloudwatch_backends[policy.account_id][policy.region_name]
    sides = (
        ("High", "GreaterThanThreshold", above, target),
        *(() if configuration.get("DisableScaleIn") else (("Low", "LessThanThreshold", below, target * _LOW),)),
    )
    return [
        cloudwatch.put_metric_alarm(
            name=f"TargetTracking-{policy.resource_id}-Alarm{side}-{mock_random.uuid4()}",
            comparison_operator=operator,
            evaluation_periods=periods,
            threshold=threshold,
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {action}.",
            alarm_actions=[action],
            **metric,
        )
        for side, operator, periods, threshold in sides
    ]


def _metric(policy: FakeApplicationAutoscalingPolicy, configuration: dict[str, Any]) -> tuple[dict[str, Any], int, int]:
    """What the alarms watch, and for how many periods above and below the target."""
    own = configuration.get("CustomizedMetricSpecification")
    if own:
        watched = {
            "namespace": own.get("Namespace"),
            "metric_name": own.get("MetricName"),
            "dimensions": own.get("Dimensions", []),
            "statistic": own.get("Statistic"),
            "period": 60,
        }
        return watched, 3, 15
    kind = configuration["PredefinedMetricSpecification"]["PredefinedMetricType"]
    name, statistic, period, above, below = _METRICS[kind]
    _, endpoint, _, variant = policy.resource_id.split("/")
    watched = {
        "namespace": "AWS/SageMaker",
        "metric_name": name,
        "dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}],
        "statistic": statistic,
        "period": period,
    }
    return watched, above, below


PATCHES = (make_alarms_of_variants, pull_variants_into_bounds)
