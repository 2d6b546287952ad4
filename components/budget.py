"""What does AWS itself watch a service's money by? A budget over everything that carries the service's tag.

AWS bills hours later: it is the slow layer below the alarms on the keeper's meter, and counts what no meter knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.tags import COST_TAG, cost_tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.plan.keeper import BudgetPlan

_FORECAST_PERCENT = 100


def budget_name(stack: str, service: str) -> str:
    """Return the name of a service's budget; 67 characters at most, AWS takes 100.

    >>> budget_name("prod", "chat")
    'berth/prod/chat'
    """
    return f"berth/{stack}/{service}"


def make_budget(
    name: str,
    *,
    stack: str,
    service: str,
    plan: BudgetPlan,
    topic_arn: pulumi.Input[str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.budgets.Budget:
    """Make the budget of one service; who is told subscribes to the topic."""
    return aws.budgets.Budget(
        name,
        name=budget_name(stack, service),
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=f"{plan.monthly_usd:.2f}",
        limit_unit="USD",
        cost_filters=[{"name": "TagKeyValue", "values": [f"user:{COST_TAG}${cost_tag(stack, service)}"]}],
        notifications=[
            *(_notification("ACTUAL", percent, topic_arn) for percent in plan.alert_at_percent),
            *([_notification("FORECASTED", _FORECAST_PERCENT, topic_arn)] if plan.forecast else []),
        ],
        tags=tags,
        opts=opts,
    )


def _notification(kind: str, percent: int, topic_arn: pulumi.Input[str]) -> aws.budgets.BudgetNotificationArgsDict:
    return {
        "comparison_operator": "GREATER_THAN",
        "notification_type": kind,
        "subscriber_sns_topic_arns": [topic_arn],
        "threshold": percent,
        "threshold_type": "PERCENTAGE",
    }
