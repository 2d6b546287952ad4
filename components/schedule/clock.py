"""At which instant does a clock on the wall reach a time? Summer time repeats some times and skips others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_STEP = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


def first_reached(wall: datetime, zone: tzinfo) -> datetime:
    """Return the first instant, in UTC, at which a clock in `zone` shows `wall` or later.

    `wall` has no zone. A time that is skipped is reached when the clock jumps over it, a repeated one the first time.

    >>> from zoneinfo import ZoneInfo
    >>> first_reached(datetime(2026, 3, 29, 2, 30), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    early, late = _readings(wall, zone)
    return early if early <= late else _jump(late, early, zone)


def last_before(wall: datetime, zone: tzinfo) -> datetime:
    """Return the end, in UTC, of the last moment at which a clock in `zone` shows a time before `wall`.

    It is the second passage of a repeated time, except for the time at which the repetition starts over: the clock
    jumps back to it and not before it.

    >>> from zoneinfo import ZoneInfo
    >>> last_before(datetime(2026, 10, 25, 2, 30), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-10-25T01:30:00+00:00'
    >>> last_before(datetime(2026, 10, 25, 2, 0), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-10-25T00:00:00+00:00'
    """
    before = wall - _STEP
    early, late = _readings(before, zone)
    return late + _STEP if early <= late else _jump(late, early, zone)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the clock: the wall times that are skipped, or the ones that are repeated."""

    first: datetime
    last: datetime
    skips: bool


@lru_cache(maxsize=64)
def changes(zone: tzinfo, start: datetime, days: int) -> tuple[Change, ...]:
    """Return the changes of the clock in the days from an aware instant, in order.

    >>> from zoneinfo import ZoneInfo
    >>> [change.skips for change in changes(ZoneInfo("Europe/Berlin"), datetime(2026, 1, 1, tzinfo=UTC), 365)]
    [True, False]
    """
    found: list[Change] = []
    for number in range(days):
        before = start.astimezone(UTC) + timedelta(days=number)
        after = before + timedelta(days=1)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            jump = _jump(before, after, zone)
            until = (jump - _SECOND).astimezone(zone).replace(tzinfo=None) + _SECOND
            since = jump.astimezone(zone).replace(tzinfo=None, fold=0)
            found.append(Change(min(since, until), max(since, until), skips=until < since))
    return tuple(found)


def _readings(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return `wall` read with the offset before and after a change of the clock; both are equal at most times.

    The second is the later one where times are repeated, the earlier one where they are skipped (PEP 495).
    """
    aware = wall.replace(tzinfo=zone, fold=0)
    return aware.astimezone(UTC), aware.replace(fold=1).astimezone(UTC)


def _jump(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the instant between two at which the offset of `zone` changes, to the second."""
    old = before.astimezone(zone).utcoffset()
    before, after = before.replace(microsecond=0), after.replace(microsecond=0) + _SECOND
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
