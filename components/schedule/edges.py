"""At which instants does a schedule open and close? Local time with its changes of the clock, as UTC.

A window is awake from the first to the last moment at which a clock on the wall shows a time inside it. So a time that
summer time skips happens at the jump, a window inside the skipped hour does not open, and one that ends inside a
repeated hour stays open until its second passage instead of opening twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from components.schedule.clock import first_reached, last_before
from components.schedule.errors import ScheduleError
from components.schedule.week import open_minutes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.schedule.hours import Schedule

_DAY = timedelta(days=1)
_MARGIN_DAYS = 3
"""A window reaches a day past its start, and a local date is up to a day away from that of UTC."""
_FIRST_YEAR, _LAST_YEAR = 1970, 9990


@dataclass(frozen=True, slots=True)
class Edge:
    """An instant, in UTC, at which a schedule opens or closes."""

    at: datetime
    opens: bool


def edges(schedule: Schedule, after: datetime) -> Iterator[Edge]:
    """Yield the edges later than an instant, in order; they alternate, and end where nothing changes any more.

    `ScheduleError` for an instant without a zone.

    >>> from components.schedule.hours import parse_hours
    >>> schedule = parse_hours("Mon-Fri 08:00-20:00 Europe/Berlin")
    >>> next(edges(schedule, datetime(2026, 11, 21, tzinfo=UTC))).at.isoformat()
    '2026-11-23T07:00:00+00:00'
    """
    instant = checked_instant(after)
    for opens, closes in _awake(schedule, instant):
        if opens > instant:
            yield Edge(opens, opens=True)
        if closes is not None and closes > instant:
            yield Edge(closes, opens=False)


def awake_at(schedule: Schedule, instant: datetime) -> bool:
    """Return whether a schedule is open at an instant; at an opening it is, at a closing it is not.

    `ScheduleError` for an instant without a zone.
    """
    at = checked_instant(instant)
    day = _local(at, schedule).date()
    return any(opens <= at < closes for opens, closes in _day_windows(schedule, day - _DAY, day + _DAY))


def awake_between(schedule: Schedule, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open times between two instants, in UTC, cut to them; no two of them overlap or touch."""
    first, last = checked_instant(start), checked_instant(end)
    for opens, closes in _awake(schedule, first):
        if opens >= last:
            return
        until = last if closes is None else min(last, closes)
        if until > first:
            yield max(first, opens), until


def hours_per_year(schedule: Schedule, year: int) -> float:
    """Return the awake hours of a local calendar year, with its holidays and changes of the clock.

    >>> from components.schedule.hours import parse_hours
    >>> hours_per_year(parse_hours("Mon-Fri 08:00-20:00 Europe/Berlin"), 2026)
    3132.0
    """
    start, end = _year(schedule, year)
    return (
        sum(((until - since) for since, until in awake_between(schedule, start, end)), timedelta()).total_seconds()
        / 3600
    )


def year_hours(schedule: Schedule, year: int) -> float:
    """Return the hours of a local calendar year, awake and asleep."""
    start, end = _year(schedule, year)
    return (end - start).total_seconds() / 3600


def checked_instant(instant: datetime) -> datetime:
    """Return an instant in UTC; `ScheduleError` for one without a zone, or too far away for the calendar."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ScheduleError("", instant.isoformat(), "has no time zone", "write one behind it, as Z or +01:00")
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ScheduleError("", instant.isoformat(), "is far away", f"use the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return instant.astimezone(UTC)


def _year(schedule: Schedule, year: int) -> tuple[datetime, datetime]:
    zone = ZoneInfo(schedule.zone)
    return first_reached(datetime(year, 1, 1), zone), first_reached(datetime(year + 1, 1, 1), zone)  # noqa: DTZ001 - wall time


def _awake(schedule: Schedule, instant: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the open times that end after an instant, those that touch as one; None ends one that never closes."""
    if not schedule.windows:
        return
    first = _local(instant, schedule).date() - _MARGIN_DAYS * _DAY
    stop = _stop(schedule, first)
    since: datetime | None = None
    until: datetime | None = None
    for opens, closes in _day_windows(schedule, first, stop):
        if since is None or until is None:
            since, until = opens, closes
        elif opens <= until:
            until = max(until, closes)
        else:
            if until > instant:
                yield since, until
            since, until = opens, closes
    if since is not None:
        yield since, None


def _stop(schedule: Schedule, first: date) -> date:
    """Return the last day that is looked at: windows that fill the week are open for ever after the last holiday."""
    if not all(open_minutes(schedule.windows)):
        return date(_LAST_YEAR + 1, 1, 1)
    last_holiday = max((holiday.last for holiday in schedule.holidays), default=first)
    return max(first, last_holiday) + _MARGIN_DAYS * _DAY


def _day_windows(schedule: Schedule, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open time of each window that starts on one of these local days and is not skipped by the clock."""
    by_day = [[window for window in schedule.windows if window.day == day] for day in range(7)]
    day = first
    while day <= last:
        windows = by_day[day.weekday()]
        if windows and not any(day in holiday for holiday in schedule.holidays):
            for window in windows:
                opens, closes = _open_time(schedule.zone, day, window.start_minute, window.end_minute)
                if opens < closes:
                    yield opens, closes
        day += _DAY


@lru_cache(maxsize=1024)
def _open_time(zone: str, day: date, start_minute: int, end_minute: int) -> tuple[datetime, datetime]:
    """Return when a window of one local day opens and closes; whoever asks, asks about the same few days again."""
    midnight, place = datetime.combine(day, time()), ZoneInfo(zone)
    opens = first_reached(midnight + timedelta(minutes=start_minute), place)
    return opens, last_before(midnight + timedelta(minutes=end_minute), place)


def _local(instant: datetime, schedule: Schedule) -> datetime:
    return instant.astimezone(ZoneInfo(schedule.zone))
