"""How one accelerator is sized in one region: the cheapest instance that carries it, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.catalogue.instances import Instance, instances, is_offered, regions_offering, usd_per_hour
from components.plan.model import Hardware, Rejection
from components.sizing.fit import LEAST_CONTEXT_TOKENS, batched_tokens, fit
from components.sizing.gates import gate
from components.sizing.host import host_refusal
from components.sizing.parallelism import parallelism_refusal, possible_sizes
from components.spec.values import Accelerator

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape, Quantization


@dataclass(frozen=True, slots=True)
class Workload:
    """What an accelerator must carry: a model in a quantization, with a context."""

    shape: ModelShape
    quantization: Quantization
    dtype: str
    checkpoint_gib: float
    max_context_tokens: int | None
    tokens_per_request: int

    @property
    def least_context_tokens(self) -> int:
        return max(LEAST_CONTEXT_TOKENS, self.tokens_per_request)


@dataclass(frozen=True, slots=True)
class Sized:
    """One accelerator, sized: the hardware (None when refused) and every refusal on the way."""

    hardware: Hardware | None
    rejections: tuple[Rejection, ...]


def size_accelerator(accelerator: Accelerator, workload: Workload, region: str) -> Sized:
    """Return the cheapest instance of a region on which one replica runs on this accelerator."""
    carriers = [
        row for row in instances().values() if row.gpu == accelerator.gpu and row.gpu_count >= accelerator.count
    ]
    offered = sorted((row for row in carriers if is_offered(row.instance_type, region)), key=lambda r: _rank(r, region))
    refusal = _refusal(accelerator, workload)
    if refusal is not None:
        return _refused(accelerator, offered[0].instance_type if offered else "", refusal)
    if not offered:
        return _refused(accelerator, "", _not_offered(accelerator, carriers, region))
    gpu = gpus()[accelerator.gpu]
    fitted = fit(
        workload.shape,
        workload.quantization,
        usable_gib=gpu.usable_gib or gpu.vram_gib,
        tensor_parallel_size=accelerator.count,
        max_context_tokens=workload.max_context_tokens,
        least_context_tokens=workload.least_context_tokens,
        batch_tokens=batched_tokens(gpu),
    )
    if fitted.verdict == "refused":
        return _refused(accelerator, offered[0].instance_type, f"{fitted.reason} of the {fitted.usable_gib:g} on a GPU")
    rejections = _fractions(accelerator, region)
    for instance in offered:
        short = host_refusal(workload.checkpoint_gib, instance.memory_gib)
        if short is None:
            hardware = Hardware(
                accelerator=str(accelerator),
                instance_type=instance.instance_type,
                gpu=accelerator.gpu,
                gpu_count=accelerator.count,
                tensor_parallel_size=accelerator.count,
                vcpus=instance.vcpus,
                memory_gib=instance.memory_gib,
                usd_per_hour=usd_per_hour(instance.instance_type, region),
                fit=fitted,
                instance_gpu_count=int(instance.gpu_count),
            )
            return Sized(hardware, tuple(rejections))
        rejections.append(Rejection(str(accelerator), instance.instance_type, short))
    return Sized(None, tuple(rejections))


def accelerators_in(region: str) -> list[Accelerator]:
    """Return what the instances of a region carry whole: each GPU in each count, smallest first."""
    return sorted(
        {
            Accelerator(row.gpu, int(row.gpu_count))
            for row in instances().values()
            if row.gpu_count >= 1 and gpus()[row.gpu].vendor == "NVIDIA" and is_offered(row.instance_type, region)
        },
        key=lambda accelerator: (accelerator.count, accelerator.gpu),
    )


def _rank(row: Instance, region: str) -> tuple[bool, float, float, str]:
    price = usd_per_hour(row.instance_type, region)
    return price is None, price or row.gpu_count, row.memory_gib, row.instance_type


def _refusal(accelerator: Accelerator, workload: Workload) -> str | None:
    """Return why a GPU, or this many of it, cannot run the model at all."""
    gated = gate(gpus()[accelerator.gpu], workload.shape, workload.quantization, workload.dtype)
    if gated.refusal is not None:
        return gated.refusal
    divided = parallelism_refusal(workload.shape, workload.quantization, accelerator.count)
    if divided is None:
        return None
    possible = ", ".join(str(size) for size in possible_sizes(workload.shape, workload.quantization))
    return f"{divided}; possible counts: {possible}"


def _fractions(accelerator: Accelerator, region: str) -> list[Rejection]:
    """Return why the instances with a share of this GPU are no choice: ECS registers none of their GPUs."""
    shares = [row for row in instances().values() if row.gpu == accelerator.gpu and row.gpu_count < 1]
    offered = [row for row in shares if accelerator.count == 1 and is_offered(row.instance_type, region)]
    if not offered:
        return []
    largest = max(offered, key=lambda row: row.gpu_count)
    reason = f"has {largest.gpu_count:g} of a GPU, which the ECS image does not register"
    return [Rejection(str(accelerator), largest.instance_type, reason)]


def _not_offered(accelerator: Accelerator, carriers: list[Instance], region: str) -> str:
    if not carriers:
        return f"no EC2 instance type has {accelerator.count} {accelerator.gpu}"
    regions = sorted({where for row in carriers for where in regions_offering(row.instance_type)})
    return f"not offered in {region}; offered in {', '.join(regions)}" if regions else f"not offered in {region}"


def _refused(accelerator: Accelerator, instance_type: str, reason: str) -> Sized:
    return Sized(None, (Rejection(str(accelerator), instance_type, reason),))
