"""How long a replica takes to start from nothing, stage by stage, and how long it may take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.plan.model import StartupStage

if TYPE_CHECKING:
    from components.catalogue.images import EngineImage

MOST_SECONDS = 3300
"""The longest start that a container health check can cover: 300 s and 10 checks, 300 s apart."""
_LEAST_BUDGET_SECONDS = 900
_INSTANCE_SECONDS = 150
_UNPACK_MIB_S = 128
EFS_READ_MIB_S = 300
"""What one client reads from elastic EFS in the field; its limit is 500 or more."""
_DOWNLOAD_MIB_S = 100
_DOWNLOAD_SLOWEST = 4
_COMPILE_SECONDS = 120


def startup_stages(image: EngineImage, checkpoint_gib: float) -> tuple[StartupStage, ...]:
    """Return the stages of a start on a fresh instance, with the weights already in the cache."""
    return (
        StartupStage("instance", _INSTANCE_SECONDS, "launch, boot and registration"),
        StartupStage(
            "image",
            round(image.unpacked_gib * 1024 / _UNPACK_MIB_S),
            f"{image.unpacked_gib:g} GiB pulled and unpacked at {_UNPACK_MIB_S} MiB/s",
        ),
        StartupStage(
            "weights",
            math.ceil(checkpoint_gib * 1024 / EFS_READ_MIB_S),
            f"{checkpoint_gib:.1f} GiB from EFS at {EFS_READ_MIB_S} MiB/s",
        ),
        StartupStage("engine", _COMPILE_SECONDS, "compilation and graph capture"),
    )


def startup_budget(seconds: int) -> int:
    """Return how long a start may take before it counts as failed: twice the estimate, in whole minutes.

    >>> startup_budget(300), startup_budget(610), startup_budget(2000)
    (900, 1260, 3300)
    """
    return min(MOST_SECONDS, max(_LEAST_BUDGET_SECONDS, math.ceil(2 * seconds / 60) * 60))


def download_seconds(checkpoint_gib: float) -> int:
    """Return how long the very first start takes longer, while the weights are downloaded into the cache."""
    return math.ceil(checkpoint_gib * 1024 / _DOWNLOAD_MIB_S)


def download_budget(checkpoint_gib: float) -> int:
    """Return how long the download may take before it counts as hung: a quarter of the assumed rate is not.

    >>> download_budget(1.0), download_budget(100.0)
    (900, 4096)
    """
    return max(_LEAST_BUDGET_SECONDS, _DOWNLOAD_SLOWEST * download_seconds(checkpoint_gib))
