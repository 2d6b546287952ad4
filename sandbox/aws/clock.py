"""What time is it in the account? Real time, plus what somebody has advanced it by; after a restart real time again."""

from __future__ import annotations

import time


class Clock:
    """Read by every thread: a call that runs freezes the time of day of the whole process, but not the counter."""

    def __init__(self) -> None:
        """It shows the real time."""
        self.advanced = 0.0
        self._epoch = time.time() - time.monotonic()

    def real(self) -> float:
        """Return the real time, in seconds since the epoch."""
        return self._epoch + time.monotonic()

    def now(self) -> float:
        """Return the account's time, in seconds since the epoch."""
        return self.real() + self.advanced

    def advance_to(self, moment: float) -> None:
        """Show `moment` from now on; the clock never goes back."""
        self.advanced = max(self.advanced, moment - self.real())
