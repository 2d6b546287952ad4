"""What does a schedule save, against the same service awake around the clock?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.cost.estimate import HOURS_PER_MONTH
from components.plan.late import CLOSING_HOURS
from components.schedule import HOURS_PER_WEEK
from components.schedule.week import stretches

if TYPE_CHECKING:
    from components.plan.model import Plan
    from components.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Saving:
    """USD of a month of 730 hours, the whole service; None where a price is unknown."""

    always: float | None
    scheduled: float | None

    @property
    def saved(self) -> float | None:
        """What is left of the difference; below zero where the schedule costs more than it saves."""
        return None if self.always is None or self.scheduled is None else round(self.always - self.scheduled, 2)


@dataclass(frozen=True, slots=True)
class Savings:
    """With the fewest replicas, and at the expected load."""

    floor: Saving
    expected: Saving
    closings_per_month: float
    is_committed: bool
    """Whether a commitment pays for the fewest replicas while they sleep too."""
    given_back_after_hours: float
    """How long instances are paid for after each closing at most, which both scheduled amounts have in them."""


def savings(always: Plan, scheduled: Plan, schedule: Schedule, *, is_committed: bool) -> Savings:
    """Compare the plans of one spec without and with a schedule."""
    return Savings(
        floor=Saving(always.cost.floor, scheduled.cost.floor),
        expected=Saving(always.cost.expected, scheduled.cost.expected),
        closings_per_month=len(stretches(schedule.windows)) / HOURS_PER_WEEK * HOURS_PER_MONTH,
        is_committed=is_committed,
        given_back_after_hours=CLOSING_HOURS.get(scheduled.target, 0.0),
    )
