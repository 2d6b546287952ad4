"""What time is it for the local RunPod? Real time, plus what somebody has advanced it by."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    def __init__(self, advanced: float = 0.0) -> None:
        self.advanced = advanced
        """Seconds in total; it never goes back."""
        # The local AWS freezes the time of day of this process while it runs a call, but not this counter.
        self._epoch = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._epoch + time.monotonic() + self.advanced


def rfc3339(seconds: float) -> str:
    """As the API writes times.

    >>> rfc3339(1767225600.4)
    '2026-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
