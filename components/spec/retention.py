"""How long CloudWatch keeps logs: one of the periods that it has."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from components.spec.values import Duration, refusal

_SECONDS_PER_DAY = 86_400
LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922)
"""What CloudWatch Logs accepts up to eight years; source: PutRetentionPolicy, API reference."""


def retention_days(retention: Duration) -> int:
    """Return a retention in days.

    >>> retention_days(Duration.parse("7d"))
    7
    """
    return retention.seconds // _SECONDS_PER_DAY


def _is_a_retention(value: Duration) -> Duration:
    if value.seconds % _SECONDS_PER_DAY or retention_days(value) not in LOG_RETENTION_DAYS:
        allowed = ", ".join(f"{day}d" for day in LOG_RETENTION_DAYS)
        raise refusal("is not a retention that CloudWatch Logs has", f"use one of: {allowed}")
    return value


LogRetention = Annotated[Duration, AfterValidator(_is_a_retention)]
A_MONTH = Duration(30 * _SECONDS_PER_DAY)
