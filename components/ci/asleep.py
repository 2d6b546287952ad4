"""Which services sleep, and what does the deployment do to them? A deployment must not wake a GPU by surprise."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from components.schedule import awake_at, edges, parse_holidays, parse_hours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from components.plan.model import Plan
    from components.schedule import Schedule


def sleep_text(plan: Plan, deployed: Mapping[str, Any] | None, now: datetime) -> str | None:
    """Return what is to be said of a service that sleeps, or that this change puts to sleep or keeps awake.

    `deployed` is what the service registered when it was deployed, None for a new one.
    """
    was_off = _power(deployed) == "off"
    if plan.power == "off":
        if deployed is None:
            return "made parked: no GPU is started"
        return (
            "parked, and stays so: what changes is there when it is started"
            if was_off
            else "will be parked: its GPUs are given back with this deployment, and it answers nobody"
        )
    if was_off:
        return f"parked now: this deployment starts it, in about {_minutes(plan.startup_seconds)}"
    had = _owned(deployed)
    if not plan.is_kept:
        if had:
            return "no longer kept: this deployment sets its replicas, so it wakes if it sleeps, and runs at all hours"
        return None
    return _kept(plan, deployed is None, had, now)


def _kept(plan: Plan, is_new: bool, had: bool, now: datetime) -> str:
    schedule = _schedule(plan)
    begins = "" if had or is_new else "the keeper takes over its replicas; "
    if schedule is None:
        return f"{begins}the keeper stops it when nobody asks; this deployment leaves it as it is then"
    if awake_at(schedule, now):
        closes = next((edge.at for edge in islice(edges(schedule, now), 1)), None)
        ends = f" until {closes:%Y-%m-%d %H:%M} UTC" if closes else ""
        return f"{begins}in its hours{ends}: changed limits reach the keeper with this deployment"
    opens = next((edge.at for edge in islice(edges(schedule, now), 1)), None)
    when = f"at {opens:%Y-%m-%d %H:%M} UTC" if opens and plan.keeper and plan.keeper.start == "auto" else "by hand"
    made = "made asleep" if is_new else "asleep by its hours"
    return f"{begins}{made}, and this deployment wakes nothing; its next start is {when}, and a smoke test waits for it"


def _schedule(plan: Plan) -> Schedule | None:
    if plan.schedule is None:
        return None
    return parse_hours(plan.schedule.hours, parse_holidays(list(plan.schedule.holidays)))


def _power(deployed: Mapping[str, Any] | None) -> str | None:
    return None if deployed is None else (deployed.get("spec") or {}).get("power")


def _owned(deployed: Mapping[str, Any] | None) -> bool:
    return bool(deployed and (deployed.get("plan") or {}).get("keeperOwnsCapacity"))


def _minutes(seconds: int) -> str:
    return f"{max(1, round(seconds / 60))} min"
