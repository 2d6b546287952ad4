"""What runs and passes in a month: replicas, starts and traffic, at the floor, as expected and at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.cost.estimate import HOURS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.compute import Fleets
    from components.cost.lines import Three
    from components.cost.traffic import Traffic

DEPLOYMENTS = (0, 8, 60)
"""Starts of each replica in a month because of deployments: none, twice a week, twice a day."""


@dataclass(frozen=True, slots=True)
class Starts:
    """Starts in a month; `openings` are those of the schedule, `additions` the replicas that the load adds besides.

    `first` are the replicas that the very first deployment starts, which no month counts.
    """

    floor: float
    expected: float | None
    max: float
    openings: float = 0.0
    additions: float = 0.0
    first: int = 0

    @property
    def three(self) -> Three:
        return self.floor, self.expected, self.max


@dataclass(frozen=True, slots=True)
class Usage:
    """What a price depends on, whatever the target; a part is None when nothing says how many replicas run.

    `replicas` are means over the 730 hours. `traffic` is that of the expected load, `most_traffic` what all replicas
    could answer; both None without a load. `awake_hours` is None where the service never sleeps, `unused_hours` where
    it is not stopped for want of requests: those in which it is awake though nobody asks. `late` are instances that are
    paid for after their last task has ended, as means over the 730 hours; `fleets` have them.
    """

    replicas: Three
    fleets: Fleets
    starts: Starts
    traffic: Traffic | None = None
    most_traffic: Traffic | None = None
    awake_hours: float | None = None
    unused_hours: float | None = None
    starts_by_hand: bool = False
    assumptions: tuple[str, ...] = ()
    late: Three = (0.0, 0.0, 0.0)


def usage_assumptions(usage: Usage) -> Iterator[str]:
    """Yield what the three amounts stand for."""
    yield f"a month has {HOURS_PER_MONTH} hours; list prices, without tax, discount or free tier"
    hours = usage.awake_hours
    if hours is None:
        yield "floor is the fewest replicas all month, max the most replicas all month"
        return
    floor = fewest_text("replica", hours, usage.unused_hours, starts_by_hand=usage.starts_by_hand)
    yield (
        f"floor is {floor}, max the most replicas all {HOURS_PER_MONTH} hours, as if it never slept; holidays are not "
        "taken off"
    )
    if usage.unused_hours is not None:
        yield IDLE_ASSUMPTION


IDLE_ASSUMPTION = (
    "expected is awake in every hour in which the load has a request, and idle.after longer; pauses within an hour are "
    "not seen, nor what a budget stops"
)


def fewest_text(what: str, awake_hours: float, unused_hours: float | None, *, starts_by_hand: bool) -> str:
    """Return what runs at the floor of a service that sleeps; `what` is a replica or a worker.

    >>> fewest_text("replica", 260.7, None, starts_by_hand=False)
    'the fewest replicas in the 261 awake hours of a month'
    """
    if starts_by_hand:
        return f"no {what}, as nobody wakes the service"
    if unused_hours == 0:
        return f"no {what}, as nobody asks"
    if unused_hours is not None:
        return f"the fewest {what}s for {unused_hours:,.0f} hours of a month, idle.after each opening, as nobody asks"
    return f"the fewest {what}s in the {awake_hours:,.0f} awake hours of a month"


def start_assumptions(usage: Usage) -> Iterator[str]:
    """Yield how starts were counted, for targets where a start costs something by itself."""
    starts = usage.starts
    floor, expected, most = DEPLOYMENTS
    text = (
        f"besides the first start, deployments start a replica {floor}, {expected} or {most} times a month (floor, "
        "expected, max)"
    )
    if starts.openings:
        who = "the schedule wakes" if usage.unused_hours is None else "schedule and requests wake"
        text += f"; {who} the service {starts.openings:,.0f} times"
    if starts.additions:
        text += f"; the load adds {starts.additions:,.0f} replicas"
    yield text


def unknown_usage(usage: Usage) -> Iterator[str]:
    """Yield what nobody declared."""
    if usage.replicas[1] is None:
        yield "expected replicas: the spec declares no load"
