"""What a plan says about its own choice: what the host has to spare, what would be cheaper, which goals it meets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from components.plan.model import Hardware
    from components.sizing.range import Range


@dataclass(frozen=True, slots=True)
class HostFit:
    """Host memory and disk of one replica: what is needed and what there is, None where the platform does not say."""

    memory_needed_gib: float | None
    """What loading the checkpoint takes."""
    memory_offered_gib: float | None
    """What the engine's container may use."""
    disk_needed_gb: float
    disk_offered_gb: float | None
    disk: str
    """Which disk that is, as `root volume`."""
    disk_holds: str
    """What it has to hold, as `image and weights`."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """Cheaper hardware that does not serve as the spec is, and what would make it serve."""

    hardware: Hardware
    change: str
    """What to write in the spec, or which checkpoint to serve."""
    replicas: int
    """How many of it the expected load needs, within the limits of the spec; the fewest where no load is declared."""
    saves_usd_per_month: float
    """Against the chosen hardware, hour by hour for as many replicas as each needs while awake, hardware alone."""
    note: str = ""
    """What it costs besides: speed, accuracy."""


@dataclass(frozen=True, slots=True)
class SloCheck:
    """One goal of the spec against what is estimated; a goal that even the low end misses is no check but a refusal."""

    field: str
    """`slo.ttft_ms_p95` or `slo.cold_start_seconds`; goal and estimate are in its unit."""
    goal: float
    estimate: Range
    verdict: Literal["met", "expected", "at_risk"]
    """met: at the high end too; expected: as expected, not at the high end; at_risk: at the low end alone."""
