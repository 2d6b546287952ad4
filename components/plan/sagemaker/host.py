"""What a replica on SageMaker asks of its instance besides the GPU: disk for image and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.disks import local_disks_gb
from components.plan.verdict import HostFit
from components.sizing.host import disk_gb

if TYPE_CHECKING:
    from components.plan.draft import Draft


def sagemaker_host(made: Draft) -> HostFit:
    """Return what is needed and what there is; weights are read from the local disk, whatever the memory."""
    return HostFit(
        memory_needed_gib=None,
        memory_offered_gib=made.hardware.memory_gib,
        disk_needed_gb=disk_gb(made.request.engine.unpacked_gib, made.checkpoint_gib),
        disk_offered_gb=local_disks_gb().get(made.hardware.instance_type),
        disk="local NVMe",
        disk_holds="image and weights",
    )
