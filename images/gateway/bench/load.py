"""What does a client see? Latency at a calm rate, the most requests a second, and many paced streams at once.

`python -m images.gateway.bench.load KIND KEY TURNS HOST:PORT=REQUESTS...` prints one JSON object: what was seen of each
server, by its address. In each turn every server is sent that many requests.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import uvloop

Figures = dict[str, float]

CALM_REQUESTS_PER_SECOND = 50
CONNECTIONS = 32
STREAMS = 64
CHUNKS = 64
GAP_MILLISECONDS = 20
# As the engine writes it, and as proxies do that write JSON anew.
CONTENT = (b'"content": "token', b'"content":"token')


def request(address: str, key: str, *, stream: bool = False) -> bytes:
    body: dict[str, Any] = {
        "model": "bench",
        "messages": [{"role": "user", "content": "hello " * 12}],
        "max_tokens": CHUNKS,
        "seed": GAP_MILLISECONDS,
    }
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    raw = json.dumps(body).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {key}\r\ncontent-length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


class Connection(asyncio.Protocol):
    """Sends a request and hands each arriving piece to `arrived`; the answer is whole when its end has been seen."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._received = b""
        self._due = 0
        self.first_body_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._due:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            length = head.lower().partition(b"\r\ncontent-length: ")[2]
            self._due = len(head) + 4 + int(length.partition(b"\r\n")[0]) if length else -1
            if not self.first_body_at and not rest:
                return
        if not self.first_body_at:
            self.first_body_at = time.perf_counter()
        ended = self._received.endswith(b"\r\n0\r\n\r\n") if self._due < 0 else len(self._received) >= self._due
        if ended and self._answer is not None and not self._answer.done():
            self._answer.set_result(self._received)

    async def ask(self, raw: bytes) -> bytes:
        self._received, self._due, self.first_body_at = b"", 0, 0.0
        self._answer = asyncio.get_running_loop().create_future()
        assert self._transport is not None  # noqa: S101 connection_made comes first
        self._transport.write(raw)
        return await self._answer


async def connect(address: str) -> Connection:
    host, _, port = address.partition(":")
    return (await asyncio.get_running_loop().create_connection(Connection, host, int(port)))[1]


@dataclass
class Seen:
    """What one server did, over all its turns."""

    done: int = 0
    """Requests, or tokens of streams."""
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list[float])
    """Seconds to the whole answer, or to a stream's first byte."""

    def figures(self) -> Figures:
        p50_ms = statistics.median(self.latencies) * 1000
        return {"done": self.done, "per_second": self.done / self.seconds, "p50_ms": p50_ms}


async def calm(address: str, key: str, requests: int, seen: Seen) -> None:
    """Open loop: a request every 20 ms, whether or not the one before it has been answered."""
    raw, idle = request(address, key), [await connect(address) for _ in range(4)]

    async def one() -> float:
        connection = idle.pop() if idle else await connect(address)
        began = time.perf_counter()
        _check(await connection.ask(raw))
        idle.append(connection)
        return time.perf_counter() - began

    await one()  # What it takes to wake up is nobody's latency.
    began, running = time.perf_counter(), []
    for number in range(requests):
        await asyncio.sleep(began + number / CALM_REQUESTS_PER_SECOND - time.perf_counter())
        running.append(asyncio.create_task(one()))
    seen.latencies += await asyncio.gather(*running)
    seen.seconds += time.perf_counter() - began
    seen.done += requests


async def full(address: str, key: str, requests: int, seen: Seen) -> None:
    """Closed loop over 32 connections."""
    raw, left = request(address, key), requests
    connections = [await connect(address) for _ in range(CONNECTIONS)]

    async def one(connection: Connection) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            began = time.perf_counter()
            _check(await connection.ask(raw))
            seen.latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*map(one, connections))
    seen.seconds += time.perf_counter() - began
    seen.done += requests


async def paced(address: str, key: str, requests: int, seen: Seen) -> None:
    """Streams of 64 chunks at 20 ms, on 64 connections one after the other."""
    raw, left = request(address, key, stream=True), requests
    connections = [await connect(address) for _ in range(STREAMS)]

    async def one(connection: Connection) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            began = time.perf_counter()
            answer = await connection.ask(raw)
            seen.latencies.append(connection.first_body_at - began)
            got = sum(map(answer.count, CONTENT))
            if got != CHUNKS:
                raise ValueError(f"a stream had {got} chunks instead of {CHUNKS}")
            seen.done += got

    began = time.perf_counter()
    await asyncio.gather(*map(one, connections))
    seen.seconds += time.perf_counter() - began


Turn = Callable[[str, str, int, Seen], Coroutine[Any, Any, None]]
KINDS: dict[str, Turn] = {"calm": calm, "full": full, "paced": paced}


async def in_turns(turn: Turn, key: str, turns: int, requests: dict[str, int]) -> dict[str, Figures]:
    """One server after the other, again and again: a machine that is slow for a while is so for all of them."""
    seen = {address: Seen() for address in requests}
    for _ in range(turns):
        for address, number in requests.items():
            await turn(address, key, number, seen[address])
    return {address: each.figures() for address, each in seen.items()}


def _check(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 200 ") or b'"usage"' not in answer:
        raise ValueError(f"unexpected answer: {answer[:200]!r}")


if __name__ == "__main__":
    kind, key, turns, *servers = sys.argv[1:]
    asked = {address: int(requests) for address, requests in (server.split("=") for server in servers)}
    print(json.dumps(uvloop.run(in_turns(KINDS[kind], key, int(turns), asked))))  # noqa: T201 the caller reads it
