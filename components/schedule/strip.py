"""What does a week look like? One line a day, one character an hour of local time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.schedule.week import open_minutes
from components.schedule.windows import DAY_MINUTES, DAYS

if TYPE_CHECKING:
    from components.schedule.hours import Schedule

LEGEND = "█ awake  · asleep  ▌▐ awake in the first or second half hour  ▒ in another part of the hour"
_HEAD = "     00    06    12    18   24"
_HOUR = 60
_HALF = 30


def week_strip(schedule: Schedule) -> list[str]:
    """Return a week as lines: a head of hours, and 24 marks for each day.

    >>> from components.schedule.hours import parse_hours
    >>> week_strip(parse_hours("Mon 08:30-20:00 UTC"))[1]
    'Mon  ········▐███████████····'
    """
    minutes = open_minutes(schedule.windows)
    lines = [_HEAD]
    for number, day in enumerate(DAYS):
        starts = range(number * DAY_MINUTES, (number + 1) * DAY_MINUTES, _HOUR)
        lines.append(f"{day}  {''.join(_mark(minutes[start : start + _HOUR]) for start in starts)}")
    return lines


def _mark(hour: bytearray) -> str:
    first, second = sum(hour[:_HALF]), sum(hour[_HALF:])
    return {(_HALF, _HALF): "█", (0, 0): "·", (_HALF, 0): "▌", (0, _HALF): "▐"}.get((first, second), "▒")
