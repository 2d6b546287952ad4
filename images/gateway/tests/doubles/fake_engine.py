"""What does an engine do to a gateway? Scripted answers on a real socket, and a record of what came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Script = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeEngine:
    """Answers everything below `base_path` with `script`; `health` and `metrics` are what those routes say."""

    script: Script
    health: int = 200
    metrics: str | Callable[[], str] = ""
    base_path: str = "/v1"
    socket_path: str | None = None
    routes: Mapping[str, Script] = field(default_factory=dict)
    health_probes: int = 0
    seen: list[Seen] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def _v1(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.method, request.raw_path, headers, body))
        try:
            return await self.script(request)
        except (asyncio.CancelledError, ConnectionResetError):
            self.left.set()
            raise

    async def _health(self, _: web.Request) -> web.Response:
        self.health_probes += 1
        return web.Response(status=self.health)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(text=self.metrics if isinstance(self.metrics, str) else self.metrics())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FakeEngine]:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/health", self._health)
        app.router.add_get("/metrics", self._metrics)
        for path, script in self.routes.items():
            app.router.add_route("*", path, script)
        app.router.add_route("*", self.base_path + "/{path:.*}", self._v1)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        if self.socket_path is not None:
            await web.UnixSite(runner, self.socket_path).start()
            self.url = f"unix://{self.socket_path}"
        else:
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


def whole(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Script:
    """One answer of known length."""

    async def script(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers={"content-type": "application/json", **(headers or {})})

    return script


def events(chunks: list[bytes], gap_seconds: float = 0.0, *, first_after_seconds: float = 0.0) -> Script:
    """A stream of server-sent events, one write per chunk."""

    async def script(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await answer.prepare(request)
        await asyncio.sleep(first_after_seconds)
        for chunk in chunks:
            await answer.write(chunk)
            await asyncio.sleep(gap_seconds)
        await answer.write_eof()
        return answer

    return script


def gated(first: bytes, rest: list[bytes]) -> tuple[Script, asyncio.Event]:
    """A stream that sends `first`, and the rest only once the event is set."""
    gate = asyncio.Event()

    async def script(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await answer.prepare(request)
        await answer.write(first)
        await gate.wait()
        for chunk in rest:
            await answer.write(chunk)
        await answer.write_eof()
        return answer

    return script, gate


def broken(content_type: str, sent: bytes, length: int | None = None) -> Script:
    """A connection that is cut after `sent`."""

    async def script(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": content_type})
        answer.content_length = length
        await answer.prepare(request)
        await answer.write(sent)
        await asyncio.sleep(0.05)
        if request.transport is not None:
            request.transport.abort()
        return answer

    return script
