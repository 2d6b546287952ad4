"""What if an upstream dies at any byte? A socket that sends exactly these bytes and then cuts or closes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class RawUpstream:
    """Reads a request, sends `answer`, and ends the connection: cut (a reset) or closed (an orderly end).

    What is not below /v1 (a probe, a scrape) gets nothing and is not counted.
    """

    answer: bytes = b""
    cut: bool = False
    url: str = ""
    requests: int = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            if head.split(b" ", 2)[1].startswith(b"/v1/"):
                self.requests += 1
                writer.write(self.answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            if self.cut:
                writer.transport.abort()
            else:
                writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[RawUpstream]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()
