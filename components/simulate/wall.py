"""In which minutes do a clock on the wall and a calendar say that the hours are open? The slow way, for the judge.

It shares nothing with the code that is judged but the windows themselves.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from components.schedule import Schedule
    from components.simulate.span import Span

_DAY_MINUTES = 1440
_STEP_MINUTES = 15
"""All changes of all clocks since 1980 happened at a quarter of an hour (tz database 2026)."""


def open_minutes(schedule: Schedule | None, span: Span) -> bytearray:
    """Return one byte for each minute of a span: 1 where the hours are open.

    Where the clock goes back, a window stays open from its first to its last minute, seen on the wall twice or not.
    """
    if schedule is None:
        return bytearray(b"\x01") * span.minutes
    shown = _shown(span, schedule.zone)
    today, tomorrow = _by_weekday(schedule)
    closed = {day.toordinal() for holiday in schedule.holidays for day in _days(holiday.first, holiday.last)}
    found = bytearray(span.minutes)
    for number, wall in enumerate(shown):
        day, minute = divmod(wall, _DAY_MINUTES)
        weekday = (day + 6) % 7
        found[number] = (today[weekday][minute] and day not in closed) or (
            tomorrow[weekday][minute] and day - 1 not in closed
        )
    for number, (before, after) in enumerate(pairwise(shown), start=1):
        if after < before:
            _fill(found, number, before - after + 1)
    return found


def _shown(span: Span, zone: str) -> list[int]:
    """Return what the clock shows in each minute, as minutes since the calendar began."""
    place = ZoneInfo(zone)
    shown: list[int] = []
    for first in range(0, span.minutes, _STEP_MINUTES):
        local = span.at(first).astimezone(place)
        wall = local.toordinal() * _DAY_MINUTES + local.hour * 60 + local.minute
        shown.extend(range(wall, wall + min(_STEP_MINUTES, span.minutes - first)))
    return shown


def _by_weekday(schedule: Schedule) -> tuple[list[bytearray], list[bytearray]]:
    """Return the open minutes of each weekday, of windows that start on it and of those that started the day before."""
    today, tomorrow = ([bytearray(_DAY_MINUTES) for _ in range(7)] for _ in range(2))
    for window in schedule.windows:
        for minute in range(window.start_minute, window.end_minute):
            if minute < _DAY_MINUTES:
                today[window.day][minute] = 1
            else:
                tomorrow[(window.day + 1) % 7][minute - _DAY_MINUTES] = 1
    return today, tomorrow


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _fill(found: bytearray, jump: int, back: int) -> None:
    """Open what lies between the first and the last open minute of those that are shown twice."""
    first, last = max(0, jump - back), min(len(found), jump + back)
    opens, closes = found.find(1, first, last), found.rfind(1, first, last)
    if 0 <= opens < jump <= closes:
        found[opens : closes + 1] = b"\x01" * (closes + 1 - opens)
