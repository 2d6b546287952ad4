"""What a worker on RunPod asks of its host besides the GPU: disk for the image, and for weights without a volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.runpod.numbers import least_disk_gb
from components.plan.verdict import HostFit

if TYPE_CHECKING:
    from components.plan.draft import Draft
    from components.plan.runpod.values import RunpodPlan


def runpod_host(made: Draft, runpod: RunpodPlan) -> HostFit:
    """Return what is needed and what there is; RunPod does not say how much memory a host leaves to a worker."""
    volume = runpod.volume is not None
    return HostFit(
        memory_needed_gib=None,
        memory_offered_gib=None,
        disk_needed_gb=least_disk_gb(made.request.engine, made.checkpoint_gib, volume=volume),
        disk_offered_gb=runpod.disk_gb,
        disk="container disk",
        disk_holds="the image; the weights are on the network volume" if volume else "image and weights",
    )
