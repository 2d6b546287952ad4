"""What is a check, and what is put before it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be checked."""

    stage: Literal["input", "output"]
    request_id: str
    key: str | None
    """Name of the caller's key; None where the gateway is open."""
    path: str
    request: dict[str, Any] | None
    """The request's members; None where its body is not JSON."""
    text: str = ""
    """Of an answer, the text so far: content, reasoning and arguments of tools, as they came."""
    complete: bool = True
    """Whether more text may follow."""


class Check(Protocol):
    """`async def check(subject) -> str | None`: None lets it pass, a text says to the client why not.

    It is cancelled when it takes too long; what it raises counts as a failure of the check.
    """

    async def __call__(self, subject: Subject, /) -> str | None: ...
