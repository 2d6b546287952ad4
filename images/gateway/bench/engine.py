"""What does an engine that costs nothing look like? Canned answers on raw asyncio: only the gateway is measured.

`python -m images.gateway.bench.engine PORT`. In a request's body `max_tokens` is the number of chunks of a stream, and
`seed` the milliseconds between two of them: both are fields that every gateway passes on.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

import uvloop

MAX_TOKENS = re.compile(rb'"max_tokens": ?(\d+)')
SEED = re.compile(rb'"seed": ?(\d+)')
MOST_CHUNKS = 1024
TOKENS_OF_A_PLAIN_ANSWER = 100
COMMON = {"id": "chatcmpl-1", "created": 1, "model": "bench"}


def _http(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


def _chunk(content: str | None, finish_reason: str | None = None) -> bytes:
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _framed({**COMMON, "object": "chat.completion.chunk", "choices": [choice]})


def _framed(event: dict[str, object]) -> bytes:
    data = b"data: " + json.dumps(event).encode() + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


USAGE = {
    "prompt_tokens": 12,
    "completion_tokens": TOKENS_OF_A_PLAIN_ANSWER,
    "total_tokens": 12 + TOKENS_OF_A_PLAIN_ANSWER,
}
MESSAGE = {"role": "assistant", "content": "token " * TOKENS_OF_A_PLAIN_ANSWER}
PLAIN = _http(
    json.dumps(
        {
            **COMMON,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}],
            "usage": USAGE,
        }
    ).encode()
)
EMPTY = _http(b"{}")
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
CHUNKS = [_chunk(f"token{number} ") for number in range(MOST_CHUNKS)]
DONE = b"data: [DONE]\n\n"
STREAM_END = (
    _chunk(None, "stop")
    + _framed({**COMMON, "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
    + b"%x\r\n%s\r\n0\r\n\r\n" % (len(DONE), DONE)
)


class Engine(asyncio.Protocol):
    """One connection; requests carry a content-length, as those of HTTP clients with a body in memory do."""

    def __init__(self) -> None:
        self._received = b""
        self._stream: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._stream is not None:
            self._stream.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._stream is None and self._answer_one():
            pass

    def _answer_one(self) -> bool:
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return False
        length = re.search(rb"\r\ncontent-length: *(\d+)", head.lower())
        size = int(length[1]) if length else 0
        if len(rest) < size:
            return False
        body, self._received = rest[:size], rest[size:]
        if b"/completions" not in head.split(b"\r\n", 1)[0]:
            self._write(EMPTY)
        elif b'"stream": true' in body or b'"stream":true' in body:
            chunks, milliseconds = MAX_TOKENS.search(body), SEED.search(body)
            self._stream = asyncio.create_task(
                self._run_stream(int(chunks[1]) if chunks else 64, int(milliseconds[1]) / 1000 if milliseconds else 0)
            )
        else:
            self._write(PLAIN)
        return True

    async def _run_stream(self, chunks: int, gap_seconds: float) -> None:
        self._write(STREAM_HEAD)
        for chunk in CHUNKS[:chunks]:
            self._write(chunk)
            await asyncio.sleep(gap_seconds)
        self._write(STREAM_END)
        self._stream = None
        self.data_received(b"")

    def _write(self, data: bytes) -> None:
        assert self._transport is not None  # noqa: S101 connection_made comes first
        self._transport.write(data)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Engine, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
