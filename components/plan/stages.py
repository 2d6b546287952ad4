"""What the stages of a start have in common on all targets: rates that are assumed, with their slow and fast ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.plan.model import StartupStage
from components.sizing.range import Range

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.catalogue.images import EngineImage

_MIB = 1024


@dataclass(frozen=True, slots=True)
class Rate:
    """MiB per second at which something is read or written: slow, as expected, fast."""

    slow: float
    expected: float
    fast: float

    def seconds(self, gib: float) -> Range:
        """Return how long an amount takes.

        >>> Rate(50, 100, 200).seconds(100 / 1024)
        Range(low=0.5, expected=1.0, high=2.0)
        """
        mib = gib * _MIB
        return Range(mib / self.fast, mib / self.expected, mib / self.slow)


UNPACK = Rate(85, 128, 213)
"""Pull and unpack of an image of 25 GiB in 2 to 5 minutes on a gp3 volume of 500 MiB/s: order of magnitude."""
HUB = Rate(25, 100, 400)
"""Download from the Hub: assumed; 8B in 16 bit in 40 s to 10 min."""
_TO_GPU = Rate(500, 1000, 3000)
"""Local disk or page cache to one GPU; source: 10 s for 67 GiB to 8 GPUs from a hot page cache, 25 to 30 s for 13 GiB
from disk (vLLM issues 19824 of 2025-06-19 and 38820 of 2026-05)."""
_PROCESS = Range(10, 20, 30)
"""Imports and CUDA; source: 59 s of start of which 34 s are logged (vLLM issue 20264, 2025-06-30)."""
COMPILE = Range(30, 75, 150)
"""Compilation and graph capture; source: 39 s for 8B (vLLM PR 11005), 145 s for 70B on 8 GPUs (issue 19824)."""
KEPT_COMPILE = Range(15, 35, 120)
"""With the kernels of an earlier start: 34 s (vLLM issue 20264); no gain at the slow end."""


def stage(name: str, seconds: Range, basis: str) -> StartupStage:
    """Return a stage in whole seconds."""
    return StartupStage(
        name=name,
        seconds=math.ceil(seconds.expected),
        basis=basis,
        low_seconds=math.ceil(seconds.low),
        high_seconds=math.ceil(seconds.high),
    )


def image_stage(image: EngineImage) -> StartupStage:
    """Return the pull of an engine's image on a fresh host."""
    basis = f"{image.unpacked_gib:g} GiB pulled and unpacked at {UNPACK.expected:g} MiB/s"
    return stage("image", UNPACK.seconds(image.unpacked_gib), basis)


def weights_stage(checkpoint_gib: float, rate: Rate, where: str) -> StartupStage:
    """Return the reading of a checkpoint from where it is kept."""
    return stage(
        "weights", rate.seconds(checkpoint_gib), f"{checkpoint_gib:.1f} GiB from {where} at {rate.expected:g} MiB/s"
    )


def load_stage(checkpoint_gib: float, gpus: int) -> StartupStage:
    """Return the start of the engine's process, and the way of weights that are on the host to all GPUs at once."""
    to = "the GPU" if gpus == 1 else f"{gpus} GPUs"
    return stage("load", _PROCESS + _TO_GPU.seconds(checkpoint_gib / gpus), f"engine process, weights to {to}")


def total(stages: Iterable[StartupStage]) -> Range:
    """Return how long stages take one after the other, in seconds."""
    listed = list(stages)
    return Range(
        sum(row.low_seconds for row in listed),
        sum(row.seconds for row in listed),
        sum(row.high_seconds for row in listed),
    )
