"""Which time buckets does a billing query ask for?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import ProblemError
from sandbox.runpod.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIZES = ("hour", "day", "week", "month", "year")
DEFAULT_DAYS = 30
MOST_BUCKETS = 5000


@dataclass(frozen=True)
class Window:
    size: str
    edges: tuple[float, ...]
    """Starts of the buckets, and the end of the last one."""

    def query(self) -> dict[str, Any]:
        """The echo of what was asked, as it was resolved."""
        return {"startTime": rfc3339(self.edges[0]), "endTime": rfc3339(self.edges[-1]), "bucketSize": self.size}

    def spans(self) -> Iterator[tuple[dict[str, str], tuple[float, float]]]:
        """Each bucket as the API writes it, and in seconds."""
        for start, end in zip(self.edges, self.edges[1:], strict=False):
            yield {"startTime": rfc3339(start), "endTime": rfc3339(end)}, (start, end)


def resolve(query: Mapping[str, str], now: float) -> Window:
    """The buckets of a query.

    Raises:
        ProblemError: 400 for ranges that exclude each other or are empty, 422 for a value of the wrong form.
    """
    size = query.get("bucketSize", "day")
    if size not in SIZES:
        raise _unfit("bucketSize", f"value must be one of {', '.join(SIZES)}")
    today = datetime.fromtimestamp(now, UTC)
    if "lastN" in query:
        if "startTime" in query or "endTime" in query:
            raise ProblemError(400, "lastN and startTime/endTime are mutually exclusive")
        count = query["lastN"]
        if not count.isdecimal() or not 1 <= int(count) <= MOST_BUCKETS:
            raise _unfit("lastN", f"value must be an integer from 1 to {MOST_BUCKETS}")
        start = _floor(today, size)
        end = _next(start, size)
        for _ in range(int(count) - 1):
            start = _floor(start - timedelta(seconds=1), size)
    else:
        start = _time(query, "startTime") or today - timedelta(days=DEFAULT_DAYS)
        end = _time(query, "endTime") or today
    if end <= start:
        raise ProblemError(400, "endTime must be after startTime")
    return Window(size, _edges(_floor(start, size), end, size))


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        moment = datetime.fromisoformat(query[name])
    except ValueError:
        raise _unfit(name, "value must be a date-time (RFC 3339)") from None
    if moment.tzinfo is None:
        raise _unfit(name, "value must be a date-time with its offset (RFC 3339)")
    return moment.astimezone(UTC)


def _floor(moment: datetime, size: str) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    floors = {
        "hour": hour,
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
    }
    return floors[size]


def _next(start: datetime, size: str) -> datetime:
    """Start of the bucket after the one that starts there."""
    longest = {"hour": 1, "day": 24, "week": 7 * 24, "month": 31 * 24, "year": 366 * 24}[size]
    return _floor(start + timedelta(hours=longest), size)


def _edges(start: datetime, end: datetime, size: str) -> tuple[float, ...]:
    edges = [start]
    while edges[-1] < end:
        if len(edges) > MOST_BUCKETS:
            raise ProblemError(400, f"the range has more than {MOST_BUCKETS} buckets of one {size}")
        edges.append(_next(edges[-1], size))
    return tuple(edge.timestamp() for edge in edges)


def _unfit(name: str, what: str) -> ProblemError:
    return ProblemError(422, "Request validation failed.", [f"{name}: {what}"])
