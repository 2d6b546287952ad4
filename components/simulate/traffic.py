"""When do requests come? A trace says of each minute whether one came in it."""

from __future__ import annotations

import csv
import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from components.errors import BerthError
from components.schedule import HOURS_PER_WEEK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from components.simulate.span import Span

_HOUR = timedelta(hours=1)
_HEAD = ("minute", "requests")


@dataclass(frozen=True, slots=True)
class Trace:
    """One byte for each minute of a span: 1 where a request came."""

    span: Span
    busy: bytes

    def last(self, since: datetime, until: datetime) -> datetime | None:
        """Return the end of the last minute with a request that ends in (since, until], None when there is none."""
        found = self.busy.rfind(1, self.span.minute(since), self.span.minute(until))
        return None if found < 0 else self.span.at(found + 1)

    def first(self, since: datetime, until: datetime) -> datetime | None:
        """Return the start of the first minute with a request in [since, until), None when there is none."""
        found = self.busy.find(1, self.span.minute(since), self.span.minute(until))
        return None if found < 0 else self.span.at(found)

    @property
    def minutes(self) -> int:
        """How many minutes have a request."""
        return sum(self.busy)


def no_traffic(span: Span) -> Trace:
    """Return a trace without a request."""
    return Trace(span, bytes(span.minutes))


def of_week(span: Span, hourly: Sequence[float], zone: str, seed: int) -> Trace:
    """Return chance arrivals; `hourly` has the requests of each hour of the local week, Monday 00:00 first."""
    if len(hourly) != HOURS_PER_WEEK:
        raise ValueError(f"{len(hourly)} hours are not a week")
    # The same spec and seed give the same year: a report can be compared with the one before.
    chance, place = random.Random(seed), ZoneInfo(zone)  # noqa: S311 - no secret depends on it
    busy = bytearray(span.minutes)
    at, first = span.start, 0
    while first < span.minutes:
        local = at.astimezone(place)
        upto = min(span.minutes, first + 60 - local.minute)
        rate = hourly[local.weekday() * 24 + local.hour] / 60
        if rate > 0:
            likely = 1 - math.exp(-rate)
            for minute in range(first, upto):
                busy[minute] = chance.random() < likely
        at, first = span.at(upto), upto
    return Trace(span, bytes(busy))


def read_trace(path: Path, span: Span) -> Trace:
    """Read a CSV file with the columns `minute` (ISO 8601 with its offset) and `requests`; `BerthError` for another."""
    busy = bytearray(span.minutes)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if tuple(rows.fieldnames or ()) != _HEAD:
                raise BerthError(
                    f"{path}: line 1: has not the columns {', '.join(_HEAD)}; write them as its first line"
                )
            for row in rows:
                at, count = _read_row(path, rows.line_num, row)
                if span.start <= at < span.end and count > 0:
                    busy[span.minute(at)] = 1
    except OSError as error:
        raise BerthError(f"{path}: cannot be read ({error.strerror})") from None
    return Trace(span, bytes(busy))


def _read_row(path: Path, line: int, row: dict[str, str]) -> tuple[datetime, float]:
    try:
        at, count = datetime.fromisoformat(row["minute"]), float(row["requests"])
    except (ValueError, TypeError):
        fix = "write it as 2027-01-04T08:00+01:00,12"
        raise BerthError(f"{path}: line {line}: is not a minute and a number of requests; {fix}") from None
    if at.tzinfo is None:
        raise BerthError(f"{path}: line {line}: {row['minute']} has no offset; write one, as +01:00 or Z")
    return at, count
