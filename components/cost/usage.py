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

DEPLOYMENTS = (1, 8, 60)
"""Starts of each replica in a month because of deployments: none but the first, twice a week, twice a day."""


@dataclass(frozen=True, slots=True)
class Starts:
    """Starts in a month; `openings` are those of the schedule, `additions` the replicas that the load adds besides."""

    floor: float
    expected: float | None
    max: float
    openings: float = 0.0
    additions: float = 0.0

    @property
    def three(self) -> Three:
        return self.floor, self.expected, self.max


@dataclass(frozen=True, slots=True)
class Usage:
    """What a price depends on, whatever the target; a part is None when nothing says how many replicas run.

    `replicas` are means over the 730 hours. `traffic` is that of the expected load, `most_traffic` what all replicas
    could answer; both None without a load. `awake_hours` is None without a schedule.
    """

    replicas: Three
    fleets: Fleets
    starts: Starts
    traffic: Traffic | None = None
    most_traffic: Traffic | None = None
    awake_hours: float | None = None
    starts_by_hand: bool = False
    assumptions: tuple[str, ...] = ()


def usage_assumptions(usage: Usage) -> Iterator[str]:
    """Yield what the three amounts stand for."""
    yield f"a month has {HOURS_PER_MONTH} hours; list prices, without tax, discount or free tier"
    hours = usage.awake_hours
    if hours is None:
        yield "floor is the fewest replicas all month, max the most replicas all month"
        return
    fewest = f"the fewest replicas in the {hours:,.0f} awake hours of a month"
    yield (
        f"floor is {'no replica, as nobody wakes the service' if usage.starts_by_hand else fewest}, max the most "
        f"replicas all {HOURS_PER_MONTH} hours, as if it never slept; holidays are not taken off"
    )


def start_assumptions(usage: Usage) -> Iterator[str]:
    """Yield how starts were counted, for targets where a start costs something by itself."""
    starts = usage.starts
    floor, expected, most = DEPLOYMENTS
    text = f"deployments start a replica {floor}, {expected} or {most} times a month (floor, expected, max)"
    if starts.openings:
        text += f"; the schedule wakes the service {starts.openings:,.0f} times"
    if starts.additions:
        text += f"; the load adds {starts.additions:,.0f} replicas"
    yield text


def unknown_usage(usage: Usage) -> Iterator[str]:
    """Yield what nobody declared."""
    if usage.replicas[1] is None:
        yield "expected replicas: the spec declares no load"
