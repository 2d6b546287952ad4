"""How one accelerator is sized on a market: the cheapest offer that carries it, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.plan.model import Hardware, Rejection
from components.sizing.fit import LEAST_CONTEXT_TOKENS, batched_tokens, fit
from components.sizing.gates import gate
from components.sizing.parallelism import parallelism_refusal, possible_sizes
from components.sizing.prompt import prompt_bytes_per_token
from components.spec.values import Accelerator

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape, Quantization
    from components.plan.market import Market, Offer


_MOST_KEPT = 4096
"""Comparing targets, loads and changes of a spec sizes the same again and again."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What an accelerator must carry: a model in a quantization, with a context."""

    shape: ModelShape
    quantization: Quantization
    dtype: str
    checkpoint_gib: float
    max_context_tokens: int | None
    tokens_per_request: int
    stored: Quantization
    """How the checkpoint is stored; the engine may convert it to `quantization` while it loads."""

    @property
    def least_context_tokens(self) -> int:
        return max(LEAST_CONTEXT_TOKENS, self.tokens_per_request)


@dataclass(frozen=True, slots=True)
class Sized:
    """One accelerator, sized: the hardware (None when refused) and every refusal on the way."""

    hardware: Hardware | None
    rejections: tuple[Rejection, ...]


def size_accelerator(accelerator: Accelerator, workload: Workload, market: Market) -> Sized:
    """Return the cheapest offer of a market on which one replica runs on this accelerator."""
    return _sized(accelerator, workload, market)


@lru_cache(maxsize=_MOST_KEPT)
def _sized(accelerator: Accelerator, workload: Workload, market: Market) -> Sized:
    offered = _carrying(accelerator, market)
    refusal = market.gpu_refusal(accelerator.gpu) or _refusal(accelerator, workload)
    if refusal is not None:
        return _refused(accelerator, offered[0].instance_type if offered else "", refusal)
    if not offered:
        return _refused(accelerator, "", market.absence(accelerator))
    gpu = gpus()[accelerator.gpu]
    fitted = fit(
        workload.shape,
        workload.quantization,
        usable_gib=gpu.usable_gib or gpu.vram_gib,
        tensor_parallel_size=accelerator.count,
        max_context_tokens=workload.max_context_tokens,
        least_context_tokens=workload.least_context_tokens,
        batch_tokens=batched_tokens(gpu),
        prompt_bytes_per_token=prompt_bytes_per_token(workload.shape, accelerator.count)
        if market.whole_prompts
        else 0.0,
    )
    if fitted.verdict == "refused":
        return _refused(accelerator, offered[0].instance_type, f"{fitted.reason} of the {fitted.usable_gib:g} on a GPU")
    rejections = list(market.passed_over(accelerator))
    for instance in offered:
        short = market.host_refusal(workload.checkpoint_gib, instance)
        if short is None:
            hardware = Hardware(
                accelerator=str(accelerator),
                instance_type=instance.instance_type,
                gpu=accelerator.gpu,
                gpu_count=accelerator.count,
                tensor_parallel_size=accelerator.count,
                vcpus=instance.vcpus,
                memory_gib=instance.memory_gib,
                usd_per_hour=instance.usd_per_hour,
                fit=fitted,
                instance_gpu_count=instance.gpu_count,
            )
            return Sized(hardware, tuple(rejections))
        rejections.append(Rejection(str(accelerator), instance.instance_type, short))
    return Sized(None, tuple(rejections))


def accelerators_of(market: Market) -> tuple[Accelerator, ...]:
    """Return what the offers of a market carry: each GPU in each count, smallest first."""
    return _accelerators(market)


def size_all(workload: Workload, market: Market) -> tuple[Sized, ...]:
    """Return what `size_accelerator` says of everything that the offers of a market carry."""
    return _all_sized(workload, market)


@lru_cache(maxsize=_MOST_KEPT)
def _accelerators(market: Market) -> tuple[Accelerator, ...]:
    carried = {Accelerator(row.gpu, row.gpu_count) for row in market.offers if gpus()[row.gpu].vendor == "NVIDIA"}
    return tuple(sorted(carried, key=lambda accelerator: (accelerator.count, accelerator.gpu)))


@lru_cache(maxsize=_MOST_KEPT)
def _all_sized(workload: Workload, market: Market) -> tuple[Sized, ...]:
    return tuple(_sized(accelerator, workload, market) for accelerator in _accelerators(market))


@lru_cache(maxsize=_MOST_KEPT)
def _carrying(accelerator: Accelerator, market: Market) -> tuple[Offer, ...]:
    """Return the offers that carry an accelerator, the cheapest first and unknown prices last."""
    rows = (row for row in market.offers if row.gpu == accelerator.gpu and row.gpu_count >= accelerator.count)
    return tuple(sorted(rows, key=_rank))


def _rank(row: Offer) -> tuple[int, bool, float, float, str]:
    """Return the order of offers: fewer GPUs cost less, also where no price is known."""
    price = row.usd_per_hour
    return row.gpu_count, price is None, price or 0.0, row.memory_gib or 0.0, row.instance_type


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


def _refused(accelerator: Accelerator, instance_type: str, reason: str) -> Sized:
    return Sized(None, (Rejection(str(accelerator), instance_type, reason),))
