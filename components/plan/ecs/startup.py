"""How long a replica takes to start from nothing, stage by stage, and how long it may take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.plan.stages import HUB, KEPT_COMPILE, Rate, image_stage, load_stage, stage, weights_stage
from components.sizing.range import Range

if TYPE_CHECKING:
    from components.catalogue.images import EngineImage
    from components.plan.model import StartupStage

MOST_SECONDS = 3300
"""The longest start that a container health check can cover: 300 s and 10 checks, 300 s apart."""
_LEAST_BUDGET_SECONDS = 900
_INSTANCE = Range(70, 110, 150)
"""Launch 30 to 90 s, boot and agent 40 to 60 s."""
_EFS = Rate(89, 300, 530)
"""What one client reads from elastic EFS: 16 GB in 30 to 180 s, 175 MiB/s each seen with two clients on large models
(modelplaneai/modelplane 204); the limit of a client is 500 MiB/s or more."""
_DOWNLOAD_SLOWEST = 4
_FIRST_COMPILE = Range(15, 40, 60)
_SLOW_MARGIN = 1.25


def startup_stages(image: EngineImage, checkpoint_gib: float, gpus: int) -> tuple[StartupStage, ...]:
    """Return the stages of a start on a fresh instance, with the weights already in the cache."""
    return (
        stage("instance", _INSTANCE, "launch, boot and registration"),
        image_stage(image),
        weights_stage(checkpoint_gib, _EFS, "EFS"),
        load_stage(checkpoint_gib, gpus),
        stage("warm-up", KEPT_COMPILE, "compiled kernels from EFS, graph capture"),
    )


def first_stages(checkpoint_gib: float) -> tuple[StartupStage, ...]:
    """Return what the very first start does besides."""
    return (
        stage(
            "download",
            HUB.seconds(checkpoint_gib),
            f"{checkpoint_gib:.1f} GiB from the Hub to EFS at {HUB.expected:g} MiB/s",
        ),
        stage("compile", _FIRST_COMPILE, "kernels, kept on EFS for the next starts"),
    )


def startup_budget(startup: Range) -> int:
    """Return how long a start may take before it counts as failed: twice what is expected, a slow one with a margin.

    In whole minutes, within what ECS can wait for.

    >>> startup_budget(Range(0, 300, 400)), startup_budget(Range(0, 610, 1200)), startup_budget(Range(0, 2000, 2500))
    (900, 1500, 3300)
    """
    wanted = max(2 * startup.expected, _SLOW_MARGIN * startup.high)
    return min(MOST_SECONDS, max(_LEAST_BUDGET_SECONDS, math.ceil(wanted / 60) * 60))


def download_seconds(checkpoint_gib: float) -> int:
    """Return how long the very first start takes longer, while the weights are downloaded into the cache."""
    return math.ceil(HUB.seconds(checkpoint_gib).expected)


def download_budget(checkpoint_gib: float) -> int:
    """Return how long the download may take before it counts as hung: a quarter of the assumed rate is not.

    >>> download_budget(1.0), download_budget(100.0)
    (900, 4096)
    """
    return max(_LEAST_BUDGET_SECONDS, _DOWNLOAD_SLOWEST * download_seconds(checkpoint_gib))
