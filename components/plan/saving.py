"""What does a schedule save, against the same service awake around the clock?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.cost.estimate import HOURS_PER_MONTH
from components.schedule import HOURS_PER_WEEK
from components.schedule.week import stretches

if TYPE_CHECKING:
    from components.plan.model import Plan
    from components.schedule import Schedule

GIVE_BACK_HOURS = {"ecs": 0.25}
"""How long an instance is paid for after its last task has ended.

Source: Amazon ECS developer guide, "Automatically manage Amazon ECS capacity with cluster auto scaling" (2026-11): the
alarm of managed scaling that takes instances away asks for 15 minutes. SageMaker and RunPod end an instance with its
endpoint or worker.
"""


@dataclass(frozen=True, slots=True)
class Saving:
    """USD of a month of 730 hours, the whole service; None where a price is unknown.

    `given_back_late` is what instances cost from each closing until the platform takes them, which no estimate counts.
    """

    always: float | None
    scheduled: float | None
    given_back_late: float | None

    @property
    def saved(self) -> float | None:
        """What is left of the difference; below zero where the schedule costs more than it saves."""
        if self.always is None or self.scheduled is None or self.given_back_late is None:
            return None
        return round(self.always - self.scheduled - self.given_back_late, 2)


@dataclass(frozen=True, slots=True)
class Savings:
    """With the fewest replicas, and at the expected load."""

    floor: Saving
    expected: Saving
    closings_per_month: float
    is_committed: bool
    """Whether a commitment pays for the fewest replicas while they sleep too."""


def savings(always: Plan, scheduled: Plan, schedule: Schedule, *, is_committed: bool) -> Savings:
    """Compare the plans of one spec without and with a schedule; what is committed is not given back."""
    closings = len(stretches(schedule.windows)) / HOURS_PER_WEEK * HOURS_PER_MONTH
    late_hours = 0.0 if is_committed else GIVE_BACK_HOURS.get(scheduled.target, 0.0) * closings
    fewest = 0 if scheduled.schedule and scheduled.schedule.start == "manual" else scheduled.scaling.min_replicas
    return Savings(
        floor=Saving(always.cost.floor, scheduled.cost.floor, _late(scheduled, fewest, late_hours)),
        expected=Saving(
            always.cost.expected, scheduled.cost.expected, _late(scheduled, _awake_replicas(scheduled), late_hours)
        ),
        closings_per_month=closings,
        is_committed=is_committed,
    )


def _late(plan: Plan, replicas: float | None, hours: float) -> float | None:
    if not hours or replicas == 0:
        return 0.0
    usd = plan.hardware.usd_per_hour
    return None if usd is None or replicas is None else round(usd * replicas * hours, 2)


def _awake_replicas(plan: Plan) -> float | None:
    """Return the mean number while the service is awake; None when nothing says how many run."""
    if plan.week is None or plan.week.replicas is None:
        return None
    awake = sum(plan.week.awake)
    return sum(plan.week.replicas) / awake if awake else 0.0
