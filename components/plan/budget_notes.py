"""What is wrong with the budget of a service, or should be known: is it enough, who hears of it, what is not seen?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cost.estimate import total
from components.errors import Problem
from components.plan.model import Note
from components.spec.pricing import ON_DEMAND
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.keeper import BudgetPlan
    from components.plan.model import Plan
    from components.spec.service import ServiceSpec

_DAYS_PER_MONTH = 30


def topics_elsewhere(spec: ServiceSpec, region: str) -> Iterator[Problem]:
    """Yield the problem of each topic that an alarm of the stack cannot reach."""
    topics = spec.budget.notify.topics if spec.budget else ()
    for index, arn in enumerate(topics):
        if arn.split(":")[3] != region:
            yield Problem(
                f"{spec.name}: budget.notify.topics[{index}]",
                arn,
                f"is not in {region}, and an alarm of CloudWatch tells topics of its own region alone",
                f"make one in {region}",
            )


def budget_notes(plan: Plan, spec: ServiceSpec) -> Iterator[Note]:
    """Yield what is to be said of a budget."""
    budget, kept = plan.budget, plan.keeper
    if budget is None or kept is None:
        return
    yield from _amount_notes(plan, budget)
    if plan.runpod is not None and plan.runpod.api_key_secret is None:
        text = "without runpod.api_key_secret nobody is told by AWS, and there is no AWS Budget"
        yield Note("warning", "budget.notify", f"{text}: `berth keeper run` says in its output what it decides")
    elif not (budget.emails or budget.topics or budget.webhook_secret):
        text = "not given: nobody is told, unless somebody subscribes to the topic of the stack"
        yield Note("warning", "budget.notify", text)
    elif budget.emails:
        text = "AWS asks each address once: until somebody confirms, alarms do not reach it"
        yield Note("info", "budget.notify.emails", text)
    if plan.environment == "prod" and budget.on_breach == "park":
        text = (
            f"park: {plan.service} is stopped in prod when {budget.monthly_usd:,.2f} USD are spent, until the month "
            f"ends or berth awake {plan.service} --ack-budget"
        )
        yield Note("warning", "budget.on_breach", text)
    unpriced = [name for name in _serving(plan) if name not in kept.usd_per_hour]
    if unpriced:
        text = f"nobody publishes the price of {', '.join(unpriced)}: while it runs, the keeper's meter stands still"
        yield Note("warning", "budget.monthly_usd", text)
    yield from _sight_notes(plan, spec)


def _amount_notes(plan: Plan, budget: BudgetPlan) -> Iterator[Note]:
    floor, expected = _own(plan, "floor"), _own(plan, "expected")
    given = f"{budget.monthly_usd:,.2f} USD"
    parks = budget.on_breach == "park"
    if floor is not None and budget.monthly_usd < floor:
        then = f", and is parked {Duration(budget.grace_seconds)} after it is spent" if parks else ""
        text = f"{given} is less than the {floor:,.2f} USD that the service costs at the least{then}"
        yield Note("warning", "budget.monthly_usd", text)
    elif expected is not None and budget.monthly_usd < expected:
        day = max(1, round(budget.monthly_usd / expected * _DAYS_PER_MONTH))
        then = f": it is spent, and the service parked, after about {day} days" if parks else ""
        text = f"{given} is less than the {expected:,.2f} USD that are expected{then}"
        yield Note("warning", "budget.monthly_usd", text)


def _sight_notes(plan: Plan, spec: ServiceSpec) -> Iterator[Note]:
    if plan.target == "runpod":
        front = "sees the front alone, not RunPod's bill" if plan.front else "does not see RunPod's bill"
        text = f"AWS Budgets {front}: what workers cost is the keeper's to count, every ten minutes"
        yield Note("info", "budget", text)
    else:
        text = (
            "the keeper counts instances at their list price every ten minutes, without traffic; AWS Budgets has the "
            "bill 8 to 24 hours late, once the cost allocation tag berth is active in the account that pays"
        )
        yield Note("info", "budget", text)
    if spec.pricing.commitment != ON_DEMAND:
        text = f"the keeper counts at the price on demand, and knows nothing of {spec.pricing.commitment}"
        yield Note("info", "budget.monthly_usd", text)


def _own(plan: Plan, amount: str) -> float | None:
    """Return a total of the estimate without what the stack shares, which no service's budget has in it."""
    return total([getattr(line, amount) for line in plan.cost.lines if not line.shared])


def _serving(plan: Plan) -> list[str]:
    """Return what replicas may run on."""
    others = () if plan.target == "ecs" else plan.fallbacks
    return list(dict.fromkeys(row.instance_type for row in (plan.hardware, *others)))
