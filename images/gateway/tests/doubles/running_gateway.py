"""How does a test talk to a gateway? Over a socket, to the real server, inside the test's own event loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
from gateway.app import create_app
from gateway.config import load_config
from gateway.deadline import Drain
from gateway.server import Server
from gateway.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CLOSED_PORT_URL = "http://127.0.0.1:9"


@dataclass
class RunningGateway:
    """A gateway, a client for it, and the EMF lines it wrote."""

    url: str
    port: int
    server: Server
    client: aiohttp.ClientSession
    emf_lines: list[str] = field(default_factory=list)


def environment(**variables: str) -> dict[str, str]:
    """A complete environment; `variables` replace or add."""
    return {
        "BERTH_STACK": "local",
        "BERTH_SERVICE": "chat",
        "BERTH_UPSTREAM_URL": CLOSED_PORT_URL,
        "BERTH_MODEL_NAME": "org/model",
        "BERTH_MAX_REQUEST_SECONDS": "10",
        "BERTH_DRAIN_SECONDS": "5",
        **variables,
    }


@asynccontextmanager
async def running_gateway(upstream_url: str = CLOSED_PORT_URL, **variables: str) -> AsyncIterator[RunningGateway]:
    """Serve on a free port until the block ends."""
    config = load_config(environment(BERTH_UPSTREAM_URL=upstream_url, **variables))
    emf_lines: list[str] = []
    drain = Drain()
    server = Server(config, create_app(config, Upstream(config.upstream_url), drain, emf_lines.append), drain)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 uvicorn offers a flag and no event
        await asyncio.sleep(0.01)
    try:
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession(auto_decompress=False) as client:
            yield RunningGateway(url, port, server, client, emf_lines)
    finally:
        server.should_exit = True
        await serving
