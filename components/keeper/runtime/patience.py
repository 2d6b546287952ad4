"""How long does one run wait for AWS? So many seconds in all; after that, time passes without waiting.

What waits in loops, as what a deployment shares with the keeper does, comes to its own end then, and says why itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from components.sagemaker.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

RUN_SECONDS = 20.0


class Patience:
    """The seconds that one service may wait in one run."""

    def __init__(
        self,
        seconds: float = RUN_SECONDS,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`now` and `sleep` are those of a real clock."""
        self._left, self._now, self._sleep = seconds, now, sleep
        self._skipped = 0.0

    def sleep(self, seconds: float) -> None:
        """Wait, as long as there is patience left."""
        waited = min(seconds, self._left)
        if waited > 0:
            self._sleep(waited)
        self._left -= waited
        self._skipped += seconds - waited

    @property
    def clock(self) -> Clock:
        """A clock that goes by it."""
        return Clock(now=lambda: self._now() + self._skipped, sleep=self.sleep)
