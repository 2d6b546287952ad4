"""Open times found the slow way: look at the clock on the wall again and again, and see whether it shows a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.schedule import Schedule

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall time
_DAY_MINUTES = 1440
_EPOCH_WEEKDAY = 3


@dataclass(frozen=True)
class Year:
    """What a clock shows through a year, step by step: minutes since 1970."""

    start: datetime
    step_minutes: int
    shown: list[int]
    open_shares: Callable[[bytes], tuple[int, ...]]
    """Picks the minute of the week that each step shows."""

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.step_minutes * len(self.shown))

    @property
    def jumps_back(self) -> list[int]:
        return [number for number, (last, wall) in enumerate(pairwise(self.shown), start=1) if wall < last]


def walls(zone: str, year: int, step_minutes: int) -> Year:
    """Look at the clock of a zone through a year."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    place = ZoneInfo(zone)
    shown: list[int] = []
    for number in range(366 * _DAY_MINUTES // step_minutes):
        wall = (start + timedelta(minutes=number * step_minutes)).astimezone(place).replace(tzinfo=None)
        shown.append((wall - EPOCH) // timedelta(minutes=1))
    week = 7 * _DAY_MINUTES
    return Year(
        start, step_minutes, shown, itemgetter(*((wall + _EPOCH_WEEKDAY * _DAY_MINUTES) % week for wall in shown))
    )


def scanned(schedule: Schedule, year: Year) -> list[tuple[datetime, datetime]]:
    """Return the open times of a year.

    Where the clock goes back, a window is open from the first step inside it to the last.
    """
    of_week = _open_minutes_of_week(schedule)
    if schedule.holidays:
        is_open = bytearray(1 if _inside(schedule, wall) else 0 for wall in year.shown)
    else:
        is_open = bytearray(year.open_shares(of_week))
    for jump in year.jumps_back:
        _fill(schedule, year.shown, is_open, jump)
    return _stretches(is_open, year.start, year.step_minutes)


def _open_minutes_of_week(schedule: Schedule) -> bytes:
    minutes = bytearray(7 * _DAY_MINUTES)
    for window in schedule.windows:
        for minute in range(window.start_minute, window.end_minute):
            minutes[(window.day * _DAY_MINUTES + minute) % len(minutes)] = 1
    return bytes(minutes)


def _inside(schedule: Schedule, wall: int) -> set[tuple[int, int, int]]:
    """Return the windows that hold a wall time, each as the day on which it starts and its times."""
    day, minute = divmod(wall, _DAY_MINUTES)
    return {
        (day - ago, window.start_minute, window.end_minute)
        for ago in (0, 1)
        for window in schedule.windows
        if window.day == (day - ago + _EPOCH_WEEKDAY) % 7
        and window.start_minute <= minute + ago * _DAY_MINUTES < window.end_minute
        and not any((EPOCH + timedelta(days=day - ago)).date() in holiday for holiday in schedule.holidays)
    }


def _fill(schedule: Schedule, shown: list[int], is_open: bytearray, jump: int) -> None:
    """Open what lies between two passages of one window around a jump back."""
    reach = shown[jump - 1] - shown[jump] + 1
    near = range(max(0, jump - reach), min(len(shown), jump + reach))
    seen: dict[tuple[int, int, int], list[int]] = {}
    for number in near:
        for window in _inside(schedule, shown[number]):
            seen.setdefault(window, []).append(number)
    for numbers in seen.values():
        for number in range(min(numbers), max(numbers) + 1):
            is_open[number] = 1


def _stretches(is_open: bytearray, start: datetime, step_minutes: int) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    first = is_open.find(1)
    while first >= 0:
        last = is_open.find(0, first)
        last = len(is_open) if last < 0 else last
        found.append(tuple(start + timedelta(minutes=number * step_minutes) for number in (first, last)))
        first = is_open.find(1, last)
    return found
