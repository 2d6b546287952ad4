"""What does a plan hold that only SageMaker needs?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Hardware


@dataclass(frozen=True, slots=True)
class SagemakerAlternative:
    """One accelerator that an endpoint can run on: an EndpointConfiguration (and Model) of its own.

    The first alternative is the plan's hardware; the next is used when AWS has no capacity for the one before.
    """

    hardware: Hardware
    environment: Mapping[str, str]
    """Of the container; at most 100 keys, each key and value at most 1024 bytes."""
    inference_ami_version: str | None
    startup_health_check_timeout_seconds: int
    model_data_download_timeout_seconds: int


@dataclass(frozen=True, slots=True)
class SagemakerPlan:
    """Numbers and names that only SageMaker needs, already checked against the limits of its API."""

    endpoint_name: str
    """Fixed: it is what clients address. Models and configurations get automatic names."""
    variant_name: str
    alternatives: tuple[SagemakerAlternative, ...]
    model_data_uri: str | None
    """S3 prefix that SageMaker copies to /opt/ml/model; None when the container downloads from the Hub."""
    network_isolation: bool
    initial_instance_count: int
    update_policy: Literal["blue_green", "rolling"]
    termination_wait_seconds: int
    update_timeout_seconds: int
    ready_timeout_seconds: int
    """How long `pulumi up` waits for a new or updated endpoint."""
    log_retention_days: int
