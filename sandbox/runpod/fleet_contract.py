"""What does a fleet of workers ask of the account that it belongs to? Its limits, and what surrounds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandbox.runpod.job import Job
    from sandbox.runpod.worker import Worker
    from sandbox.runpod.worker_script import Reply

# How long a worker without work stays where no idle timeout applies (REQUEST_COUNT on a queue): not documented.
SCALE_IN_SECONDS = 5.0


@dataclass(frozen=True)
class Limits:
    """What the endpoint's settings say about its workers."""

    version: int
    image: str
    gpu_count: int
    min: int
    max: int
    idle_seconds: float
    timeout_seconds: float
    concurrency: int
    """Jobs that one worker takes at a time."""
    queue_delay: float | None
    """Seconds that a job waits before another worker starts; None where requests are counted."""
    request_count: int = 1
    """Jobs per worker, where they are counted."""


class Surroundings(Protocol):
    """What a fleet asks of the account that it belongs to."""

    def new_worker_id(self) -> str: ...

    def place(self) -> tuple[str, str] | None:
        """GPU type and data center with room for a worker; None: it has to wait."""

    def reply(self, job: Job, now: float, /) -> Reply: ...

    @property
    def cold_start_seconds(self) -> float: ...

    @property
    def token_seconds(self) -> float: ...

    def started(self, worker: Worker, now: float) -> None:
        """It is billed from here on."""

    def stopped(self, worker: Worker, now: float) -> None:
        """To here."""
