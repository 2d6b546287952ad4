"""Of what is the answer of a service made, and what does a refusal say?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from components.errors import DeployedError

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said; the seconds are what the target tells about itself, None where it does not."""

    text: str
    queued_seconds: float | None = None
    ran_seconds: float | None = None


def parsed(content: bytes) -> Any:
    """Return what JSON holds, None when it is no JSON."""
    try:
        return json.loads(content)
    except ValueError:
        return None


def text_of(completion: Any, place: str) -> str:
    """Return the text of a chat completion; raises DeployedError when it is none, or has no text."""
    try:
        text = completion["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise DeployedError(f"{place}: answered with no chat completion: {reason_of(completion)}") from None
    if not isinstance(text, str) or not text.strip():
        raise DeployedError(f"{place}: answered with a chat completion that has no text")
    return text


def reason_of(answer: Any) -> str:
    """Return the words of an error as engines and gateways put them, cut to what a line can hold.

    >>> reason_of({"error": {"message": "the model is loading", "code": 503}})
    'the model is loading'
    """
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    words = error.get("message", error) if isinstance(error, dict) else error
    text = " ".join(str(words).split()) if words else "it says nothing about it"
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."
