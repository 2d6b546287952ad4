"""How many tokens did an answer cost? Read once, at its end, from the last `usage` object in its bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

# Engines write `usage` after the text, so the end of an answer is enough, whatever its length.
TAIL_BYTES = 64 * 1024
# Inside a JSON string the quotes would be escaped: these bytes can only be a key.
USAGE_KEY = b'"usage":'


@dataclass(frozen=True)
class Tokens:
    """Tokens of one answer, as the engine counted them."""

    tokens_in: int = 0
    tokens_out: int = 0


class UsageTail:
    """Keeps the end of an answer while it passes; parses nothing until asked."""

    def __init__(self) -> None:
        self._tail = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._tail += chunk
        if len(self._tail) > 2 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]

    def tokens(self) -> Tokens:
        """Tokens of the last `usage` that is an object (streams send `null` before it); zeros where there is none."""
        text = bytes(self._tail)
        at = text.rfind(USAGE_KEY)
        while at >= 0:
            found = _object_at(text, at + len(USAGE_KEY))
            if found is not None:
                return Tokens(
                    _count(found, "prompt_tokens", "input_tokens"), _count(found, "completion_tokens", "output_tokens")
                )
            at = text.rfind(USAGE_KEY, 0, at)
        return Tokens()


def _object_at(text: bytes, at: int) -> dict[str, Any] | None:
    try:
        found = json.JSONDecoder().raw_decode(text[at:].decode("utf-8", "replace").lstrip())[0]
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _count(usage: dict[str, Any], *names: str) -> int:
    for name in names:
        value = usage.get(name)
        if type(value) is int and value >= 0:
            return value
    return 0
