"""How long a worker takes to start from nothing, stage by stage, and how long it may take."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from components.plan.stages import COMPILE, HUB, Rate, image_stage, load_stage, stage, weights_stage
from components.sizing.range import Range

if TYPE_CHECKING:
    from components.catalogue.images import EngineImage
    from components.plan.model import StartupStage

_WORKER = Range(5, 30, 120)
_KEPT_WORKER_SECONDS = 7
"""A worker whose state RunPod has kept on the host; source: measured by a user, dev.to/sergeyshmakov, 2026-05-27: 7 s
on the same host, minutes on another."""
_VOLUME = Rate(100, 200, 500)
"""Assumed for one reader of a network volume, which RunPod publishes no figure of: users saw 16 GB take up to 2
minutes (runpod-workers/worker-vllm 111, 2024-09-18)."""
_DOWNLOAD_SLOWEST = 4
_LEAST_LIMIT_SECONDS = 1200
"""The worker's own default of VLLM_STARTUP_TIMEOUT."""

BILLED_STAGES = ("weights", "load", "warm-up")
"""A worker is paid for from the moment its container runs; placement and image are not."""


def startup_stages(
    image: EngineImage, checkpoint_gib: float, gpus: int, *, volume: bool, flashboot: bool
) -> tuple[StartupStage, ...]:
    """Return the stages of a start from nothing.

    RunPod pulls the image when an endpoint is made or changed, ahead of requests, so as a rule a start finds it;
    source: RunPod's documentation, Optimization (2026). With `flashboot` a start may find a kept state of the worker,
    which then is all that it takes.
    """
    rate, where = (_VOLUME, "the network volume") if volume else (HUB, "the Hub")
    pulled = image_stage(image)
    stages = (
        stage("worker", _WORKER, "placement and container start"),
        replace(pulled, seconds=0, low_seconds=0, basis=f"{image.unpacked_gib:g} GiB, on the host as a rule"),
        weights_stage(checkpoint_gib, rate, where),
        load_stage(checkpoint_gib, gpus),
        stage("warm-up", COMPILE, "compilation and graph capture"),
    )
    if not flashboot:
        return stages
    first, *others = stages
    return replace(first, low_seconds=_KEPT_WORKER_SECONDS), *(replace(row, low_seconds=0) for row in others)


def first_stages(image: EngineImage, checkpoint_gib: float, *, volume: bool) -> tuple[StartupStage, ...]:
    """Return what the very first start does besides; from then on hosts have the image, and the volume the weights."""
    seconds = HUB.seconds(checkpoint_gib)
    basis = f"{checkpoint_gib:.1f} GiB from the Hub to the network volume at {HUB.expected:g} MiB/s"
    return (image_stage(image), *([stage("download", seconds, basis)] if volume else []))


def download_seconds(checkpoint_gib: float) -> int:
    """Return how long the weights take from the Hub.

    >>> download_seconds(10.0)
    103
    """
    return math.ceil(HUB.seconds(checkpoint_gib).expected)


def startup_limit(checkpoint_gib: float) -> int:
    """Return how long a worker may take to load before it gives up: a quarter of the assumed download rate is no fault.

    >>> startup_limit(10.0), startup_limit(100.0)
    (1200, 4440)
    """
    seconds = _DOWNLOAD_SLOWEST * download_seconds(checkpoint_gib) + 2 * COMPILE.high
    return max(_LEAST_LIMIT_SECONDS, math.ceil(seconds / 60) * 60)
