"""How much of a local week is awake? Shares of its 168 hours, and what they come to in a week and in a month.

A week here has no holiday and no change of the clock; `components.schedule.edges` counts those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.schedule.windows import DAY_MINUTES, DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.schedule.hours import Schedule
    from components.schedule.windows import Window

HOURS_PER_WEEK = 168
HOURS_PER_MONTH = 730
_WEEK_MINUTES = DAY_MINUTES * len(DAYS)


def hour_shares(windows: Iterable[Window]) -> tuple[float, ...]:
    """Return the open share of each hour of the local week, Monday 00:00 first; 168 values from 0 to 1.

    >>> from components.schedule.windows import parse_windows
    >>> hour_shares(parse_windows("Mon 00:30-02:00"))[:3]
    (0.5, 1.0, 0.0)
    """
    minutes = open_minutes(windows)
    return tuple(sum(minutes[hour * 60 : hour * 60 + 60]) / 60 for hour in range(HOURS_PER_WEEK))


def awake_share(schedule: Schedule) -> tuple[float, ...]:
    """Return the awake share of each hour of the local week, Monday 00:00 first; 168 values from 0 to 1."""
    return hour_shares(schedule.windows)


def open_minutes(windows: Iterable[Window]) -> bytearray:
    """Return 1 for each open minute of the local week and 0 for each other, Monday 00:00 first."""
    minutes = bytearray(_WEEK_MINUTES)
    for window in windows:
        first = window.day * DAY_MINUTES + window.start_minute
        last = first + window.minutes
        past = max(0, last - _WEEK_MINUTES)
        minutes[first : last - past] = b"\x01" * (last - past - first)
        minutes[:past] = b"\x01" * past
    return minutes


def stretches(windows: Iterable[Window], *, awake: bool = True) -> list[tuple[int, int]]:
    """Return first minute and end of each stretch of the week that is awake, or asleep; of a whole week none.

    One that reaches over the end of the week ends after minute 10080.

    >>> from components.schedule.windows import parse_windows
    >>> stretches(parse_windows("Sun 22:00-02:00"))
    [(9960, 10200)]
    """
    listed = tuple(windows)
    minutes = open_minutes(listed)
    firsts = [(window.day * DAY_MINUTES + window.start_minute, window.minutes) for window in listed]
    bounds = {bound % _WEEK_MINUTES for first, length in firsts for bound in (first, first + length)}
    edges = [minute for minute in sorted(bounds) if minutes[minute] != minutes[minute - 1]]
    ends = [*edges[1:], *(edge + _WEEK_MINUTES for edge in edges[:1])]
    return [(first, last) for first, last in zip(edges, ends, strict=True) if bool(minutes[first]) is awake]


def hours_per_week(schedule: Schedule) -> float:
    """Return the awake hours of a week.

    >>> from components.schedule.hours import parse_hours
    >>> hours_per_week(parse_hours("Mon-Fri 08:00-20:00 Europe/Berlin"))
    60.0
    """
    return sum(open_minutes(schedule.windows)) / 60


def hours_per_month(schedule: Schedule) -> float:
    """Return the awake hours of a month of 730 hours: the week's share of it, holidays not taken off.

    >>> from components.schedule.hours import parse_hours
    >>> round(hours_per_month(parse_hours("Mon-Fri 08:00-20:00 Europe/Berlin")), 1)
    260.7
    """
    return hours_per_week(schedule) / HOURS_PER_WEEK * HOURS_PER_MONTH
