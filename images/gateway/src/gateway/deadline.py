"""When must a request end? At its time limit, when its client has left, or when the drain is over."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class Ending(Enum):
    """Why a request was ended before its answer was complete."""

    TIME_LIMIT = "time limit"
    CLIENT_LEFT = "client left"
    SHUTDOWN = "shutdown"


class ClientLeftError(Exception):
    """The client closed its connection before its request was complete: there is nobody to answer."""


class Deadline:
    """`async with`: its body is cancelled and TimeoutError raised once the time has come; `ending` says why."""

    def __init__(self, seconds: float) -> None:
        self.ending = Ending.TIME_LIMIT
        self._timeout = asyncio.timeout(seconds)
        self._open = False

    def end_in(self, seconds: float, ending: Ending) -> None:
        """Bring the end forward; a later end than the present one changes nothing."""
        when = asyncio.get_running_loop().time() + seconds
        present = self._timeout.when()
        if self._open and not self._timeout.expired() and (present is None or when < present):
            self.ending = ending
            self._timeout.reschedule(when)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        self._open = False
        return await self._timeout.__aexit__(kind, error, traceback)


class Drain:
    """The end of the process: no new requests, and a last moment for the running ones."""

    def __init__(self) -> None:
        self.draining = False
        self._running: set[Deadline] = set()

    @property
    def idle(self) -> bool:
        return not self._running

    def join(self, deadline: Deadline) -> None:
        self._running.add(deadline)

    def leave(self, deadline: Deadline) -> None:
        self._running.discard(deadline)

    def begin(self, seconds: float) -> None:
        """Refuse what is new from now on, and end what still runs after `seconds`."""
        self.draining = True
        for deadline in self._running:
            deadline.end_in(seconds, Ending.SHUTDOWN)
