"""What does the scripted model say? The same words for the same prompt, cut where the caller's limit cuts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# One word is one token: a reader can check every count.
GREETING = "This is the sandbox, no GPU was harmed. You said:"


class WordsError(Exception):
    """A request that vLLM would refuse."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def to_json(self) -> dict[str, Any]:
        """As vLLM words it."""
        kind = "NotFoundError" if self.status == 404 else "BadRequestError"  # noqa: PLR2004 - an HTTP status
        return {"error": {"message": str(self), "type": kind, "param": None, "code": self.status}}


@dataclass(frozen=True)
class Completion:
    tokens: tuple[str, ...]
    """With the blanks between them: joined they are the text."""
    prompt_tokens: int
    finish_reason: str

    @property
    def text(self) -> str:
        return "".join(self.tokens)

    def usage(self) -> dict[str, int]:
        """As OpenAI counts it."""
        completion = len(self.tokens)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
        }


def complete(prompt: str, limit: int | None, context: int | None) -> Completion:
    """The answer to a prompt: at most `limit` tokens, and all in all at most `context`.

    >>> complete("hello", 3, None).text
    'This is the'

    Raises:
        WordsError: the limit is below 1, or prompt and limit exceed the context.
    """
    if limit is not None and limit < 1:
        raise WordsError(400, f"max_tokens must be at least 1, got {limit}.")
    asked = len(prompt.split())
    least = limit or 1
    if context is not None and asked + least > context:
        raise WordsError(
            400,
            f"This model's maximum context length is {context} tokens. However, you requested "
            f"{asked + least} tokens ({asked} in the prompt, {least} for the answer).",
        )
    words = f"{GREETING} {prompt}".split()
    room = min(part for part in (limit, None if context is None else context - asked, len(words)) if part is not None)
    tokens = tuple(word if number == 0 else f" {word}" for number, word in enumerate(words[:room]))
    return Completion(tokens, asked, "stop" if room == len(words) else "length")


def prompt_of(messages: Any) -> str:
    """The texts of a chat, joined.

    Raises:
        WordsError: it is not a list of messages with contents.
    """
    if not isinstance(messages, list) or not messages:
        raise WordsError(400, "messages must be a list with at least one message")
    return " ".join(_content(message) for message in messages)


def _content(message: Any) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if not isinstance(content, str):
        raise WordsError(400, "every message must have a content")
    return content
