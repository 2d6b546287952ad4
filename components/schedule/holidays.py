"""Which days are holidays? Local dates, alone or as ranges: on them no window starts.

A window that started the evening before still runs to its end; on the evening of a holiday none starts,
so `Fri 22:00-02:00` with a holiday on that Friday leaves the first two hours of Saturday asleep as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from components.schedule.errors import ScheduleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RANGE = ".."
_LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """Days from `first` to `last`, both included, in the local time of the schedule."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}{_RANGE}{self.last}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def parse_holiday(text: str, place: str = "") -> Holiday:
    """Return the days that a text means; `ScheduleError` when it is no date and no range.

    >>> parse_holiday("2026-12-24..2027-01-01").last
    datetime.date(2027, 1, 1)
    """
    first, dots, last = text.strip().partition(_RANGE)
    days = Holiday(_date(first, place), _date(last if dots else first, place))
    if days.last < days.first:
        raise ScheduleError(place, text, "ends before it starts", f"write {days.last}{_RANGE}{days.first}")
    if (days.last - days.first).days > _LONGEST_DAYS:
        raise ScheduleError(place, text, "is longer than a year", "write hours: never for a service that is put away")
    return days


def parse_holidays(texts: Iterable[str]) -> tuple[Holiday, ...]:
    """Return the days of a list in order; `ScheduleError` with the place of an entry that is wrong or given twice."""
    return in_order([parse_holiday(text, f"[{number}]") for number, text in enumerate(texts)])


def in_order(holidays: Sequence[Holiday]) -> tuple[Holiday, ...]:
    """Return holidays by date; `ScheduleError` when a day is in two of them."""
    for number, one in enumerate(holidays):
        for other in holidays[:number]:
            if one.first <= other.last and other.first <= one.last:
                raise ScheduleError(f"[{number}]", str(one), f"has days of {other} too", "name each day once")
    return tuple(sorted(holidays))


def _date(text: str, place: str) -> date:
    try:
        # fromisoformat also takes 20261224 and 2026-W52-4.
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        raise ScheduleError(place, text.strip(), "is not a day of the calendar", "correct year, month or day") from None
    raise ScheduleError(place, text or '""', "is not a date", "write it as 2026-12-24, or 2026-12-24..2027-01-01")
