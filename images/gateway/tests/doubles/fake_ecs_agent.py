"""What does the ECS agent do to a gateway? Its route for task protection, and a record of what was asked."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ARN = "arn:aws:ecs:us-east-1:123456789012:task/chat/0123"


@dataclass
class FakeEcsAgent:
    """Grants what it is asked for, or answers with `failure` and `status` (AWS: task scale-in protection endpoint)."""

    failure: dict[str, str] | None = None
    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def _state(self, request: web.Request) -> web.Response:
        if request.method != "PUT":
            return web.Response(status=405)
        wanted = json.loads(await request.read())
        self.asked.append(wanted)
        if self.failure is not None:
            return web.json_response({"failure": {"Arn": ARN, **self.failure}}, status=self.status)
        protection = {"ProtectionEnabled": wanted["ProtectionEnabled"], "TaskArn": ARN, "ExpirationDate": "2026-11-21"}
        return web.json_response({"protection": protection}, status=self.status)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FakeEcsAgent]:
        app = web.Application()
        app.router.add_route("*", "/api/0123/task-protection/v1/state", self._state)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/0123"
        try:
            yield self
        finally:
            await runner.cleanup()
