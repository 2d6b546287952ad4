"""How is an answer checked on its way out? What the client gets has passed the check; what has not is held back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.checks.answer_text import text_of_document, text_of_events
from gateway.checks.check import Subject
from gateway.checks.refusals import CHECK_FAILED
from gateway.errors import RefusedError
from gateway.headers import is_event_stream

if TYPE_CHECKING:
    from gateway.checks.guard import Guard
    from gateway.exchange import Exchange

RawHeaders = list[tuple[bytes, bytes]]
FIRST_ERROR_STATUS = 400
# An answer that is not a stream is held until its end; no document of text is longer.
MOST_HELD_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Held:
    """What was held back to the end, with the head of the answer where that was held, too."""

    body: bytes
    head: tuple[int, RawHeaders] | None = None


class OutputCheck:
    """One answer on its way. Errors of an upstream pass as they are."""

    def __init__(self, exchange: Exchange, guard: Guard, window_characters: int) -> None:
        self._exchange = exchange
        self._guard = guard
        self._window_characters = window_characters
        self._text: list[str] = []
        self._unchecked = 0
        self._held = bytearray()
        self._head: tuple[int, RawHeaders] | None = None
        self._off = False

    async def whole(self, status: int, raw_headers: RawHeaders, body: bytes) -> None:
        """A whole answer may pass.

        Raises:
            RefusedError: when it may not.
        """
        if status >= FIRST_ERROR_STATUS:
            return
        read = text_of_events if is_event_stream(raw_headers) else text_of_document
        await self._ask(read(body), complete=True)

    def holds(self, status: int, raw_headers: RawHeaders) -> bool:
        """Whether the head of an answer in pieces is held back: that of a document, until it is known."""
        # An upstream asked before this one may have left something.
        self._head = None
        self._released()
        self._text.clear()
        self._off = status >= FIRST_ERROR_STATUS
        if self._off or is_event_stream(raw_headers):
            return False
        self._head = (status, raw_headers)
        return True

    async def next(self, chunk: bytes) -> bytes:
        """What may be passed on now, of this piece and of those that were held.

        Raises:
            RefusedError: when it may not.
        """
        if self._off:
            return chunk
        self._held += chunk
        if self._head is not None:
            if len(self._held) > MOST_HELD_BYTES:
                raise RefusedError(CHECK_FAILED)
            return b""
        text = text_of_events(chunk)
        self._text.append(text)
        self._unchecked += len(text)
        if self._unchecked < self._window_characters:
            return b""
        await self._ask("".join(self._text), complete=False)
        return self._released()

    async def rest(self) -> Held:
        """What is left at the end.

        Raises:
            RefusedError: when it may not be passed on.
        """
        if self._head is not None:
            await self._ask(text_of_document(bytes(self._held)), complete=True)
            return Held(self._released(), self._head)
        if self._text:
            await self._ask("".join(self._text), complete=True)
        return Held(self._released())

    def _released(self) -> bytes:
        released = bytes(self._held)
        self._held.clear()
        self._unchecked = 0
        return released

    async def _ask(self, text: str, *, complete: bool) -> None:
        exchange = self._exchange
        document = exchange.parsed_document
        await self._guard.ask(
            Subject(
                "output",
                exchange.request_id,
                exchange.key_name,
                exchange.path,
                document.members if document is not None else None,
                text,
                complete,
            )
        )
