"""What does the keeper do to a gateway? A wake hook with a scripted answer, and a state document that can change."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class FakeKeeper:
    """Says `state` to whoever asks, and `answer` to whoever wants to wake the service."""

    state: dict[str, Any] | str = field(default_factory=lambda: {"state": "asleep", "next_wake": None})
    status: int = 202
    answer: Any = field(default_factory=lambda: {"expected_seconds": 420})
    headers: dict[str, str] = field(default_factory=dict)
    wakes_at_once: bool = False
    woken: list[dict[str, Any]] = field(default_factory=list)
    looked: int = 0
    url: str = ""

    async def _wake(self, request: web.Request) -> web.Response:
        self.woken.append(await request.json())
        if self.wakes_at_once:
            self.state = {"state": "awake"}
        return web.json_response(self.answer, status=self.status, headers=self.headers)

    async def _state(self, _: web.Request) -> web.Response:
        self.looked += 1
        return web.Response(text=self.state if isinstance(self.state, str) else json.dumps(self.state))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FakeKeeper]:
        app = web.Application()
        app.router.add_post("/wake", self._wake)
        app.router.add_get("/state", self._state)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()
