"""May ECS stop this task now? Not while it answers: scale-in and deployments are asked to wait.

AWS: "Amazon ECS task scale-in protection endpoint", as of 2026-11.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from typing import TYPE_CHECKING, Protocol

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOOK_SECONDS = 2.0
AGENT_SECONDS = 5.0
STATE_PATH = "/task-protection/v1/state"
# Short, so that a gateway that dies while it answers does not keep its task for long.
MOST_MINUTES = 5
# Between two requests that follow each other closely nothing is asked.
LINGER_SECONDS = 15.0
# Denied (no permission, no service) or unreachable: how long until the next attempt.
RETRY_SECONDS = 60.0
# A replica that is never idle would hold up every deployment: after each longest request, or ten minutes, it may be
# stopped for a minute, and what runs has the drain.
SHORTEST_TURN_SECONDS = 600.0
PAUSE_SECONDS = 60.0

log = logging.getLogger(__name__)


class Agent(Protocol):
    """The ECS agent of this task."""

    async def protect(self, minutes: int | None) -> bool:
        """Ask for so many minutes, or to end it (None); whether that was granted."""
        ...


class TaskProtection:
    """Keeps ECS from stopping the task while `busy` says so; what fails is harmless: the drain remains."""

    def __init__(
        self,
        agent: Agent,
        busy: Callable[[], bool],
        max_request_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._agent = agent
        self._busy = busy
        self._minutes = min(MOST_MINUTES, max(1, math.ceil(max_request_seconds / 60)))
        self._turn_seconds = max(SHORTEST_TURN_SECONDS, max_request_seconds)
        self._clock = clock
        self._until: float | None = None
        self._since = 0.0
        self._idle_since: float | None = None
        self._not_before = float("-inf")
        self._refused = False
        self.failures = 0

    @property
    def protected(self) -> bool:
        return self._until is not None and self._clock() < self._until

    async def run(self, every_seconds: float = LOOK_SECONDS) -> None:
        """Look for ever; requests that are shorter than a look are left to the drain."""
        while True:
            await asyncio.sleep(every_seconds)
            await self.look()

    async def look(self) -> None:
        """Ask for protection, renew it, or give it back, as the time has come."""
        now = self._clock()
        if not self._busy():
            self._idle_since = now if self._idle_since is None else self._idle_since
            if self._until is not None and now - self._idle_since >= LINGER_SECONDS:
                await self._release()
            return
        self._idle_since = None
        if now < self._not_before:
            return
        if self._until is not None and now - self._since >= self._turn_seconds:
            await self._release()
            self._not_before = now + PAUSE_SECONDS
        elif self._until is None or self._until - now < self._minutes * 60 / 2:
            await self._protect(now)

    async def _protect(self, now: float) -> None:
        if not await self._asked(self._minutes):
            self._not_before = now + RETRY_SECONDS
            return
        if self._until is None:
            self._since = now
        self._until = now + self._minutes * 60

    async def _release(self) -> None:
        # Where this fails, it ends by itself within minutes.
        self._until = None
        await self._asked(None)

    async def _asked(self, minutes: int | None) -> bool:
        granted = await self._agent.protect(minutes)
        if not granted:
            self.failures += 1
            if not self._refused:
                log.warning("ECS does not protect this task while it answers; may its role ecs:UpdateTaskProtection?")
        elif self._refused:
            log.info("ECS protects this task while it answers again")
        self._refused = not granted
        return granted


class EcsAgent:
    """Where `ECS_AGENT_URI` leads."""

    def __init__(self, uri: str) -> None:
        self._url = uri.rstrip("/") + STATE_PATH

    async def protect(self, minutes: int | None) -> bool:
        body: dict[str, object] = {"ProtectionEnabled": minutes is not None}
        if minutes is not None:
            body["ExpiresInMinutes"] = minutes
        try:
            limit = aiohttp.ClientTimeout(total=AGENT_SECONDS)
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.put(self._url, json=body) as answer,
            ):
                document = json.loads(await answer.text(errors="replace"))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False
        # A refusal may come with status 200, as `failure`.
        return isinstance(document, dict) and isinstance(document.get("protection"), dict)


def task_protection(
    environment: Mapping[str, str], busy: Callable[[], bool], max_request_seconds: float
) -> TaskProtection | None:
    """Protection where ECS runs this process, else None."""
    uri = environment.get("ECS_AGENT_URI")
    return TaskProtection(EcsAgent(uri), busy, max_request_seconds) if uri else None
