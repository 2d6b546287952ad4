"""What moves the number of tasks between its limits?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.contracts import METRIC_DIMENSIONS, METRIC_NAMESPACE, GatewayMetric

if TYPE_CHECKING:
    from components.ecs.scope import Scope
    from components.ingress import Ingress

_NAMESPACE = "ecs"
_DIMENSION = "ecs:service:DesiredCount"


def make_scaling(scope: Scope, service: aws.ecs.Service, ingress: Ingress) -> aws.appautoscaling.Target:
    """Let Application Auto Scaling hold a metric at the plan's target, between limits that the keeper may own."""
    scaling, kept = scope.plan.scaling, scope.plan.is_kept
    least, most = scope.first_replicas
    target = aws.appautoscaling.Target(
        scope.name("replicas"),
        service_namespace=_NAMESPACE,
        scalable_dimension=_DIMENSION,
        resource_id=f"service/{scope.cluster_name}/{scope.service_name}",
        min_capacity=least,
        max_capacity=most,
        suspended_state={
            "dynamic_scaling_in_suspended": False,
            "dynamic_scaling_out_suspended": False,
            # Nobody schedules actions here. It is said because a change of it makes the provider write the limits too:
            # those that a keeper has left behind are in no state, and would seem right already.
            "scheduled_scaling_suspended": kept,
        },
        tags=scope.tagged("replicas"),
        opts=scope.options(
            # The id is text that AWS checks, so the order must be said.
            depends_on=[service],
            ignore_changes=["minCapacity", "maxCapacity"] if kept else None,
        ),
    )
    tracking: aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgsDict = {
        "target_value": scaling.target,
        "scale_out_cooldown": scaling.scale_out_cooldown_seconds,
        "scale_in_cooldown": scaling.scale_in_cooldown_seconds,
    }
    if scaling.metric == "concurrency":
        values = dict(zip(METRIC_DIMENSIONS, (scope.plan.stack, scope.plan.service), strict=True))
        tracking["customized_metric_specification"] = {
            "namespace": METRIC_NAMESPACE,
            "metric_name": GatewayMetric.IN_FLIGHT.value,
            # Each task publishes once per minute, so the average over them is per task.
            "statistic": "Average",
            "dimensions": [{"name": name, "value": value} for name, value in values.items()],
        }
    else:
        tracking["predefined_metric_specification"] = {
            "predefined_metric_type": "ALBRequestCountPerTarget",
            "resource_label": ingress.resource_label,
        }
    aws.appautoscaling.Policy(
        scope.name("scaling"),
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=tracking,
        opts=scope.options(),
    )
    return target
