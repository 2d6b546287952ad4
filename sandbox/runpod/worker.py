"""One worker of an endpoint: where it runs, since when, and with which jobs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.runpod.clock import rfc3339

STATUSES = ("RUNNING", "IDLE", "INITIALIZING", "THROTTLED", "UNHEALTHY")


@dataclass
class Worker:
    id: str
    version: int
    """Of the endpoint's settings that it was started with."""
    image: str
    gpu_count: int
    gpu_type: str | None = None
    """None while no machine has room for it."""
    data_center: str | None = None
    ready_at: float | None = None
    idle_since: float | None = None
    ready: bool = False
    jobs: set[str] = field(default_factory=set)

    @property
    def status(self) -> str:
        if self.gpu_type is None:
            return "THROTTLED"
        if not self.ready:
            return "INITIALIZING"
        return "RUNNING" if self.jobs else "IDLE"

    def to_json(self, version: int, now: float) -> dict[str, Any]:
        """As the API shows it; `version` is the endpoint's."""
        started = self.ready_at if self.ready else None
        return {
            "id": self.id,
            "status": self.status,
            "isStale": self.version != version,
            "version": self.version,
            "gpuCount": self.gpu_count,
            "image": self.image,
            "uptimeSeconds": None if started is None else int(now - started),
            "gpuTypeId": self.gpu_type,
            "dataCenterId": self.data_center,
            "startedAt": None if started is None else rfc3339(started),
        }

    def to_record(self) -> dict[str, Any]:
        """As it is kept on the disk, without jobs: those do not outlive the process."""
        return {name: value for name, value in asdict(self).items() if name != "jobs"}
