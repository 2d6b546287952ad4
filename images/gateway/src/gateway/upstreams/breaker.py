"""Is an upstream worth asking? After failures in a row it is left alone for a while, then tried again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config.routes import BreakerConfig


class Breaker:
    """Closed: ask. Open: leave it alone until the cooldown is over, then let one request at a time find out."""

    def __init__(self, config: BreakerConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._clock = clock
        self._failures = 0
        self._cooldown_seconds = 0.0
        self._open_until = 0.0
        self._trying = False

    @property
    def open(self) -> bool:
        return self._cooldown_seconds > 0

    @property
    def wait_seconds(self) -> float:
        """How long not to ask; 0 when it may be asked now."""
        return max(0.0, self._open_until - self._clock()) if self.open else 0.0

    def try_again(self) -> None:
        """One request goes to find out; all others wait for its success, or for another cooldown."""
        self._trying = True
        self._open_until = self._clock() + self._cooldown_seconds

    def succeeded(self) -> None:
        self._failures = 0
        self._cooldown_seconds = 0.0
        self._trying = False

    def failed(self) -> None:
        """Failures of requests that were under way when it opened change nothing any more."""
        if not self._config.enabled:
            return
        self._failures += 1
        if self.open:
            if not self._trying:
                return
            longest = max(self._config.longest_cooldown_seconds, self._config.cooldown_seconds)
            self._cooldown_seconds = min(2 * self._cooldown_seconds, longest)
        elif self._failures >= self._config.failures:
            self._cooldown_seconds = self._config.cooldown_seconds
        else:
            return
        self._trying = False
        self._open_until = self._clock() + self._cooldown_seconds
