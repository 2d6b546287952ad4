"""What is known about one request and its answer, and how are its ASGI messages read and written?"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from gateway import errors, headers
from gateway.document import Document, DocumentError
from gateway.errors import RefusedError
from gateway.usage import DocumentUsage, stream_usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from gateway.checks.output import OutputCheck
    from gateway.deadline import Deadline
    from gateway.errors import ApiError
    from gateway.keys import Key
    from gateway.traces.spans import RequestTrace
    from gateway.transcript import Transcript
    from gateway.upstreams.attempts import Attempts
    from gateway.upstreams.route import Route
    from gateway.usage import Tokens, Usage

# How long a client that reads nothing may hold up its own error message.
LAST_WORDS_SECONDS = 5
OWN_HEADERS = b"x-ratelimit-"
# As nginx counts a request whose client left before there was an answer; never sent.
CLIENT_LEFT_STATUS = 499
# Extension of the ASGI scope by which the connection offers to tell at once that its client has left.
CLIENT_LEFT_EXTENSION = "berth.client_left"
# And this one to say whether the whole body has arrived: then nobody needs to wait for it.
BODY_IS_HERE_EXTENSION = "berth.body_is_here"


class Exchange:
    """One request and its answer; the stages read and fill it in their order."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, deadline: Deadline) -> None:
        self.deadline = deadline
        self._scope = scope
        self._receive = receive
        self._send = send
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        """Decoded and without the query, as the log shows it."""
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        # The first of each name counts.
        self._by_name = dict(reversed(self.headers))
        self.request_id = headers.request_id_of(self.header(b"x-request-id"))
        self.began = time.monotonic()
        # Filled by authenticate, receive_body, resolve and choose.
        self.key: Key | None = None
        """None until somebody has been let in; without keys, the one that all callers share."""
        self.key_name: str | None = None
        self.body: bytes | None = None
        """None until it has been received."""
        self.route: Route | None = None
        self.attempts: Attempts | None = None
        self.estimate: Tokens | None = None
        """What it is likely to take, where a limit of its key asks for that."""
        self.own_headers: list[tuple[bytes, bytes]] = []
        """Rates (OWN_HEADERS) that the gateway adds to whatever is answered; an upstream's are left out then."""
        self.output_check: OutputCheck | None = None
        """What an answer must pass on its way to the client."""
        # Filled by relay and by whatever answers.
        self.upstream: str | None = None
        """Name of the upstream that was asked last."""
        self.tries = 0
        """How many upstreams were asked; 0 means that the request never left the gateway."""
        self.forwarded_at: float | None = None
        self.first_byte_at: float | None = None
        self.started = False
        """Whether the answer's head has been sent: nothing can be refused any more."""
        self.status = CLIENT_LEFT_STATUS
        self.outcome = "complete"
        self.usage: Usage = DocumentUsage()
        self.cost_usd: float | None = None
        """What it cost, once a settlement has worked it out; None where no price is known. Logged and counted."""
        self.trace: RequestTrace | None = None
        """Where OpenTelemetry is configured."""
        self.transcript: Transcript | None = None
        """Where the log shall have what was asked and answered."""
        self.settlements: list[Callable[[Exchange], None]] = []
        """Called once, last first, when everything about the exchange is known: what a stage reserved is settled."""
        self._document: Document | None = None
        self._event_stream = False

    @property
    def target(self) -> str:
        """Path and query exactly as the client wrote them."""
        query = self._scope["query_string"]
        raw: bytes = self._scope["raw_path"] + b"?" + query if query else self._scope["raw_path"]
        return raw.decode("latin-1")

    def header(self, name: bytes) -> str | None:
        """Value of the first header of that name (lower case), or None."""
        value = self._by_name.get(name)
        return None if value is None else value.decode("utf-8", "surrogateescape")

    @property
    def declared_bytes(self) -> int:
        """Length of the body as declared; 0 where it comes in chunks."""
        return int(self.header(b"content-length") or 0)

    @property
    def declares_body(self) -> bool:
        return b"content-length" in self._by_name or b"transfer-encoding" in self._by_name

    @property
    def document(self) -> Document | None:
        """The body as a JSON object, parsed when it is first asked for; None where it is empty or multipart.

        Raises:
            RefusedError: when it is no JSON object.
        """
        if self._document is None and self.body and self._is_json():
            try:
                self._document = Document(self.body)
            except DocumentError as error:
                raise RefusedError(errors.bad_body(str(error))) from None
        return self._document

    @property
    def parsed_document(self) -> Document | None:
        """The document where somebody has asked for it already."""
        return self._document

    @property
    def model(self) -> str | None:
        """The model that the body names, where somebody has looked there already."""
        model = self._document["model"] if self._document is not None else None
        return model if isinstance(model, str) and model else None

    @property
    def streamed(self) -> bool:
        """Whether the answer is a stream of events."""
        return self._event_stream

    def rewrite(self, body: bytes) -> None:
        """Go on with another body than the client's."""
        self.body = body
        self._document = None

    def _is_json(self) -> bool:
        # Whatever the client calls it: an engine that does not look at the type would read its members, too.
        return not (self.header(b"content-type") or "").lower().startswith("multipart/")

    @property
    def body_is_here(self) -> bool:
        """Whether the connection knows that the whole body has arrived."""
        known = self._scope.get("extensions", {}).get(BODY_IS_HERE_EXTENSION)
        return known is not None and known()

    async def receive_body(self, max_body_bytes: int) -> bytes | None:
        """The whole body; None when the client left.

        Raises:
            RefusedError: when it is larger than `max_body_bytes`.
        """
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            parts = message.get("body", b"")
        else:
            parts = bytearray()
            while True:
                if message["type"] == "http.disconnect":
                    return None
                parts += message.get("body", b"")
                if len(parts) > max_body_bytes or not message.get("more_body", False):
                    break
                message = await self._receive()
        if len(parts) > max_body_bytes:
            raise RefusedError(errors.body_too_large(max_body_bytes))
        return bytes(parts)

    def when_client_leaves(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called when the client closes its connection; the returned function takes that back."""
        watch = self._scope.get("extensions", {}).get(CLIENT_LEFT_EXTENSION)
        if watch is not None:
            return watch(callback)
        # Another server than ours: only waiting for its next message tells.
        task = asyncio.create_task(self._wait_for_disconnect(callback))

        def stop() -> None:
            task.cancel()

        return stop

    async def _wait_for_disconnect(self, callback: Callable[[], None]) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        callback()

    async def answer(self, status: int, raw_headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """A whole answer."""
        if self.output_check is not None:
            await self.output_check.whole(status, raw_headers, body)
        self._begin(status, raw_headers)
        raw_headers = self._with_own(raw_headers)
        self.usage.feed(body)
        await self._send({"type": "http.response.start", "status": status, "headers": raw_headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def start(self, status: int, raw_headers: list[tuple[bytes, bytes]]) -> None:
        """The head of an answer that comes in pieces."""
        if self.output_check is not None and self.output_check.holds(status, raw_headers):
            return
        self._begin(status, raw_headers)
        raw_headers = self._with_own(raw_headers)
        await self._send({"type": "http.response.start", "status": status, "headers": raw_headers})

    async def pass_on(self, chunk: bytes) -> None:
        """One piece of an answer that has been started."""
        if self.output_check is not None:
            chunk = await self.output_check.next(chunk)
            if not chunk:
                return
        self.usage.feed(chunk)
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def finish(self) -> None:
        if self.output_check is not None and await self._finish_checked(self.output_check):
            return
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _finish_checked(self, check: OutputCheck) -> bool:
        """Pass on what is still held back; whether that was the whole answer."""
        held = await check.rest()
        if held.head is not None:
            self.output_check = None
            await self.answer(*held.head, held.body)
            return True
        if held.body:
            self.usage.feed(held.body)
            await self._send({"type": "http.response.body", "body": held.body, "more_body": True})
        return False

    async def fail(self, error: ApiError) -> None:
        """Say why there is no answer, or no more of it, as far as what was sent allows."""
        self.output_check = None
        if self.outcome == "complete":
            self.outcome = error.code
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                if not self.started:
                    body = error.body()
                    own = (b"x-request-id", self.request_id.encode("ascii"))
                    length = (b"content-length", str(len(body)).encode("ascii"))
                    await self.answer(error.status, [*error.raw_headers(), own, length], body)
                elif self._event_stream:
                    await self._send({"type": "http.response.body", "body": error.event(), "more_body": False})
                # else: half a document was sent. Leaving it unfinished makes the server cut the connection, which
                # is the only way left to tell the client.
        except TimeoutError:
            self.outcome = "client reads nothing"

    def _with_own(self, raw_headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        if not self.own_headers:
            return raw_headers
        # Only rates are added, and an upstream's own are about another account than the caller's.
        kept = [pair for pair in raw_headers if not pair[0].startswith(OWN_HEADERS)]
        return kept + self.own_headers

    def _begin(self, status: int, raw_headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True
        self.status = status
        self.first_byte_at = time.monotonic()
        self._event_stream = headers.is_event_stream(raw_headers)
        if self._event_stream:
            self.usage = stream_usage(self.path)
        if self.transcript is not None:
            self.transcript.usage, self.usage = self.usage, self.transcript
