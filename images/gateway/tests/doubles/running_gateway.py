"""How does a test talk to a gateway? Over a socket, to the real server, inside the test's own event loop."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
from gateway.app import create_app
from gateway.config.load import load_config
from gateway.deadline import Drain
from gateway.server import Server
from gateway.upstreams.fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.traces.spans import Traces

CLOSED_PORT_URL = "http://127.0.0.1:9"


@dataclass
class RunningGateway:
    """A gateway, a client for it, and the lines it wrote: metrics and requests."""

    url: str
    port: int
    server: Server
    client: aiohttp.ClientSession
    lines: list[str] = field(default_factory=list)

    @property
    def emf_lines(self) -> list[str]:
        return [line for line in self.lines if '"_aws"' in line]

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The log's lines about requests, oldest first."""
        return [line for line in map(json.loads, self.lines) if line.get("message") == "request"]


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


def fleet_of(upstream_url: str = CLOSED_PORT_URL) -> Fleet:
    """The fleet of a gateway in front of one engine."""
    return Fleet.of(load_config(environment(BERTH_UPSTREAM_URL=upstream_url)))


@asynccontextmanager
async def running_gateway(upstream_url: str = CLOSED_PORT_URL, **variables: str) -> AsyncIterator[RunningGateway]:
    """Serve on a free port until the block ends."""
    async with serving(environment(BERTH_UPSTREAM_URL=upstream_url, **variables)) as gateway:
        yield gateway


@asynccontextmanager
async def configured_gateway(document: dict[str, Any], **variables: str) -> AsyncIterator[RunningGateway]:
    """The same with a document; what it leaves out of the required settings is filled in."""
    plain = environment(**variables)
    del plain["BERTH_UPSTREAM_URL"]
    async with serving(plain | {"BERTH_CONFIG": json.dumps(document)}) as gateway:
        yield gateway


@asynccontextmanager
async def serving(variables: dict[str, str], traces: Traces | None = None) -> AsyncIterator[RunningGateway]:
    config = load_config(variables)
    lines: list[str] = []
    drain = Drain()
    app = create_app(config, Fleet.of(config, variables), drain, lines.append, traces=traces, environment=variables)
    server = Server(config, app, drain)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port = listener.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 uvicorn offers a flag and no event
        await asyncio.sleep(0.01)
    try:
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession(auto_decompress=False) as client:
            yield RunningGateway(url, port, server, client, lines)
    finally:
        server.should_exit = True
        await serving
