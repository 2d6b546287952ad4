"""Where may a stream be cut without leaving half an event? What is passed on always ends with a whole one.

An engine that dies in the middle of an event would otherwise leave the client with half a JSON document, which its SDK
raises as a parser's error before it ever sees the error event that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.upstreams.upstream import Answer

ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
# No event is longer; what is, passes as it comes.
MOST_HELD_BYTES = 1024 * 1024


class WholeEvents:
    """An event stream, byte for byte, in pieces that end where an event does."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._held = b""
        self.status = answer.status
        self.headers = answer.headers
        self.length = answer.length

    async def read(self) -> bytes:
        while True:
            received = await self._answer.read()
            if not self._held and received.endswith(ENDS):
                return received
            text = self._held + received
            cut = _end_of_last_event(text) if received and len(text) <= MOST_HELD_BYTES else len(text)
            self._held = text[cut:]
            if cut or not received:
                return text[:cut]

    async def whole(self) -> bytes:
        parts: list[bytes] = []
        while part := await self.read():
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._answer.close()


def _end_of_last_event(text: bytes) -> int:
    """Where the last whole event ends; 0 when there is none.

    >>> _end_of_last_event(b"data: 1" + bytes([10, 10]) + b"data")
    9
    """
    return max(at + len(end) if (at := text.rfind(end)) >= 0 else 0 for end in ENDS)
