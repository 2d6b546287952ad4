"""Which month is it, and when does the next one begin? In UTC, as bills are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month.

    >>> month = Month.of(1796083200.0)
    >>> month.name, month.ends_at
    ('2026-12', 1798761600.0)
    """

    name: str
    ends_at: float
    """Seconds since the epoch."""

    @classmethod
    def of(cls, seconds: float) -> Month:
        """The month of a time in seconds since the epoch."""
        now = datetime.fromtimestamp(seconds, UTC)
        year, month = (now.year + 1, 1) if now.month == DECEMBER else (now.year, now.month + 1)
        return cls(f"{now.year:04d}-{now.month:02d}", datetime(year, month, 1, tzinfo=UTC).timestamp())
