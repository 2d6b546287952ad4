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
    """What only RunPod needs: a serverless endpoint."""

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
    """None for a queue with REQUEST_COUNT, where RunPod refuses it."""
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
    api_key_secret: str | None = None
    """Secret of AWS Secrets Manager with the key with which a front calls the endpoint, and a keeper moves its workers;
    None: no keeper in AWS can."""
    sleep: Literal["hard", "soft"] = "hard"
    """Outside the hours. soft: a request starts a worker all the same."""
    mode: Literal["queue", "load_balancer"] = "queue"
    """Cannot be changed in place: the other one is a new endpoint with another address."""
    registry: str | None = None
    """Id of a credential of the RunPod account; None where the image is public."""
