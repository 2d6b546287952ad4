"""What is the least that a Python gateway costs? Raw ASGI and an aiohttp client: no key, no limit, no log, no metric.

`python -m images.gateway.bench.bare PORT UPSTREAM_URL`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import aiohttp
import uvicorn

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Bare:
    """Passes a request on and its answer back, and does nothing else."""

    def __init__(self, upstream_url: str) -> None:
        self._upstream_url = upstream_url
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._pass_on(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._session = aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=0),
                    timeout=aiohttp.ClientTimeout(total=None),
                    auto_decompress=False,
                )
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._session is not None:
                    await self._session.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._session is not None  # noqa: S101 the lifespan comes first
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        url = self._upstream_url + scope["path"]
        headers = {"content-type": "application/json"}
        async with self._session.request(scope["method"], url, data=body, headers=headers) as answer:
            kind = (b"content-type", answer.headers.get("content-type", "").encode())
            if b"event-stream" in kind[1]:
                await send({"type": "http.response.start", "status": answer.status, "headers": [kind]})
                async for chunk in answer.content.iter_any():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            else:
                whole = await answer.read()
                headers = [kind, (b"content-length", str(len(whole)).encode())]
                await send({"type": "http.response.start", "status": answer.status, "headers": headers})
                await send({"type": "http.response.body", "body": whole})


if __name__ == "__main__":
    uvicorn.run(
        Bare(sys.argv[2]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
