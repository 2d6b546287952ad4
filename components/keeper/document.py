"""What does a stack tell the keeper about a service: the plan's decisions, and the names of what was made?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from components.errors import PlanError
from components.keeper.runtime.config import Budget, KeeperConfig
from components.schedule import awake_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from components.plan.keeper import BudgetPlan
    from components.plan.model import Plan


def config_of(plan: Plan, details: Mapping[str, Any], notify: Mapping[str, str] | None = None) -> KeeperConfig:
    """Return the document of a planned service.

    `details` are what its target offers as `keeper_details`, all known; `notify` says where notices go.

    Raises:
        PlanError: nothing keeps the service.
    """
    kept = plan.keeper
    if kept is None or plan.target == "local":
        raise PlanError(f"{plan.service}: nothing keeps it, so there is nothing to tell a keeper")
    return KeeperConfig(
        stack=plan.stack,
        service=plan.service,
        target=plan.target,
        region=plan.region,
        min_replicas=kept.min_replicas,
        max_replicas=kept.max_replicas,
        start_seconds=kept.start_seconds,
        power=kept.power,
        hours=kept.hours,
        holidays=kept.holidays,
        start=kept.start,
        wake=kept.wake,
        idle_seconds=kept.idle_seconds,
        override_max_seconds=kept.override_max_seconds,
        notify_before_seconds=kept.notify_before_seconds,
        budget=_budget(plan.budget),
        usd_per_hour=dict(kept.usd_per_hour),
        fixed_usd_per_hour=kept.fixed_usd_per_hour,
        details=dict(details),
        notify=dict(notify or {}),
    )


def digest(document: str) -> str:
    """Return what tells one document from another."""
    return hashlib.sha256(document.encode()).hexdigest()


def starts_awake(plan: Plan, now: datetime) -> bool:
    """Return whether a service that is made now starts with replicas; only its very first deployment asks."""
    if plan.power == "off":
        return False
    if not plan.is_kept or plan.keeper is None or plan.keeper.hours is None:
        return True
    schedule = config_of(plan, {}).schedule
    return plan.keeper.start == "auto" and (schedule is None or awake_at(schedule, now))


def _budget(plan: BudgetPlan | None) -> Budget | None:
    return None if plan is None else Budget(plan.monthly_usd, plan.on_breach, plan.grace_seconds)
