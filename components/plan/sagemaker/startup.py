"""How long an instance of an endpoint takes to start from nothing, and which timeouts follow from the weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.plan.stages import COMPILE, HUB, Rate, image_stage, load_stage, stage, weights_stage
from components.sizing.range import Range

if TYPE_CHECKING:
    from components.catalogue.images import EngineImage
    from components.plan.model import ModelPlan, StartupStage

GB_PER_GIB = 1.073741824
MOST_TIMEOUT_SECONDS = 3600
"""What the API accepts for either timeout; the least is 60."""
LEAST_TIMEOUT_SECONDS = 600
_TIMEOUT_BASE_SECONDS = 300
_TIMEOUT_SECONDS_PER_GB = 20

_INSTANCE = Range(120, 180, 300)
"""With image, weights and engine 5 to 15 minutes for 8B to 70B, as users report; SageMaker publishes no figure."""
_S3 = Rate(100, 200, 400)
"""Assumed, as the others are: SageMaker publishes no rate."""
_TGI_WARM_UP = Range(15, 30, 120)


def startup_stages(image: EngineImage, model: ModelPlan, gpus: int) -> tuple[StartupStage, ...]:
    """Return the stages of a start on a new instance, each of which brings its own weights."""
    rate, where = (_S3, "S3") if model.source == "s3" else (HUB, "the Hub")
    tgi = image.engine == "tgi"
    return (
        stage("instance", _INSTANCE, "launch by SageMaker"),
        image_stage(image),
        weights_stage(model.checkpoint_gib, rate, where),
        load_stage(model.checkpoint_gib, gpus),
        stage(
            "warm-up",
            _TGI_WARM_UP if tgi else COMPILE,
            "longest prompt, graph capture" if tgi else "compilation and graph capture",
        ),
    )


def load_timeout(checkpoint_gib: float, slow_seconds: int = 0) -> int:
    """Return how long weights may take: 5 minutes and 20 seconds per GB, or what a slow start takes if that is more.

    Within 10 minutes and what the API accepts.

    >>> load_timeout(1.0), load_timeout(40.0), load_timeout(40.0, 1500), load_timeout(400.0)
    (600, 1159, 1500, 3600)
    """
    seconds = math.ceil(_TIMEOUT_BASE_SECONDS + _TIMEOUT_SECONDS_PER_GB * checkpoint_gib * GB_PER_GIB)
    return max(LEAST_TIMEOUT_SECONDS, min(max(seconds, slow_seconds), MOST_TIMEOUT_SECONDS))


def slow_seconds(image: EngineImage, model: ModelPlan, gpus: int) -> int:
    """Return how long the container needs at the slow end until it answers: from the Hub the weights are part of it."""
    inside = ("load", "warm-up") if model.source == "s3" else ("weights", "load", "warm-up")
    return sum(row.high_seconds for row in startup_stages(image, model, gpus) if row.name in inside)
