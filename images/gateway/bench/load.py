"""What does a client see? Latency at a calm rate, the most requests a second, and many paced streams at once.

`python -m images.gateway.bench.load KIND HOST:PORT KEY [number]` prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import uvloop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Figures = dict[str, float]

CALM_REQUESTS_PER_SECOND = 50
CALM_REQUESTS = 150
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


async def calm(address: str, key: str, requests: int = CALM_REQUESTS) -> Figures:
    """Open loop: a request every 20 ms, whether or not the one before it has been answered."""
    raw, idle, seconds = request(address, key), [await connect(address) for _ in range(4)], []

    async def one() -> None:
        connection = idle.pop() if idle else await connect(address)
        began = time.perf_counter()
        _check(await connection.ask(raw))
        seconds.append(time.perf_counter() - began)
        idle.append(connection)

    for _ in range(20):
        await one()
    seconds.clear()
    began, running = time.perf_counter(), []
    for number in range(requests):
        await asyncio.sleep(began + number / CALM_REQUESTS_PER_SECOND - time.perf_counter())
        running.append(asyncio.create_task(one()))
    await asyncio.gather(*running)
    return {"p50_ms": statistics.median(seconds) * 1000}


async def full(address: str, key: str, requests: int = 10_000) -> Figures:
    """Closed loop over 32 connections until `requests` are answered."""
    raw, left = request(address, key), requests

    async def one() -> None:
        nonlocal left
        connection = await connect(address)
        while left > 0:
            left -= 1
            _check(await connection.ask(raw))

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - began
    return {"requests": requests, "seconds": seconds, "requests_per_second": requests / seconds}


async def paced(address: str, key: str, rounds: int = 3) -> Figures:
    """64 streams of 64 chunks at 20 ms, `rounds` one after the other on each connection."""
    raw, first_seconds, tokens = request(address, key, stream=True), [], 0
    connections = [await connect(address) for _ in range(STREAMS)]

    async def one(connection: Connection) -> None:
        nonlocal tokens
        for _ in range(rounds):
            began = time.perf_counter()
            answer = await connection.ask(raw)
            first_seconds.append(connection.first_body_at - began)
            got = sum(map(answer.count, CONTENT))
            if got != CHUNKS:
                raise ValueError(f"a stream had {got} chunks instead of {CHUNKS}")
            tokens += got

    began = time.perf_counter()
    await asyncio.gather(*(one(connection) for connection in connections))
    seconds = time.perf_counter() - began
    return {
        "tokens": tokens,
        "tokens_per_second": tokens / seconds,
        "first_byte_p50_ms": statistics.median(first_seconds) * 1000,
    }


KINDS: dict[str, Callable[..., Coroutine[Any, Any, Figures]]] = {"calm": calm, "full": full, "paced": paced}


def _check(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 200 ") or b'"usage"' not in answer:
        raise ValueError(f"unexpected answer: {answer[:200]!r}")


if __name__ == "__main__":
    kind, address, key, *number = sys.argv[1:]
    print(json.dumps(uvloop.run(KINDS[kind](address, key, *map(int, number)))))  # noqa: T201 the caller reads it
