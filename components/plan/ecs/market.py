"""What EC2 rents out: the GPU instances that a region offers, those with a share of a GPU aside."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from components.catalogue.instances import instances, is_offered, regions_offering, usd_per_hour
from components.plan.market import Market, Offer
from components.plan.model import Rejection
from components.sizing.host import host_refusal

if TYPE_CHECKING:
    from components.spec.values import Accelerator


@cache
def ecs_market(region: str) -> Market:
    """Return the GPU instances that a region offers, whole GPUs only."""
    offered = [row for row in instances().values() if is_offered(row.instance_type, region)]

    def shares(accelerator: Accelerator) -> tuple[Rejection, ...]:
        """Of the instances with a share of this GPU the largest: ECS registers none of their GPUs."""
        parts = [row for row in offered if row.gpu == accelerator.gpu and row.gpu_count < 1 and accelerator.count == 1]
        if not parts:
            return ()
        largest = max(parts, key=lambda row: row.gpu_count)
        reason = f"has {largest.gpu_count:g} of a GPU, which the ECS image does not register"
        return (Rejection(str(accelerator), largest.instance_type, reason),)

    return Market(
        place=region,
        offers=tuple(
            Offer(
                row.instance_type,
                row.gpu,
                int(row.gpu_count),
                row.vcpus,
                row.memory_gib,
                usd_per_hour(row.instance_type, region),
            )
            for row in offered
            if row.gpu_count >= 1
        ),
        absence=lambda accelerator: _absence(accelerator, region),
        host_refusal=lambda checkpoint_gib, offer: host_refusal(checkpoint_gib, offer.memory_gib or 0.0),
        gpu_refusal=lambda _: None,
        passed_over=shares,
        elsewhere="another region",
    )


def _absence(accelerator: Accelerator, region: str) -> str:
    carriers = [
        row for row in instances().values() if row.gpu == accelerator.gpu and row.gpu_count >= accelerator.count
    ]
    if not carriers:
        return f"no EC2 instance type has {accelerator.count} {accelerator.gpu}"
    regions = sorted({where for row in carriers for where in regions_offering(row.instance_type)})
    return f"not offered in {region}; offered in {', '.join(regions)}" if regions else f"not offered in {region}"
