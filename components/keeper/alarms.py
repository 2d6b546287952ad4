"""What rings when the keeper fails or falls silent, or when a service costs more than it should?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.contracts import METRIC_DIMENSIONS, METRIC_NAMESPACE, KeeperMetric
from components.keeper.names import alarm_name
from components.keeper.schedules import RUN_MINUTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.keeper.notices import Notices
    from components.keeper.scope import Scope, ServiceScope

_RUN_SECONDS = RUN_MINUTES * 60
_QUEUE_SECONDS = 300
_SILENT_RUNS = 3
_HOUR_RUNS = 6
"""A deployment has old and new replicas at once, for less than an hour."""
_PENNY = 0.01


def make_stack_alarms(scope: Scope, notices: Notices) -> None:
    """Make the alarms on the keeper itself: it fails again and again, or AWS cannot run it."""
    told: dict[str, Any] = {"alarm_actions": [notices.topic.arn], "ok_actions": [notices.topic.arn]}
    aws.cloudwatch.MetricAlarm(
        scope.name("errors"),
        name=alarm_name(scope.stack, "keeper-errors"),
        alarm_description=f"The keeper of stack {scope.stack} fails; its log says why.",
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions={"FunctionName": scope.function_name},
        statistic="Sum",
        period=_RUN_SECONDS,
        evaluation_periods=3,
        # One failure heals with the next run.
        datapoints_to_alarm=2,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        tags=scope.tagged("errors"),
        opts=scope.options(depends_on=[notices.policy]),
        **told,
    )
    aws.cloudwatch.MetricAlarm(
        scope.name("undelivered"),
        name=alarm_name(scope.stack, "keeper-undelivered"),
        alarm_description=f"Runs of the keeper of stack {scope.stack} were given up; they are in its queue.",
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": scope.function_name},
        statistic="Maximum",
        period=_QUEUE_SECONDS,
        evaluation_periods=1,
        threshold=0,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data="notBreaching",
        tags=scope.tagged("undelivered"),
        opts=scope.options(depends_on=[notices.policy]),
        **told,
    )


def make_service_alarms(scope: ServiceScope, notices: Notices, *, after: pulumi.Resource) -> None:
    """Make the alarms on one service; `after` the keeper's first run, which the one on silence has to have heard."""
    service, config, budget = scope.kept.service, scope.kept.config, scope.kept.budget
    needs = [notices.policy, after]
    actions = [notices.topic.arn, *(budget.topics if budget else ())]
    _alarm(
        scope,
        "silent",
        KeeperMetric.STATE,
        f"Nobody has looked after {service} for {_SILENT_RUNS * RUN_MINUTES} minutes: it may run all night.",
        actions,
        needs,
        statistic="SampleCount",
        threshold=1,
        comparison_operator="LessThanThreshold",
        evaluation_periods=_SILENT_RUNS,
        treat_missing_data="breaching",
    )
    if (highest := _highest_usd_per_hour(scope)) is not None:
        _alarm(
            scope,
            "burn-rate",
            KeeperMetric.BURN_RATE_USD_PER_HOUR,
            f"{service} costs more per hour than its {config.max_replicas} replicas at most: {highest} USD.",
            actions,
            needs,
            threshold=highest,
            evaluation_periods=_HOUR_RUNS,
        )
    if budget is None:
        return
    for percent in budget.alert_at_percent:
        _alarm(
            scope,
            f"spent-{percent}",
            KeeperMetric.SPEND_MONTH_TO_DATE,
            f"{service} has spent {percent} % of its {budget.monthly_usd:,.2f} USD for this month.",
            actions,
            needs,
            threshold=_cents(budget.monthly_usd * percent / 100),
            comparison_operator="GreaterThanOrEqualToThreshold",
        )
    if budget.forecast:
        _alarm(
            scope,
            "projected",
            KeeperMetric.PROJECTED_MONTH_END,
            f"{service} is about to spend more than its {budget.monthly_usd:,.2f} USD for this month.",
            actions,
            needs,
            threshold=_cents(budget.monthly_usd),
            evaluation_periods=_SILENT_RUNS,
        )


def _alarm(
    scope: ServiceScope,
    role: str,
    metric: KeeperMetric,
    text: str,
    actions: Sequence[pulumi.Input[str]],
    needs: Sequence[pulumi.Resource],
    *,
    threshold: float,
    statistic: str = "Maximum",
    comparison_operator: str = "GreaterThanThreshold",
    evaluation_periods: int = 1,
    treat_missing_data: str = "ignore",
) -> None:
    stack, service = scope.stack.stack, scope.kept.service
    aws.cloudwatch.MetricAlarm(
        scope.name(role),
        name=alarm_name(stack, service, role),
        alarm_description=text,
        namespace=METRIC_NAMESPACE,
        metric_name=metric.value,
        dimensions=dict(zip(METRIC_DIMENSIONS, (stack, service), strict=True)),
        statistic=statistic,
        period=_RUN_SECONDS,
        evaluation_periods=evaluation_periods,
        threshold=threshold,
        comparison_operator=comparison_operator,
        treat_missing_data=treat_missing_data,
        alarm_actions=actions,
        ok_actions=actions,
        tags=scope.tagged(role),
        opts=scope.options(depends_on=needs),
    )


def _highest_usd_per_hour(scope: ServiceScope) -> float | None:
    """Return what the service costs with all replicas on its dearest hardware; None where nobody knows."""
    config = scope.kept.config
    if not config.usd_per_hour or config.max_replicas < 1:
        return None
    highest = config.max_replicas * max(config.usd_per_hour.values()) + config.fixed_usd_per_hour
    return _cents(highest + _PENNY)


def _cents(usd: float) -> float:
    return round(usd, 2)
