"""How does a property test ask a gateway hundreds of times? The gateway runs in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager


@contextmanager
def in_background(open_it: Callable[[], AbstractAsyncContextManager[Any]]) -> Iterator[Any]:
    """Enter an asynchronous context in another thread's loop, and leave it there at the end."""
    ready: Any = threading.Event()
    found: dict[str, Any] = {}

    async def hold() -> None:
        async with open_it() as value:
            found.update(value=value, loop=asyncio.get_running_loop(), end=asyncio.Event())
            ready.set()
            await found["end"].wait()

    thread = threading.Thread(target=lambda: asyncio.run(hold()), daemon=True)
    thread.start()
    if not ready.wait(20):
        raise RuntimeError("the background did not start")
    try:
        yield found["value"]
    finally:
        found["loop"].call_soon_threadsafe(found["end"].set)
        thread.join(20)


@dataclass(frozen=True)
class RawAnswer:
    """An answer as it came from the socket until its connection was closed."""

    data: bytes

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def head(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """The body with its chunks put together; as far as it came."""
        body = self.data.partition(b"\r\n\r\n")[2]
        if b"transfer-encoding: chunked" not in self.head.lower():
            return body
        parts: list[bytes] = []
        while body:
            size, _, body = body.partition(b"\r\n")
            length = int(size or b"0", 16)
            if not length:
                break
            parts.append(body[:length])
            body = body[length + 2 :]
        return b"".join(parts)

    @property
    def whole(self) -> bool:
        """Whether a client can tell that this is all."""
        if b"transfer-encoding: chunked" in self.head.lower():
            return self.data.endswith(b"\r\n0\r\n\r\n")
        length = self.head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return bool(length) and len(self.body) == int(length)


def exchange(port: int, sent: bytes, *, leave: bool = False, timeout_seconds: float = 10) -> RawAnswer:
    """Send bytes and read until the other side closes; `leave` closes this side first."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds) as connection:
        try:
            connection.sendall(sent)
            if leave:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        parts: list[bytes] = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return RawAnswer(b"".join(parts))
