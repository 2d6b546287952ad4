"""What does an answer say? The text in a document or in the events of a stream, whichever API they belong to."""

from __future__ import annotations

import json
from typing import Any

# Members that hold what the model wrote, in chat, completions and responses, whole or in deltas.
TEXT_MEMBERS = ("content", "reasoning_content", "reasoning", "refusal", "text", "arguments", "delta", "output_text")
INSIDE = ("choices", "message", "delta", "tool_calls", "function", "function_call", "output", "content", "item", "part")
DATA = b"data:"


def text_of_document(body: bytes) -> str:
    """Text of a whole answer; empty where it is no JSON object.

    >>> text_of_document(b'{"choices": [{"message": {"content": "Hi", "role": "assistant"}}]}')
    'Hi'
    """
    try:
        return _text(json.loads(body))
    except (ValueError, RecursionError):
        return ""


def text_of_events(chunk: bytes) -> str:
    """Text of whole events; those that repeat what came before (`response.output_text.done`) say nothing new.

    >>> text_of_events(b'data: {"choices": [{"delta": {"content": "H"}}]}' + bytes([10, 10]) + b'data: [DONE]')
    'H'
    """
    parts: list[str] = []
    for line in chunk.splitlines():
        if line.startswith(DATA):
            try:
                event: Any = json.loads(line[len(DATA) :])
            except (ValueError, RecursionError):
                continue
            kind = event.get("type") if isinstance(event, dict) else None
            if not isinstance(kind, str) or kind.endswith(".delta"):
                parts.append(_text(event))
    return "".join(parts)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(_text(item) for item in value)
    if not isinstance(value, dict):
        return ""
    parts = [found for name in TEXT_MEMBERS if isinstance(found := value.get(name), str)]
    parts += [_text(found) for name in INSIDE if isinstance(found := value.get(name), dict | list)]
    return "".join(parts)
