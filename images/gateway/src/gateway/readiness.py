"""May the load balancer send requests here? Asked often, so the engine's answer is kept for a second."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.deadline import Drain
    from gateway.upstreams.fleet import Fleet

KEPT_SECONDS = 1.0


class Readiness:
    """Ready means: an upstream is healthy and this process is not shutting down."""

    def __init__(self, fleet: Fleet, drain: Drain, clock: Callable[[], float] = time.monotonic) -> None:
        self._fleet = fleet
        self._drain = drain
        self._clock = clock
        self._one_probe = asyncio.Lock()
        self._asked_at = float("-inf")
        self._healthy = False

    async def obstacle(self) -> str | None:
        """Why no requests should come, or None."""
        if self._drain.draining:
            return "shutting down"
        async with self._one_probe:
            if self._clock() - self._asked_at >= KEPT_SECONDS:
                self._healthy = await self._fleet.healthy()
                self._asked_at = self._clock()
        return None if self._healthy else "engine not healthy"
