"""How many tokens did an answer cost? Read once, at its end, from the last `usage` object in its bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Protocol

# Engines write `usage` after the text, so the end of a document is enough, whatever its length.
TAIL_BYTES = 64 * 1024
# Inside a JSON string the quotes would be escaped: these bytes can only be a key and a value.
USAGE_KEY = b'"usage":'
USAGE_OBJECT = re.compile(rb'"usage":\s*\{')
# One in each event of a stream that carries text. The last member's quotes keep them from being found in a text.
CHUNK_OF_CHOICES, CHUNK_OF_RESPONSE = b'"choices":', b'"response.output_text.delta"'
RESPONSES, CHAT = "/v1/responses", "/v1/chat/completions"
END_OF_STREAM = b"[DONE]"
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one answer, as the engine counted them."""

    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False
    """The engine did not say: `tokens_out` is the number of chunks, of which each carries a token or more."""


class Usage(Protocol):
    """Sees what passes, and says what it cost."""

    def feed(self, chunk: bytes, /) -> None: ...

    def tokens(self) -> Tokens: ...


def stream_usage(path: str) -> StreamUsage:
    """What reads a stream of events that answers a request for `path`."""
    if path == RESPONSES:
        return StreamUsage(CHUNK_OF_RESPONSE, opening_chunks=0)
    # A chat's first chunk says who speaks, and nothing else.
    return StreamUsage(CHUNK_OF_CHOICES, opening_chunks=1 if path == CHAT else 0)


class StreamUsage:
    """Keeps the last event that has usage, and counts the chunks in case none has."""

    def __init__(self, mark: bytes, *, opening_chunks: int) -> None:
        self._mark = mark
        self._without_text = opening_chunks
        self._marks = 0
        self._with_usage = b""
        self._found: Tokens | None = None
        """What `_with_usage` says: all who settle a request ask for it."""
        self._last = b""

    def feed(self, chunk: bytes) -> None:
        """See whole events."""
        self._last = chunk
        self._marks += chunk.count(self._mark)
        if USAGE_KEY in chunk and USAGE_OBJECT.search(chunk):
            self._with_usage, self._found = chunk, None

    def tokens(self) -> Tokens:
        """Tokens of the last `usage` that is an object (streams send `null` before it), else an estimate."""
        if self._found is None and self._with_usage:
            self._found = _last_usage(self._with_usage)
        if self._found is not None:
            return self._found
        # The chunk that says why it ended has no text either.
        ended = self._mark == CHUNK_OF_CHOICES and END_OF_STREAM in self._last
        chunks = max(0, self._marks - self._without_text - ended)
        return Tokens(0, chunks, estimated=chunks > 0)


class DocumentUsage:
    """Keeps the end of a document while it passes; parses nothing until asked."""

    def __init__(self) -> None:
        self._tail: bytes | bytearray = b""
        self._tokens: Tokens | None = None

    def feed(self, chunk: bytes) -> None:
        self._tokens = None
        if not self._tail:
            self._tail = chunk
            return
        if isinstance(self._tail, bytes):
            self._tail = bytearray(self._tail)
        self._tail += chunk
        if len(self._tail) > 2 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]

    def tokens(self) -> Tokens:
        """Tokens of the last `usage` that is an object; zeros where there is none."""
        if self._tokens is None:
            self._tokens = _last_usage(bytes(self._tail)) or Tokens()
        return self._tokens


def _last_usage(text: bytes) -> Tokens | None:
    at = text.rfind(USAGE_KEY)
    while at >= 0:
        found = _object_at(text, at + len(USAGE_KEY))
        if found is not None:
            return Tokens(
                _count(found, "prompt_tokens", "input_tokens"), _count(found, "completion_tokens", "output_tokens")
            )
        at = text.rfind(USAGE_KEY, 0, at)
    return None


def _object_at(text: bytes, at: int) -> dict[str, Any] | None:
    try:
        found = DECODER.raw_decode(text[at:].decode("utf-8", "replace").lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _count(usage: dict[str, Any], *names: str) -> int:
    for name in names:
        value = usage.get(name)
        if type(value) is int and value >= 0:
            return value
    return 0
