"""What does a plan hold that only RunPod needs?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RunpodVolume:
    """A network volume that keeps the weights between starts; it pins the workers to its data center."""

    name: str
    size_gb: int
    data_center: str
    type: Literal["STANDARD", "HIGH_PERFORMANCE"]
    protect: bool


@dataclass(frozen=True, slots=True)
class RunpodPlan:
    """What only RunPod needs: a serverless endpoint in queue mode."""

    endpoint_name: str
    pools: tuple[str, ...]
    """In the order of `accelerators`."""
    excluded_types: tuple[str, ...]
    """GPU types of those pools that the spec does not name, or that the model does not fit."""
    gpu_count: int
    min_cuda_version: str
    disk_gb: int
    workers_min: int
    workers_max: int
    idle_timeout_seconds: int | None
    """None with REQUEST_COUNT, where RunPod refuses it."""
    scaler: Literal["QUEUE_DELAY", "REQUEST_COUNT"]
    scaler_value: float
    """Seconds in the queue, or requests per worker (a whole number)."""
    execution_timeout_ms: int
    flashboot: Literal["OFF", "FLASHBOOT", "PRIORITY_FLASHBOOT"]
    data_centers: tuple[str, ...]
    volume: RunpodVolume | None
    token_secret: str | None
    """Name of a secret of the RunPod account; its value is filled in by RunPod."""
    allowed_types: tuple[str, ...] = ()
    """GPU types that the plan was made for; RunPod's own list of a pool may have others by now."""
