"""Which minutes are simulated? A calendar year, or a part of it, counted in minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes from `start`, an instant in UTC; `zone` is the one that the service's hours are in."""

    start: datetime
    minutes: int
    zone: str

    @classmethod
    def of_year(cls, year: int, zone: str) -> Span:
        """Return a calendar year of UTC, as bills have it.

        >>> Span.of_year(2028, "Europe/Berlin").minutes == 366 * 1440
        True
        """
        start, end = (datetime(one, 1, 1, tzinfo=UTC) for one in (year, year + 1))
        return cls(start, (end - start) // MINUTE, zone)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return self.start + self.minutes * MINUTE

    def minute(self, instant: datetime) -> int:
        """Return the number of the minute that holds an instant, within 0 and `minutes`."""
        return min(max(0, (instant - self.start) // MINUTE), self.minutes)

    def at(self, minute: int) -> datetime:
        """Return the instant at which a minute begins."""
        return self.start + minute * MINUTE
