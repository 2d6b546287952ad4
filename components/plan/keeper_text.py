"""What `berth plan` says about who wakes a service, what stops it, and what it may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.keeper import BudgetPlan, KeeperPlan
    from components.plan.model import Plan

_WAKE = {
    "within_hours": "a request in its hours may wake it",
    "any_time": "a request may wake it at any hour",
    "never": "no request wakes it",
}


def keeper_rows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield label and text of each row."""
    if plan.keeper is not None and plan.keeper.owns_capacity:
        yield "Keeper", "; ".join(_keeper(plan, plan.keeper))
    if plan.budget is not None:
        yield "Budget", _budget(plan.budget)


def _keeper(plan: Plan, kept: KeeperPlan) -> Iterator[str]:
    if kept.idle_seconds is not None:
        yield f"stops it after {Duration(kept.idle_seconds)} without a request"
    if not _is_heard(plan):
        # On RunPod a worker may start without it, which the notes say.
        yield "hears no request"
    else:
        yield "a request may wake it" if kept.hours is None and kept.wake != "never" else _WAKE[kept.wake]
    yield f"berth awake holds for {Duration(kept.override_max_seconds)} at most"
    if kept.notify_before_seconds:
        yield f"a stop is told {Duration(kept.notify_before_seconds)} before"


def _is_heard(plan: Plan) -> bool:
    """Tell whether somebody who knows the keys may pass a request on while the service sleeps."""
    gateway = plan.front.gateway if plan.front else plan.gateway if plan.target == "ecs" else None
    return gateway is not None and gateway.keys_secret is not None


def _budget(budget: BudgetPlan) -> str:
    shares = ", ".join(f"{share}%" for share in budget.alert_at_percent)
    said = [f"told at {shares}"] if shares else []
    said += ["a forecast above it is told"] if budget.forecast else []
    breach = "spent, people are told"
    if budget.on_breach == "park":
        breach = f"spent, the service is parked after {Duration(budget.grace_seconds)}"
    return "; ".join([f"{budget.monthly_usd:,.2f} USD a month", *said, breach])
