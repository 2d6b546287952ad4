"""What a replica on ECS asks of its instance besides the GPU: memory to load the weights, disk for the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.verdict import HostFit
from components.sizing.host import GB_PER_GIB, disk_gb, loading_gib

if TYPE_CHECKING:
    from components.plan.draft import Draft
    from components.plan.ecs.values import EcsPlan

_COPIES = 2
"""A new version of the image is pulled while the old one still runs."""
_MIB_PER_GIB = 1024


def ecs_host(made: Draft, ecs: EcsPlan) -> HostFit:
    """Return what is needed and what there is; the weights are on EFS, and on no disk of the instance."""
    return HostFit(
        memory_needed_gib=loading_gib(made.checkpoint_gib),
        memory_offered_gib=ecs.engine_memory_mib / _MIB_PER_GIB,
        disk_needed_gb=disk_gb(_COPIES * made.request.engine.unpacked_gib, 0),
        disk_offered_gb=round(ecs.root_volume_gib * GB_PER_GIB, 1),
        disk="root volume",
        disk_holds="the image, twice during a deployment",
    )
