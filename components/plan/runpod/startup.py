"""How long a worker takes to start from nothing, stage by stage, and how long it may take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.plan.model import StartupStage

if TYPE_CHECKING:
    from components.catalogue.images import EngineImage

_PLACE_SECONDS = 30
_UNPACK_MIB_S = 128
_DOWNLOAD_MIB_S = 100
_DOWNLOAD_SLOWEST = 4
_VOLUME_MIB_S = 200
"""Assumed for one reader of a network volume: RunPod publishes no figure."""
_COMPILE_SECONDS = 120
_LEAST_LIMIT_SECONDS = 1200
"""The worker's own default of VLLM_STARTUP_TIMEOUT."""

BILLED_STAGES = ("weights", "engine")
"""A worker is paid for from the moment its container runs; placement and image are not."""


def startup_stages(image: EngineImage, checkpoint_gib: float, *, volume: bool) -> tuple[StartupStage, ...]:
    """Return the stages of a start on a host that has neither the image nor a kept state of the worker."""
    rate, where = (_VOLUME_MIB_S, "the network volume") if volume else (_DOWNLOAD_MIB_S, "the Hub")
    return (
        StartupStage("worker", _PLACE_SECONDS, "placement and container start"),
        StartupStage(
            "image",
            round(image.unpacked_gib * 1024 / _UNPACK_MIB_S),
            f"{image.unpacked_gib:g} GiB pulled and unpacked at {_UNPACK_MIB_S} MiB/s",
        ),
        StartupStage(
            "weights",
            math.ceil(checkpoint_gib * 1024 / rate),
            f"{checkpoint_gib:.1f} GiB from {where} at {rate} MiB/s",
        ),
        StartupStage("engine", _COMPILE_SECONDS, "compilation and graph capture"),
    )


def download_seconds(checkpoint_gib: float) -> int:
    """Return how long the weights take from the Hub.

    >>> download_seconds(10.0)
    103
    """
    return math.ceil(checkpoint_gib * 1024 / _DOWNLOAD_MIB_S)


def startup_limit(checkpoint_gib: float) -> int:
    """Return how long a worker may take to load before it gives up: a quarter of the assumed download rate is no fault.

    >>> startup_limit(10.0), startup_limit(100.0)
    (1200, 4380)
    """
    seconds = _DOWNLOAD_SLOWEST * download_seconds(checkpoint_gib) + 2 * _COMPILE_SECONDS
    return max(_LEAST_LIMIT_SECONDS, math.ceil(seconds / 60) * 60)
