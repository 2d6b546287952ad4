"""At which times of the week does the keeper run besides every ten minutes? The edges of the hours, as AWS reads cron.

EventBridge Scheduler knows the zone and its changes of the clock; a time that summer time skips is left to the next of
the runs every ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.schedule.week import stretches
from components.schedule.windows import DAY_MINUTES, DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.schedule import Schedule

_WEEK_MINUTES = DAY_MINUTES * len(DAYS)


@dataclass(frozen=True, slots=True)
class EdgeTime:
    """One time of day at which a window opens or closes on some days of the week."""

    minute: int
    """Of the local day."""
    days: tuple[int, ...]
    """0 is Monday; in order."""

    @property
    def name(self) -> str:
        """The time as a part of a name.

        >>> EdgeTime(485, (0,)).name
        '0805'
        """
        return f"{self.minute // 60:02}{self.minute % 60:02}"

    @property
    def cron(self) -> str:
        """The expression, with names of days: their numbers start at another day than anybody expects.

        >>> EdgeTime(485, (0, 1, 2, 4)).cron
        'cron(5 8 ? * MON,TUE,WED,FRI *)'
        """
        return f"cron({self.minute % 60} {self.minute // 60} ? * {_named(self.days)} *)"


def edge_times(schedule: Schedule | None) -> tuple[EdgeTime, ...]:
    """Return the times of the week at which the hours open or close, one for each time of day.

    Windows that touch have no edge between them, unless there are holidays: before or after one of those they have.

    >>> from components.schedule import parse_hours
    >>> [edge.cron for edge in edge_times(parse_hours("Mon-Fri 08:00-24:00 Europe/Berlin"))]
    ['cron(0 0 ? * TUE-SAT *)', 'cron(0 8 ? * MON-FRI *)']
    """
    if schedule is None:
        return ()
    days_by_minute: dict[int, set[int]] = {}
    for bound in _bounds(schedule):
        day, minute = divmod(bound % _WEEK_MINUTES, DAY_MINUTES)
        days_by_minute.setdefault(minute, set()).add(day)
    return tuple(EdgeTime(minute, tuple(sorted(days))) for minute, days in sorted(days_by_minute.items()))


def _bounds(schedule: Schedule) -> Iterable[int]:
    if not schedule.holidays:
        return (bound for stretch in stretches(schedule.windows) for bound in stretch)
    starts = ((window.day * DAY_MINUTES + window.start_minute, window.minutes) for window in schedule.windows)
    return (bound for start, minutes in starts for bound in (start, start + minutes))


def _named(days: tuple[int, ...]) -> str:
    """Return days as cron has them, as a range where all of them follow each other.

    >>> _named((0, 2, 3, 4, 6)), _named((0, 1, 2, 3, 4, 5, 6)), _named((0, 1, 2, 3, 4)), _named((5, 6))
    ('MON,WED,THU,FRI,SUN', '*', 'MON-FRI', 'SAT,SUN')
    """
    if len(days) == len(DAYS):
        return "*"
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [DAYS[day].upper() for day in days]
    # AWS counts from Sunday, where SAT-SUN runs backwards; no page of its says that a list may have ranges in it.
    if len(runs) > 1 or len(names) <= 2 or days[-1] == len(DAYS) - 1:  # noqa: PLR2004 - two days are as short as their range
        return ",".join(names)
    return f"{names[0]}-{names[-1]}"
