"""What follows for the keeper from a spec and its prices, and what the keeper itself costs?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from components.contracts import NO_REGION
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.keeper import KeeperCostInputs, with_keeper
from components.errors import PlanError
from components.plan.keeper import BudgetPlan, KeeperPlan
from components.spec.schedule import ScheduleSpec
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.cost.estimate import CostEstimate
    from components.cost.traffic import Traffic
    from components.plan.draft import Draft
    from components.spec.service import ServiceSpec

_STEP_SECONDS = 300
ALWAYS = ScheduleSpec.model_construct()
"""The defaults of everything in group `schedule` but its hours, for a service without one."""


def is_kept(spec: ServiceSpec) -> bool:
    """Tell whether something looks after the service at run time."""
    return spec.schedule is not None or spec.idle is not None or spec.budget is not None


def parks_on_breach(spec: ServiceSpec) -> bool:
    """Tell whether a spent budget stops the service."""
    return spec.budget is not None and _on_breach(spec) == "park"


def owns_capacity(spec: ServiceSpec) -> bool:
    """Tell whether the keeper starts and stops the service, so that Pulumi leaves its replicas alone."""
    return spec.schedule is not None or spec.idle is not None or parks_on_breach(spec)


def parked(made: Draft) -> Draft:
    """Return the draft of the same service with its power off."""
    spec = made.spec.model_copy(update={"power": "off"})
    scaling = replace(made.scaling, min_replicas=0, max_replicas=0)
    return replace(made, request=replace(made.request, spec=spec), scaling=scaling)


def with_its_keeper(estimate: CostEstimate, made: Draft, traffic: Traffic | None) -> CostEstimate:
    """Return the estimate of a draft with what its keeper adds."""
    spec, target = made.spec, made.request.target
    if not is_kept(spec):
        return estimate
    inputs = KeeperCostInputs(
        region=made.request.region,
        alerts=len(spec.budget.alert_at_percent) if spec.budget else 0,
        forecast=spec.budget is not None and spec.budget.forecast,
        answers_asleep=target == "ecs" and owns_capacity(spec) and not spec.gateway.front,
        outside_aws=target == "runpod" and (spec.runpod.api_key_secret is None or made.request.region == NO_REGION),
    )
    return with_keeper(estimate, inputs, traffic)


def keeper_plan(
    made: Draft, *, start_seconds: int, usd_per_hour: Mapping[str, float | None], asleep: CostEstimate | None
) -> KeeperPlan | None:
    """Return how a service is kept, None where it is not; `asleep` is its estimate while it is parked.

    Raises:
        PlanError: a service that nobody uses would be stopped sooner than it starts.
    """
    spec = made.spec
    if not is_kept(spec):
        return None
    given = spec.schedule or ALWAYS
    if spec.idle is not None and spec.idle.after.seconds <= start_seconds:
        raise PlanError(
            f"{spec.name}: idle.after: {spec.idle.after} is not longer than a start, about {Duration(start_seconds)}: "
            f"more would be paid for starts than for answers; use {Duration(_usable_idle(start_seconds))} or more"
        )
    return KeeperPlan(
        min_replicas=made.scaling.min_replicas,
        max_replicas=made.scaling.max_replicas,
        start_seconds=start_seconds,
        power=spec.power,
        hours=str(spec.schedule.awake) if spec.schedule else None,
        holidays=tuple(str(holiday) for holiday in spec.schedule.awake.holidays) if spec.schedule else (),
        start=given.start,
        wake=given.wake,
        idle_seconds=spec.idle.after.seconds if spec.idle else None,
        override_max_seconds=given.override_max.seconds,
        notify_before_seconds=given.notify_before.seconds,
        usd_per_hour={name: usd for name, usd in usd_per_hour.items() if usd is not None},
        fixed_usd_per_hour=_fixed(asleep),
        owns_capacity=owns_capacity(spec),
    )


def _usable_idle(start_seconds: int) -> int:
    """Return the next whole five minutes after a start."""
    return (start_seconds // _STEP_SECONDS + 1) * _STEP_SECONDS


def budget_plan(spec: ServiceSpec) -> BudgetPlan | None:
    """Return what a service may cost, None where nobody said."""
    given = spec.budget
    if given is None:
        return None
    return BudgetPlan(
        monthly_usd=given.monthly_usd,
        alert_at_percent=given.alert_at_percent,
        forecast=given.forecast,
        emails=given.notify.emails,
        topics=given.notify.topics,
        webhook_secret=given.notify.webhook_secret,
        on_breach=_on_breach(spec),
        grace_seconds=given.grace.seconds,
    )


def _on_breach(spec: ServiceSpec) -> Literal["alert", "park"]:
    if spec.budget is not None and spec.budget.on_breach is not None:
        return spec.budget.on_breach
    return "alert" if spec.environment == "prod" else "park"


def _fixed(asleep: CostEstimate | None) -> float:
    """Return USD per hour of the lines that are the service's alone; one whose price is unknown is not counted."""
    lines = asleep.lines if asleep else ()
    return round(sum(line.floor or 0.0 for line in lines if not line.shared) / HOURS_PER_MONTH, 6)
