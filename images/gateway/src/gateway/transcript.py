"""What was asked and answered? Kept only where the operator wants it in the log, and only its beginning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gateway.usage import DocumentUsage

if TYPE_CHECKING:
    from gateway.exchange import Exchange
    from gateway.usage import Tokens, Usage

# An event has about 300 bytes for a token of four characters.
BYTES_PER_CHARACTER = 100
DATA = b"data:"


class Transcript:
    """The beginning of one answer, beside the request that the exchange holds; what passes goes on to `usage`."""

    def __init__(self, characters: int) -> None:
        self.usage: Usage = DocumentUsage()
        self._characters = characters
        self._answer = bytearray()

    def feed(self, chunk: bytes) -> None:
        self.usage.feed(chunk)
        if len(self._answer) < self._characters * BYTES_PER_CHARACTER:
            self._answer += chunk[: self._characters * BYTES_PER_CHARACTER]

    def tokens(self) -> Tokens:
        return self.usage.tokens()

    def of(self, exchange: Exchange) -> dict[str, Any]:
        """Fields of the log's line."""
        answer = _text_of_events(bytes(self._answer)) if exchange.streamed else self._answer.decode("utf-8", "replace")
        return {
            "prompt": _shortened((exchange.body or b"").decode("utf-8", "replace"), self._characters),
            "answer": _shortened(answer, self._characters),
        }


def _shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters] + "..."


def _text_of_events(events: bytes) -> str:
    r"""The text that a stream's events carry.

    >>> _text_of_events(b'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\ndata: {"choices":[{"text":"lo"}]}\n\n')
    'Hello'
    """
    found: list[str] = []
    for line in events.splitlines():
        if not line.startswith(DATA):
            continue
        try:
            event: Any = json.loads(line[len(DATA) :])
        except ValueError:
            continue  # [DONE], or cut off where the beginning ends
        if not isinstance(event, dict):
            continue
        if isinstance(event.get("delta"), str):  # the responses API
            found.append(event["delta"])
        choices = event.get("choices")
        found += [_text_of(choice) for choice in choices] if isinstance(choices, list) else []
    return "".join(found)


def _text_of(choice: Any) -> str:
    delta = choice.get("delta") if isinstance(choice, dict) else None
    text = delta.get("content") if isinstance(delta, dict) else choice.get("text") if isinstance(choice, dict) else None
    return text if isinstance(text, str) else ""
