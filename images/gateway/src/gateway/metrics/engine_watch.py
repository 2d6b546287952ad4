"""How are the engines? Their own metrics, read every few seconds, through failures and restarts."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.metrics.engine_names import FULLEST, GAUGES, WAITING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.metrics.engine_names import Reading
    from gateway.upstreams.fleet import Fleet

WATCH_SECONDS = 15.0
# An engine that is busy may miss an answer; what it said before that holds for so many.
FAILURES_UNTIL_UNKNOWN = 3

log = logging.getLogger(__name__)


class EngineState:
    """What one upstream last said about itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.up: bool | None = None
        """None before the first question."""
        self.failures = 0
        self.restarts = 0
        self.gauges: dict[str, float] = {}
        """Empty while nobody knows."""
        self.counters: dict[str, float] = {}
        """Never falling: what an engine counted before a restart stays in."""
        self._last: dict[str, float] = {}
        self._failures_in_a_row = 0
        self._waiting: list[float] = []

    def read(self, readings: Iterable[Reading]) -> None:
        """Take over what it said."""
        self.up, self._failures_in_a_row = True, 0
        self.gauges = {}
        began_anew = False
        for name, source, value in readings:
            if name == FULLEST:
                self.gauges[name] = max(value, self.gauges.get(name, 0.0))
            elif name in GAUGES:
                self.gauges[name] = value + self.gauges.get(name, 0.0)
            else:
                last = self._last.get(source, 0.0)
                began_anew |= value < last
                self._last[source] = value
                self.counters[name] = self.counters.get(name, 0.0) + (value - last if value >= last else value)
        self.restarts += began_anew
        if WAITING in self.gauges:
            self._waiting.append(self.gauges[WAITING])

    def failed(self) -> None:
        """It could not be asked."""
        self.up = False
        self.failures += 1
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= FAILURES_UNTIL_UNKNOWN:
            self.gauges = {}

    def slept(self) -> None:
        """It is known to sleep and was not asked: nothing waits inside it."""
        self.up, self.gauges, self._failures_in_a_row = None, {WAITING: 0.0}, 0
        self._waiting.append(0.0)

    def take_waiting(self) -> float | None:
        """Mean of what waited since the last call, 0 where it does not say; None while it cannot be asked."""
        taken, self._waiting = self._waiting, []
        if taken:
            return sum(taken) / len(taken)
        return self.gauges.get(WAITING, 0.0 if self.up else None)


class EngineWatch:
    """Asks every upstream that says how it is; a failure is counted, logged once, and harms nothing."""

    def __init__(self, fleet: Fleet) -> None:
        self._members = [member for member in fleet.members.values() if member.upstream.has_readings]
        self.states = {member.name: EngineState(member.name) for member in self._members}

    async def run(self, every_seconds: float = WATCH_SECONDS) -> None:
        """Ask for ever."""
        while self._members:
            await self.look()
            await asyncio.sleep(every_seconds)

    async def look(self) -> None:
        """Ask all of them once, at the same time, but for those that sleep."""
        awake = [member for member in self._members if not member.asleep]
        for member in self._members:
            if member.asleep:
                self.states[member.name].slept()
        answers = await asyncio.gather(*(member.upstream.readings() for member in awake), return_exceptions=True)
        for state, answer in zip([self.states[member.name] for member in awake], answers, strict=True):
            if isinstance(answer, BaseException):
                log.error("reading an engine's metrics failed", extra={"fields": {"error": type(answer).__name__}})
            self._note(state, None if isinstance(answer, BaseException) else answer)

    def take_queued(self) -> float | None:
        """Mean number of requests waiting inside all engines since the last call; None where nobody knows."""
        waiting = [state.take_waiting() for state in self.states.values()]
        known = [each for each in waiting if each is not None]
        return round(sum(known), 3) if any(known) or len(known) == len(waiting) else None

    @staticmethod
    def _note(state: EngineState, readings: Sequence[Reading] | None) -> None:
        before = state.up
        if readings is None:
            state.failed()
            if before is not False:
                log.warning("an engine's metrics cannot be read", extra={"fields": {"upstream": state.name}})
        else:
            state.read(readings)
            if before is False:
                log.info("an engine's metrics can be read again", extra={"fields": {"upstream": state.name}})
