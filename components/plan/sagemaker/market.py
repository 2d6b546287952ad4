"""What SageMaker rents out: the instance types of endpoints that a region offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.catalogue.sagemaker import (
    sagemaker_instances,
    sagemaker_offers,
    sagemaker_regions,
    sagemaker_usd_per_hour,
)
from components.plan.market import Market, Offer
from components.sizing.gates import tgi_gpu_refusal

if TYPE_CHECKING:
    from components.spec.values import Accelerator


def sagemaker_market(region: str, engine: str) -> Market:
    """Return the endpoint instances that a region offers, for the engine that is to run on them."""
    return Market(
        place=region,
        offers=tuple(
            Offer(
                row.instance_type,
                row.gpu,
                row.gpu_count,
                row.vcpus,
                row.memory_gib,
                sagemaker_usd_per_hour(row.instance_type, region),
            )
            for row in sagemaker_offers(region)
        ),
        absence=lambda accelerator: _absence(accelerator, region),
        # Weights are read from the instance's own disk, whose page cache may be smaller than they are.
        host_refusal=lambda _checkpoint_gib, _memory_gib: None,
        gpu_refusal=lambda gpu: tgi_gpu_refusal(gpus()[gpu]) if engine == "tgi" else None,
        passed_over=lambda _: (),
        whole_prompts=engine == "tgi",
    )


def _absence(accelerator: Accelerator, region: str) -> str:
    carriers = [
        row
        for row in sagemaker_instances().values()
        if row.gpu == accelerator.gpu and row.gpu_count >= accelerator.count
    ]
    if not carriers:
        return f"no SageMaker instance type has {accelerator.count} {accelerator.gpu}"
    regions = sorted({where for row in carriers for where in sagemaker_regions(row.instance_type)})
    return f"not offered in {region}; offered in {', '.join(regions)}" if regions else f"not offered in {region}"
