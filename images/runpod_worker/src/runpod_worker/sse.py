"""Where does an event of a stream end? Chunks of bytes in, whole events as text out."""

from __future__ import annotations

import json
from typing import Any

END = b"\n\n"


class Events:
    """Collects bytes; what is cut in the middle of an event, or of a character, waits for its rest."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, chunk: bytes) -> str:
        r"""All events that are whole now; an empty text when none is.

        >>> events = Events()
        >>> events.add(b"data: 1"), events.add(b"\n\ndata: 2\n\nda")
        ('', 'data: 1\n\ndata: 2\n\n')
        """
        whole, end, self._rest = (self._rest + chunk).replace(b"\r\n", b"\n").rpartition(END)
        return (whole + end).decode("utf-8", errors="replace")

    @property
    def rest(self) -> str:
        """What came after the last whole event."""
        return self._rest.decode("utf-8", errors="replace")


def error_event(error: dict[str, Any]) -> str:
    """The last event of a stream that broke off: clients that read OpenAI's streams raise it."""
    return f"data: {json.dumps({'error': error})}\n\n"
