"""Where does an instant stand in the awake hours: which edge came since, which comes next?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from components.schedule import awake_at, awake_between, edges

if TYPE_CHECKING:
    from datetime import datetime

    from components.schedule import Schedule

_HORIZON = timedelta(days=400)
"""No edge further away is told: a year, and the holidays around its end."""


def is_open(schedule: Schedule | None, now: datetime) -> bool:
    """Return whether the hours are open; those of no schedule always are."""
    return schedule is None or awake_at(schedule, now)


def next_edge(schedule: Schedule | None, after: datetime, *, opens: bool) -> datetime | None:
    """Return the next opening or closing, None where there is none within the horizon."""
    if schedule is None:
        return None
    for edge in edges(schedule, after):
        if edge.at - after > _HORIZON:
            return None
        if edge.opens is opens:
            return edge.at
    return None


def came_since(schedule: Schedule | None, since: datetime, now: datetime, *, opens: bool) -> bool:
    """Return whether there was an opening, or a closing, after `since` and up to now."""
    edge = next_edge(schedule, since, opens=opens) if since < now else None
    return edge is not None and edge <= now


def is_holiday(schedule: Schedule, now: datetime) -> bool:
    """Return whether the local day is one of the holidays."""
    day = now.astimezone(ZoneInfo(schedule.zone)).date()
    return any(day in holiday for holiday in schedule.holidays)


def open_hours(schedule: Schedule | None, start: datetime, end: datetime) -> float:
    """Return the open hours between two instants."""
    if end <= start:
        return 0.0
    if schedule is None:
        return (end - start).total_seconds() / 3600
    spans = awake_between(schedule, start, end)
    return sum((until - since).total_seconds() for since, until in spans) / 3600


def local(schedule: Schedule | None, instant: datetime) -> str:
    """Return an instant as the service's clock on the wall shows it.

    >>> from datetime import UTC, datetime
    >>> local(None, datetime(2026, 11, 23, 7, tzinfo=UTC))
    'Mon 23 Nov 07:00 UTC'
    """
    zone = "UTC" if schedule is None else schedule.zone
    return f"{instant.astimezone(ZoneInfo(zone)):%a %d %b %H:%M} {zone}"
