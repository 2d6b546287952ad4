"""When is a schedule of AWS due? `cron(...)` with six fields, `rate(...)` and `at(...)`, in a time zone.

A local time that clocks skip is no run, and one that they repeat is one run, as AWS has it.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = 6
_SATURDAY, _SUNDAY = 6, 7
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_LONGEST_SEARCH_DAYS = 366 * 9
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


class ExpressionError(ValueError):
    """AWS would not take the expression; the message says which part is wrong."""


class Expression(Protocol):
    """A parsed expression."""

    def after(self, moment: datetime, began: datetime) -> datetime | None:
        """Return the first time after `moment` at which it is due; `began` is where a rate counts from."""
        ...


def parse(text: str, zone: str = "UTC") -> Expression:
    """Read an expression of a schedule; ExpressionError when AWS would refuse it.

    >>> rush = parse("cron(30 8 ? * MON-FRI *)", "Europe/Berlin")
    >>> rush.after(datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)).isoformat()
    '2026-11-23T07:30:00+00:00'
    """
    kind, _, rest = text.partition("(")
    if kind not in _KINDS or not rest.endswith(")"):
        raise ExpressionError("must be cron(...), rate(...) or at(...)")
    return _KINDS[kind](rest[:-1], ZoneInfo(zone))


def is_zone(name: str) -> bool:
    """Tell whether a name is one of the time zone database.

    >>> is_zone("Europe/Berlin"), is_zone("Berlin")
    (True, False)
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@dataclass(frozen=True)
class _Rate:
    every: timedelta

    def after(self, moment: datetime, began: datetime) -> datetime | None:
        if moment < began:
            return began
        return began + ((moment - began) // self.every + 1) * self.every


@dataclass(frozen=True)
class _Moment:
    at: datetime

    def after(self, moment: datetime, began: datetime) -> datetime | None:
        return self.at if self.at > moment else None


@dataclass(frozen=True)
class _Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    days: _Days
    zone: ZoneInfo

    def after(self, moment: datetime, began: datetime) -> datetime | None:
        day = moment.astimezone(self.zone).date() - timedelta(days=1)
        for _ in range(_LONGEST_SEARCH_DAYS):
            for due in self._on(day):
                if due > moment:
                    return due
            day += timedelta(days=1)
        return None

    def _on(self, day: date) -> Iterator[datetime]:
        if day.year not in self.years or day.month not in self.months or not self.days.holds(day):
            return
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
                due = local.astimezone(UTC)
                if due.astimezone(self.zone).replace(fold=0) == local:  # else no clock ever shows it
                    yield due


@dataclass(frozen=True)
class _Days:
    """Days of the month or of the week, whichever of the two is not `?`."""

    of_month: frozenset[int] | None = None
    of_week: frozenset[int] | None = None
    is_last: bool = False
    """The last day of the month, or the last such day of the week in it."""
    nearest_workday: bool = False
    ordinal: int = 0

    def holds(self, day: date) -> bool:
        length = calendar.monthrange(day.year, day.month)[1]
        if self.of_week is not None:
            if (day.isoweekday() % 7) + 1 not in self.of_week:
                return False
            if self.is_last:
                return day.day > length - 7
            return not self.ordinal or (day.day - 1) // 7 + 1 == self.ordinal
        if self.is_last:
            return day.day == length
        if self.nearest_workday:
            return any(day == _workday_near(day, wanted, length) for wanted in self.of_month or ())
        return day.day in (self.of_month or ())


def _workday_near(day: date, wanted: int, length: int) -> date:
    """The workday nearest to a day of the month, and in the same month."""
    target = day.replace(day=min(wanted, length))
    if target.isoweekday() == _SATURDAY:
        return target - timedelta(days=1) if target.day > 1 else target + timedelta(days=2)
    if target.isoweekday() == _SUNDAY:
        return target + timedelta(days=1) if target.day < length else target - timedelta(days=2)
    return target


def _rate(text: str, _zone: ZoneInfo) -> Expression:
    count, _, unit = text.strip().partition(" ")
    plural = "" if count == "1" else "s"
    known = {f"{name}{plural}": span for name, span in _UNITS.items()}
    if not count.isdecimal() or int(count) < 1 or unit not in known:
        raise ExpressionError("a rate is a whole number and minute(s), hour(s) or day(s), singular for 1 alone")
    return _Rate(int(count) * known[unit])


def _moment(text: str, zone: ZoneInfo) -> Expression:
    try:
        local = datetime.strptime(text.strip(), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        raise ExpressionError("a moment has the form yyyy-mm-ddThh:mm:ss") from None
    return _Moment(local.astimezone(UTC))


def _cron(text: str, zone: ZoneInfo) -> Expression:
    fields = text.split()
    if len(fields) != _FIELDS:
        raise ExpressionError(f"cron has six fields, not {len(fields)}")
    minute, hour, of_month, month, of_week, year = (field.upper() for field in fields)
    if [of_month, of_week].count("?") != 1:
        raise ExpressionError("exactly one of day of month and day of week must be ?")
    days = _days_of_week(of_week) if of_month == "?" else _days_of_month(of_month)
    years = _numbers(year, _FIRST_YEAR, _LAST_YEAR)
    return _Cron(_numbers(minute, 0, 59), _numbers(hour, 0, 23), _numbers(month, 1, 12, _MONTHS), years, days, zone)


def _days_of_month(text: str) -> _Days:
    if text == "L":
        return _Days(is_last=True)
    if re.fullmatch(r"\d{1,2}W", text):
        return _Days(of_month=_numbers(text[:-1], 1, 31), nearest_workday=True)
    return _Days(of_month=_numbers(text, 1, 31))


def _days_of_week(text: str) -> _Days:
    if text == "L":
        return _Days(of_week=frozenset({7}))
    if match := re.fullmatch(r"(\w+)#([1-5])", text):
        return _Days(of_week=_numbers(match[1], 1, 7, _DAYS), ordinal=int(match[2]))
    if match := re.fullmatch(r"(\d|[A-Z]{3})L", text):
        return _Days(of_week=_numbers(match[1], 1, 7, _DAYS), is_last=True)
    return _Days(of_week=_numbers(text, 1, 7, _DAYS))


def _numbers(text: str, low: int, high: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    """The numbers that a field stands for: lists, ranges, steps, `*`."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        start = low if span == "*" else _number(first, low, high, names)
        end = high if span == "*" or (slash and not dash) else _number(last if dash else first, low, high, names)
        if start > end or (slash and not (step.isdecimal() and int(step) > 0)):
            raise ExpressionError(f"{part!r} is no range from {low} to {high}")
        found.update(range(start, end + 1, int(step) if slash else 1))
    return frozenset(found)


def _number(text: str, low: int, high: int, names: tuple[str, ...]) -> int:
    if text in names:
        return names.index(text) + 1
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ExpressionError(f"{text!r} is not from {low} to {high}")
    return int(text)


_KINDS = {"cron": _cron, "rate": _rate, "at": _moment}
