"""How does a client's connection keep to the limits before there is a request, and tell at once when it is gone?"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway import errors
from gateway.exchange import BODY_IS_HERE_EXTENSION, CLIENT_LEFT_EXTENSION
from gateway.gathering import GatheringTransport
from gateway.headers import request_id_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from gateway.config.limits import LimitsConfig
    from gateway.errors import ApiError

LINGER_SECONDS = 10
UPGRADE_HEADERS = frozenset({b"connection", b"upgrade", b"http2-settings"})


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with limits on a request's head, errors in OpenAI's shape, and a word when it is left."""

    def __init__(self, *arguments: Any, limits: LimitsConfig, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits = limits
        self._in_head = True
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._refusal = errors.BAD_HTTP
        self._when_gone: set[Callable[[], None]] = set()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_head_timer()
        accepted = transport.get_extra_info("socket")
        if accepted is not None and hasattr(socket, "TCP_USER_TIMEOUT") and accepted.family != socket.AF_UNIX:
            # A client that takes nothing would keep its connection and what is ready for it in memory for ever.
            milliseconds = int(self._limits.max_stall_seconds * 1000)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        super().connection_lost(exc)
        for callback in tuple(self._when_gone):
            callback()

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._refusal)
        if self._in_head and not self.transport.is_closing() and self._head_bytes:
            if self._head_bytes > self._limits.max_head_bytes:
                self._refuse(errors.head_too_large(self._limits.max_head_bytes))
            elif self._head_timer is None:
                self._start_head_timer()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._head_bytes = True, 1
        extensions: dict[str, Any] = {CLIENT_LEFT_EXTENSION: self._watch, BODY_IS_HERE_EXTENSION: self._body_is_here}
        self.scope["extensions"] = extensions  # pyright: ignore[reportGeneralTypeIssues]

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_head_timer()
        if self._head_bytes > self._limits.max_head_bytes and self._size_of_head() > self._limits.max_head_bytes:
            self._refusal = errors.head_too_large(self._limits.max_head_bytes)
            raise httptools.HttpParserError
        self._head_bytes = 0
        if not self.parser.should_upgrade():
            super().on_headers_complete()
            self.cycle.transport = GatheringTransport(self.transport, self.loop)  # pyright: ignore[reportAttributeAccessIssue]

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None

    def on_response_complete(self) -> None:
        cycle = self.cycle
        self._flush()
        super().on_response_complete()
        if cycle.more_body and not self.transport.is_closing():
            # It was refused while its body is still on the way. Closing now would take the answer from a client that
            # reads only when it has sent everything: what comes is dropped, for a while.
            self._linger_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _decline_upgrade(self, rest: bytes) -> None:
        """Read the request again without its offer (h2c, websocket): its body would count as the new protocol's.

        Java's HTTP client offers h2c on every plain request.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(errors.plain_http(405))
            return
        lines = [method + b" " + self.url + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers if name not in UPGRADE_HEADERS]
        self.parser = httptools.HttpRequestParser(self)
        self._in_head, self._head_bytes = True, 0
        self.data_received(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _refuse(self, error: ApiError) -> None:
        """Answer without a request, and close."""
        self._flush()
        body = error.body()
        lines = [STATUS_LINE[error.status]]
        for name, value in [
            *error.raw_headers(),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"x-request-id", request_id_of(None).encode("ascii")),
        ]:
            lines += [name, b": ", value, b"\r\n"]
        self.transport.write(b"".join([*lines, b"\r\n", body]))
        self.transport.close()

    def _flush(self) -> None:
        if self.cycle is not None and isinstance(self.cycle.transport, GatheringTransport):
            self.cycle.transport.flush()

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(self._limits.max_head_seconds, self._head_is_late)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if self._head_bytes:
            self._refuse(errors.HEAD_TOO_SLOW)
        else:
            self.transport.close()

    def _body_is_here(self) -> bool:
        # A later request on this connection begins only when the one before it is complete.
        return self.cycle is not None and not self.cycle.more_body

    def _watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._when_gone.add(callback)
        return lambda: self._when_gone.discard(callback)
