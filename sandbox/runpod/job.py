"""One job of an endpoint, from the queue to its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FINAL = frozenset({"COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"})
RETRIABLE = frozenset({"FAILED", "TIMED_OUT"})
DEFAULT_TTL_SECONDS = 24 * 3600.0
# How long a result can be fetched: of `run`, of `runsync`.
RETENTION_SECONDS, SYNC_RETENTION_SECONDS = 1800.0, 60.0


@dataclass(frozen=True)
class Part:
    """A piece of output, and when it is there."""

    at: float
    output: Any


@dataclass
class Job:
    id: str
    input: Any = field(repr=False)
    submitted_at: float
    ttl_seconds: float = DEFAULT_TTL_SECONDS
    timeout_seconds: float | None = None
    """None: the endpoint's."""
    synchronous: bool = False
    status: str = "IN_QUEUE"
    queued_at: float = 0.0
    started_at: float | None = None
    ends_at: float | None = None
    worker_id: str | None = None
    parts: list[Part] = field(default_factory=list, repr=False)
    outcome: str = "COMPLETED"
    """Status that it will end with."""
    error: str | None = None
    refusal: Any = None
    delivered: int = 0
    """Parts that a stream has handed out."""
    retries: int = 0

    @property
    def final(self) -> bool:
        return self.status in FINAL

    @property
    def expires_at(self) -> float:
        return self.submitted_at + self.ttl_seconds

    @property
    def forgotten_at(self) -> float:
        """When its status becomes unknown."""
        if not self.final or self.ends_at is None:
            return self.expires_at
        return min(self.expires_at, self.ends_at + (SYNC_RETENTION_SECONDS if self.synchronous else RETENTION_SECONDS))

    def parts_by(self, now: float) -> list[Any]:
        """Output that is there by now."""
        return [part.output for part in self.parts if part.at <= now]

    def to_json(self) -> dict[str, Any]:
        """Its state as the job API tells it."""
        told: dict[str, Any] = {"id": self.id, "status": self.status}
        if self.started_at is not None:
            told["delayTime"] = round((self.started_at - self.queued_at) * 1000)
            told["workerId"] = self.worker_id
            if self.final and self.ends_at is not None:
                told["executionTime"] = round((self.ends_at - self.started_at) * 1000)
        if self.retries:
            told["retries"] = self.retries
        if self.status == "COMPLETED":
            told["output"] = [part.output for part in self.parts]
        elif self.status in {"FAILED", "TIMED_OUT"} and self.error:
            told["error"] = self.error
        return told
