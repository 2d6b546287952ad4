"""What is known about one request and its answer, and how are its ASGI messages read and written?"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from gateway import errors, headers
from gateway.usage import UsageTail

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gateway.errors import ApiError

# How long a client that reads nothing may hold up its own error message.
LAST_WORDS_SECONDS = 5
LOGGED_PATH_CHARACTERS = 200
# As nginx counts a request whose client left before there was an answer; never sent.
CLIENT_LEFT_STATUS = 499


class Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._began = time.monotonic()
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        self.target = (scope["raw_path"] + query).decode("latin-1")
        self.request_id = headers.request_id_of(self.header(b"x-request-id"))
        self.key_name: str | None = None
        self.body_read = False
        self.forwarded = False
        self.started = False
        self.status = CLIENT_LEFT_STATUS
        self.outcome = "complete"
        self.usage = UsageTail()
        self._event_stream = False

    def header(self, name: bytes) -> str | None:
        return headers.first(self.headers, name)

    @property
    def declared_bytes(self) -> int:
        """Length of the body as declared; 0 where it comes in chunks."""
        return int(self.header(b"content-length") or 0)

    @property
    def declares_body(self) -> bool:
        return self.header(b"content-length") is not None or self.header(b"transfer-encoding") is not None

    async def read_body(self, max_body_bytes: int) -> bytes | None:
        """The whole body; None when it is too large (and has been refused) or the client left."""
        body = bytearray()
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.outcome = "client left"
                return None
            body += message.get("body", b"")
            if len(body) > max_body_bytes:
                await self.fail(errors.body_too_large(max_body_bytes))
                return None
            if not message.get("more_body", False):
                self.body_read = True
                return bytes(body)

    async def client_left(self) -> None:
        """Return when the client has closed its connection."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def start(self, status: int, raw_headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True
        self.status = status
        self._event_stream = (headers.first(raw_headers, b"content-type") or "").startswith("text/event-stream")
        await self._send({"type": "http.response.start", "status": status, "headers": raw_headers})

    async def pass_on(self, chunk: bytes) -> None:
        if chunk:
            self.usage.feed(chunk)
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def finish(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def fail(self, error: ApiError) -> None:
        """Say why there is no answer, or no more of it, as far as what was sent allows."""
        if self.outcome == "complete":
            self.outcome = error.code
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                if not self.started:
                    raw_headers = [*error.raw_headers(), (b"x-request-id", self.request_id.encode("ascii"))]
                    await self.start(error.status, raw_headers)
                    await self._send({"type": "http.response.body", "body": error.body(), "more_body": False})
                elif self._event_stream:
                    await self._send({"type": "http.response.body", "body": error.event(), "more_body": False})
                # else: half a document was sent. Leaving it unfinished makes the server cut the connection, which
                # is the only way left to tell the client.
        except TimeoutError:
            self.outcome = "client reads nothing"

    def summary(self) -> dict[str, Any]:
        """The log's line about this exchange: no query, no header, no text."""
        tokens = self.usage.tokens()
        return {
            "request_id": self.request_id,
            "key": self.key_name,
            "method": self.method,
            "path": self.path[:LOGGED_PATH_CHARACTERS],
            "status": self.status,
            "outcome": self.outcome,
            "duration_ms": round((time.monotonic() - self._began) * 1000),
            "tokens_in": tokens.tokens_in,
            "tokens_out": tokens.tokens_out,
        }
