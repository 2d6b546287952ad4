"""How are instants written in the keeper's documents? As ISO 8601 in UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime


def written(instant: datetime | None) -> str | None:
    """Return an instant as text, None for none.

    >>> written(datetime(2026, 11, 21, 7, tzinfo=UTC))
    '2026-11-21T07:00:00Z'
    """
    return None if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str | None) -> datetime | None:
    """Return the instant that a text means, None for none; `ValueError` when it has no zone, or is no instant."""
    return None if text is None else instant_of(text)


def instant_of(text: str) -> datetime:
    """Return the instant that a text means; `ValueError` when it has no zone, or is no instant."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return instant.astimezone(UTC)
