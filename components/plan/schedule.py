"""When is the planned service awake, and what should a user know about that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cost.estimate import HOURS_PER_MONTH
from components.plan.late import CLOSING_HOURS
from components.plan.model import Note, SchedulePlan
from components.schedule import HOURS_PER_WEEK, hours_per_month, hours_per_week, lint
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from components.plan.model import Plan
    from components.spec.service import ServiceSpec


def schedule_plan(spec: ServiceSpec) -> SchedulePlan | None:
    """Return the awake hours of a service, None when it is always awake."""
    if spec.schedule is None:
        return None
    awake = spec.schedule.awake
    return SchedulePlan(
        hours=str(awake),
        zone=awake.zone,
        holidays=tuple(str(holiday) for holiday in awake.holidays),
        start=spec.schedule.start,
        hours_per_month=hours_per_month(awake),
    )


def awake_text(schedule: SchedulePlan) -> str:
    """Return the awake hours as one line says them."""
    holidays = f", not on {', '.join(schedule.holidays)}" if schedule.holidays else ""
    started = "" if schedule.start == "auto" else ", started by hand"
    return f"{schedule.hours}: {schedule.hours_per_month:,.0f} of {HOURS_PER_MONTH} hours a month{holidays}{started}"


def schedule_notes(plan: Plan, spec: ServiceSpec, today: date) -> Iterator[Note]:
    """Yield what is to be said about the awake hours of a plan."""
    if spec.schedule is None:
        return
    awake = spec.schedule.awake
    for finding in lint(awake, today=today, start_seconds=plan.startup_seconds):
        yield Note(finding.level, "schedule.holidays" if "holidays" in finding.rule else "schedule.hours", finding.text)
    is_always = hours_per_week(awake) == HOURS_PER_WEEK
    if plan.environment == "prod" and not is_always:
        yield Note(
            "warning",
            "schedule.hours",
            f"a GPU that is given back may not be there when a window starts: "
            f"{plan.hardware.instance_type or plan.hardware.gpu} can be out of capacity",
        )
    late = CLOSING_HOURS.get(plan.target)
    if late and not is_always and plan.power == "on":
        yield Note(
            "info",
            "schedule.hours",
            f"an instance is paid for up to {Duration(round(late * 3600))} after each window: the amounts have that in "
            "them",
        )
    if spec.power == "off":
        yield Note("info", "schedule", "power is off: no window starts the service")
