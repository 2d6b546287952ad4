"""What does the gateway know about the sleep of its service, and has it been asked to wake?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Self

from gateway.sleep.hook import Verdict, WakeAnswer
from gateway.sleep.refusals import sleeping
from gateway.sleep.state import Condition, State, StateError, StateSilentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gateway.config.sleep import SleepConfig
    from gateway.errors import ApiError
    from gateway.sleep.hook import WakeHook
    from gateway.sleep.sources import StateSource

POLL_WHILE_HELD_SECONDS = 2.0
LOOK_ROUND_SECONDS = 1.0
# The keeper looks every ten minutes: who can say nothing better says that.
UNKNOWN_WAIT_SECONDS = 600.0
# A state that nobody has confirmed for so long, one round of the keeper and a half, is no reason to send clients away.
SILENT_SECONDS = 900.0
# It should have been awake by now.
OVERDUE_SECONDS = 10.0
# After a no, or a failure, of the hook.
ASK_AGAIN_SECONDS = 60.0
FAILED_AGAIN_SECONDS = 10.0

log = logging.getLogger(__name__)


class ServiceSleep:
    """The state as the document says it, and what this gateway has done to change it."""

    def __init__(
        self,
        service: str,
        config: SleepConfig,
        source: StateSource | None,
        hook: WakeHook | None,
        when_changed: Callable[[bool], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`when_changed` is told whether the service can be asked; `clock` gives seconds since the epoch."""
        self._service = service
        self._config = config
        self._source = source
        self._hook = hook
        self._when_changed = when_changed
        self._clock = clock
        next_wake = config.next_wake.timestamp() if config.next_wake else None
        self._unless_told = State(Condition(config.state), next_wake)
        self._state = self._unless_told
        self._awake = asyncio.Event()
        self._waking_until = 0.0
        self._ask_again_at = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._polling: asyncio.Task[None] | None = None
        self._readable = True
        self._looked_at = self._told_at = float("-inf")
        self.held = 0
        """Requests that wait for the service now."""
        self._tell()

    @property
    def awake(self) -> bool:
        return self._awake.is_set()

    @property
    def condition(self) -> Condition:
        """Waking as well where this gateway has just woken it and the document does not know yet."""
        if self._state.condition is Condition.ASLEEP and self._clock() < self._waking_until:
            return Condition.WAKING
        return self._state.condition

    async def __aenter__(self) -> Self:
        if self._source is not None:
            await self._source.__aenter__()
            await self.poll()
            self._polling = asyncio.create_task(self._poll_for_ever())
        if self._hook is not None:
            await self._hook.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in (self._polling, self._asking):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._source is not None:
            await self._source.__aexit__(kind, error, traceback)
        if self._hook is not None:
            await self._hook.__aexit__(kind, error, traceback)

    async def poll(self) -> None:
        """Look every `poll_seconds`, or each time while requests wait."""
        if self.held or self._clock() >= self._looked_at + self._config.poll_seconds:
            self._looked_at = self._clock()
            await self.look()

    async def look(self) -> None:
        """Read the document once. One that says nothing, or is not there, must not keep requests from the service."""
        if self._source is None:
            return
        try:
            self._take(State.parse(await self._source.read()))
        except StateError as error:
            if self._readable:
                log.warning("the state of the service cannot be read", extra={"fields": {"reason": str(error)}})
            self._readable = False
            if isinstance(error, StateSilentError) and self._clock() < self._told_at + SILENT_SECONDS:
                return
            self._take(self._unless_told)
        else:
            self._readable, self._told_at = True, self._clock()

    def _take(self, state: State) -> None:
        if state.condition is not self._state.condition:
            log.info("the service is %s", state.condition)
        if state.condition is Condition.AWAKE:
            self._waking_until = self._ask_again_at = 0.0
        self._state = state
        self._tell()

    def wake(self, key_id: str) -> None:
        """Have the keeper asked: once, however many requests come meanwhile."""
        if self._hook is None or self._asking is not None or self.condition is not Condition.ASLEEP:
            return
        if self._clock() >= self._ask_again_at:
            self._asking = asyncio.create_task(self._ask(self._hook, key_id))

    async def asked(self) -> None:
        """Until the keeper has answered, where it is being asked."""
        if self._asking is None:
            return
        self.held += 1
        try:
            await asyncio.shield(self._asking)
        finally:
            self.held -= 1

    async def wait(self, seconds: float, unless: Callable[[], bool] = lambda: False) -> None:
        """Until the service is awake, `seconds` at most; `unless` is asked each second whether that makes sense."""
        self.held += 1
        try:
            async with asyncio.timeout(seconds):
                while not self.awake and not unless():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._awake.wait(), LOOK_ROUND_SECONDS)
        except TimeoutError:
            pass
        finally:
            self.held -= 1

    def refusal(self) -> ApiError:
        """What a client hears now."""
        now = self._clock()
        condition = self.condition
        if condition is Condition.WAKING:
            ready_at = max(self._state.ready_at or 0.0, self._waking_until) or now + self._config.wake_seconds
            ready_at = max(ready_at, now + OVERDUE_SECONDS)
            return sleeping(condition, ready_at, ready_at - now)
        next_wake = self._state.next_wake
        if next_wake is not None and next_wake <= now:
            # It is due, and the keeper has not written it down yet.
            next_wake = now + self._config.wake_seconds
        return sleeping(condition, next_wake, UNKNOWN_WAIT_SECONDS if next_wake is None else next_wake - now)

    async def _ask(self, hook: WakeHook, key_id: str) -> None:
        try:
            answer = await hook.wake(self._service, key_id)
        except Exception as error:  # noqa: BLE001 a hook must not end what waits for it
            answer = WakeAnswer(Verdict.FAILED, reason=type(error).__name__)
        finally:
            self._asking = None
        now = self._clock()
        if answer.verdict in {Verdict.ACCEPTED, Verdict.UNDER_WAY}:
            expected = self._config.wake_seconds if answer.expected_seconds is None else answer.expected_seconds
            self._waking_until = now + expected
            log.info("the service was asked to wake", extra={"fields": {"key": key_id, "seconds": expected}})
        elif answer.verdict is Verdict.OUTSIDE_HOURS:
            self._ask_again_at = now + ASK_AGAIN_SECONDS
            if answer.next_wake is not None:
                self._state = State(self._state.condition, answer.next_wake)
        else:
            self._ask_again_at = now + FAILED_AGAIN_SECONDS
            log.warning("the wake hook failed", extra={"fields": {"reason": answer.reason}})

    def _tell(self) -> None:
        awake = self._state.condition is Condition.AWAKE
        if awake:
            self._awake.set()
        else:
            self._awake.clear()
        self._when_changed(awake)

    async def _poll_for_ever(self) -> None:
        while True:
            await asyncio.sleep(min(self._config.poll_seconds, POLL_WHILE_HELD_SECONDS))
            try:
                await self.poll()
            except Exception:  # one bad look must not be the last
                log.exception("looking for the state of the service failed")
