"""How long an instance of an endpoint takes to start from nothing, and which timeouts follow from the weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.plan.model import StartupStage

if TYPE_CHECKING:
    from components.catalogue.images import EngineImage
    from components.plan.model import ModelPlan

GB_PER_GIB = 1.073741824
MOST_TIMEOUT_SECONDS = 3600
"""What the API accepts for either timeout; the least is 60."""
LEAST_TIMEOUT_SECONDS = 600
_TIMEOUT_BASE_SECONDS = 300
_TIMEOUT_SECONDS_PER_GB = 20

_INSTANCE_SECONDS = 180
_UNPACK_MIB_S = 128
_HUB_MIB_S = 100
_S3_MIB_S = 200
"""Assumed, as the others are: SageMaker publishes no rate."""
_ENGINE = {"tgi": (60, "warm-up and graph capture"), "vllm": (120, "compilation and graph capture")}


def startup_stages(image: EngineImage, model: ModelPlan) -> tuple[StartupStage, ...]:
    """Return the stages of a start on a new instance, each of which brings its own weights."""
    rate, where = (_S3_MIB_S, "S3") if model.source == "s3" else (_HUB_MIB_S, "the Hub")
    seconds, why = _ENGINE[image.engine]
    return (
        StartupStage("instance", _INSTANCE_SECONDS, "launch by SageMaker"),
        StartupStage(
            "image",
            round(image.unpacked_gib * 1024 / _UNPACK_MIB_S),
            f"{image.unpacked_gib:g} GiB pulled and unpacked at {_UNPACK_MIB_S} MiB/s",
        ),
        StartupStage(
            "weights",
            math.ceil(model.checkpoint_gib * 1024 / rate),
            f"{model.checkpoint_gib:.1f} GiB from {where} at {rate} MiB/s",
        ),
        StartupStage("engine", seconds, why),
    )


def load_timeout(checkpoint_gib: float) -> int:
    """Return how long weights may take: 5 minutes and 20 seconds per GB, within 10 minutes and what the API accepts.

    >>> load_timeout(1.0), load_timeout(40.0), load_timeout(400.0)
    (600, 1159, 3600)
    """
    seconds = math.ceil(_TIMEOUT_BASE_SECONDS + _TIMEOUT_SECONDS_PER_GB * checkpoint_gib * GB_PER_GIB)
    return max(LEAST_TIMEOUT_SECONDS, min(seconds, MOST_TIMEOUT_SECONDS))
