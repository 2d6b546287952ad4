"""What SageMaker rents out: the instance types of endpoints that a region offers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from components.catalogue.disks import local_disks_gb
from components.catalogue.gpus import gpus
from components.catalogue.sagemaker import (
    sagemaker_instances,
    sagemaker_offers,
    sagemaker_regions,
    sagemaker_usd_per_hour,
)
from components.plan.market import Market, Offer
from components.sizing.gates import tgi_gpu_refusal, tgi_model_refusal
from components.sizing.host import disk_gb, disk_refusal

if TYPE_CHECKING:
    from components.catalogue.images import EngineImage
    from components.spec.values import Accelerator


@cache
def sagemaker_market(region: str, image: EngineImage) -> Market:
    """Return the endpoint instances that a region offers, for the engine that is to run on them."""
    tgi = image.engine == "tgi"
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
                local_disks_gb().get(row.instance_type),
            )
            for row in sagemaker_offers(region)
        ),
        absence=lambda accelerator: _absence(accelerator, region),
        # Weights are read from the instance's own disk, whose page cache may be smaller than they are.
        host_refusal=lambda checkpoint_gib, offer: disk_refusal(
            disk_gb(image.unpacked_gib, checkpoint_gib), offer.disk_gb
        ),
        gpu_refusal=lambda gpu: tgi_gpu_refusal(gpus()[gpu]) if tgi else None,
        passed_over=lambda _: (),
        elsewhere="another region",
        weights_refusal=tgi_model_refusal if tgi else lambda _shape, _quantization: None,
        whole_prompts=tgi,
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
