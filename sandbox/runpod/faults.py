"""What goes wrong next, because somebody asked for it? Matching calls are failed, delayed or dropped."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.runpod.answers import Answer, ProblemError

if TYPE_CHECKING:
    from collections.abc import Sequence

DETAIL = "injected by the sandbox"


class Fault(BaseModel):
    """For the next `times` calls that match: an answer of its own, a delay, a dropped connection, or two of these."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str = "*"
    path: str = "*"
    """As `/v2/serverless*`: stars stand for anything."""
    times: int = Field(default=1, ge=1)
    status: int | None = Field(default=None, ge=400, le=599)
    after_commit: bool = False
    """Whether the call is carried out before it is failed or dropped."""
    retry_after_seconds: int | None = Field(default=None, ge=0)
    """With 429; 1 when omitted."""
    latency_seconds: float = Field(default=0.0, ge=0, le=600)
    drop: bool = False
    """Close the connection without an answer."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.status is None and not self.drop and not self.latency_seconds:
            raise ValueError("one of status, drop and latency_seconds must be given")
        return self

    def matches(self, method: str, path: str) -> bool:
        return self.method in {"*", method} and fnmatchcase(path, self.path)

    def answer(self) -> Answer:
        """Instead of the real one."""
        status = self.status or 500
        headers: dict[str, str] = {}
        if self.retry_after_seconds is not None or status == 429:  # noqa: PLR2004 - an HTTP status
            headers["Retry-After"] = str(1 if self.retry_after_seconds is None else self.retry_after_seconds)
        return ProblemError(status, DETAIL, headers=headers).answer()


class Faults:
    """Those that are still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault of this call; the first that matches counts one down."""
        for number, fault in enumerate(self._waiting):
            if fault.matches(method, path):
                left = fault.times - 1
                self._waiting[number : number + 1] = [fault.model_copy(update={"times": left})] if left else []
                return fault
        return None

    def waiting(self) -> Sequence[Fault]:
        return tuple(self._waiting)
