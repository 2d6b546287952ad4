"""Which numbers RunPod needs for an endpoint, kept within what its API accepts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from components.errors import Problem
from components.plan.runpod.mode import PROCESSING_SECONDS, is_load_balanced, longest_request_seconds
from components.plan.runpod.values import RunpodPlan, RunpodVolume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.catalogue.images import EngineImage
    from components.plan.model import ScalingPlan
    from components.plan.runpod.pools import Serving
    from components.spec.runpod import RunpodSpec
    from components.spec.service import ServiceSpec

GB_PER_GIB = 1.073741824
_ROOM_GB = 5
"""For compiled kernels and logs."""
_MARGIN = 1.1
DEFAULT_IDLE_SECONDS = 10
"""RunPod's own default; source: its REST API v2."""
_FLASHBOOT: dict[str, Literal["OFF", "FLASHBOOT", "PRIORITY_FLASHBOOT"]] = {
    "off": "OFF",
    "on": "FLASHBOOT",
    "priority": "PRIORITY_FLASHBOOT",
}


def least_disk_gb(image: EngineImage, checkpoint_gib: float, *, volume: bool) -> int:
    """Return the smallest container disk: the image, and the weights where no network volume keeps them."""
    held = image.unpacked_gib + (0 if volume else checkpoint_gib)
    return math.ceil(held * GB_PER_GIB) + _ROOM_GB


def default_disk_gb(least_gb: int) -> int:
    """Return the container disk when the spec names none: a tenth more than needed, in whole tens.

    >>> default_disk_gb(48), default_disk_gb(32)
    (60, 40)
    """
    return math.ceil(least_gb * _MARGIN / 10) * 10


def least_volume_gb(checkpoint_gib: float) -> int:
    """Return the smallest network volume that holds the weights.

    >>> least_volume_gb(10.0)
    12
    """
    return math.ceil(checkpoint_gib * GB_PER_GIB) + 1


def disk_problems(spec: ServiceSpec, image: EngineImage, checkpoint_gib: float) -> Iterator[Problem]:
    """Yield each disk of a spec that is too small for what it must hold."""
    volume, disk = spec.runpod.volume, spec.runpod.disk
    least = least_disk_gb(image, checkpoint_gib, volume=volume is not None)
    if disk is not None and disk.gb < least:
        held = "the image" if volume else f"the image and {checkpoint_gib * GB_PER_GIB:.0f} GB of weights"
        yield Problem(
            f"{spec.name}: runpod.disk",
            str(disk),
            f"is too small for {held}: {least} GB are needed",
            f"set it to {least}GB or more, or leave it out",
        )
    least = least_volume_gb(checkpoint_gib)
    if volume is not None and volume.size.gb < least:
        yield Problem(
            f"{spec.name}: runpod.volume.size",
            str(volume.size),
            f"does not hold the weights, which take {checkpoint_gib * GB_PER_GIB:.1f} GB",
            f"set it to {least}GB or more",
        )


def runpod_plan(
    spec: ServiceSpec,
    serving: Serving,
    scaling: ScalingPlan,
    *,
    stack: str,
    image: EngineImage,
    checkpoint_gib: float,
) -> RunpodPlan:
    """Return the numbers of an endpoint."""
    own, volume = spec.runpod, _volume(spec, stack)
    queue_delay = scaling.metric == "queue_wait"
    least = least_disk_gb(image, checkpoint_gib, volume=volume is not None)
    return RunpodPlan(
        endpoint_name=f"{stack}-{spec.name}",
        pools=serving.pools,
        excluded_types=serving.excluded_types,
        gpu_count=serving.hardware[0].gpu_count,
        min_cuda_version=image.cuda,
        disk_gb=own.disk.gb if own.disk else default_disk_gb(least),
        workers_min=scaling.min_replicas,
        workers_max=scaling.max_replicas,
        idle_timeout_seconds=_idle_seconds(own) if queue_delay or is_load_balanced(spec) else None,
        scaler="QUEUE_DELAY" if queue_delay else "REQUEST_COUNT",
        scaler_value=scaling.target,
        execution_timeout_ms=_execution_seconds(spec) * 1000,
        flashboot=_FLASHBOOT[own.flashboot],
        data_centers=(volume.data_center,) if volume else own.data_centers,
        volume=volume,
        token_secret=own.token_secret,
        allowed_types=serving.allowed_types,
        api_key_secret=spec.runpod.api_key_secret,
        sleep=own.sleep,
        mode=own.mode,
        registry=own.registry,
    )


def _execution_seconds(spec: ServiceSpec) -> int:
    """Return when RunPod ends a request: behind a load balancer last, so that the gateway's own answer is heard."""
    return PROCESSING_SECONDS if is_load_balanced(spec) else longest_request_seconds(spec)


def _idle_seconds(own: RunpodSpec) -> int:
    return own.idle_timeout.seconds if own.idle_timeout else DEFAULT_IDLE_SECONDS


def _volume(spec: ServiceSpec, stack: str) -> RunpodVolume | None:
    volume = spec.runpod.volume
    if volume is None:
        return None
    return RunpodVolume(
        name=f"{stack}-{spec.name}-weights",
        size_gb=volume.size.gb,
        data_center=volume.data_center,
        type="HIGH_PERFORMANCE" if volume.type == "high_performance" else "STANDARD",
        protect=spec.environment == "prod",
    )
