"""What does the product's arithmetic predict for a published measurement?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, cast

from bench.measured import cards
from components.catalogue.models import find_model
from components.sizing.cache import sequence_bytes
from components.sizing.fit import runtime_gib
from components.sizing.roofline import FITTED, prefill_seconds, step_seconds, stream_tokens_per_second
from components.sizing.throughput import finished_per_second
from components.sizing.weights import GIB, weights_gib

if TYPE_CHECKING:
    from bench.measured import Measured
    from components.catalogue.gpus import Gpu
    from components.catalogue.models import ModelShape, Quantization
    from components.sizing.roofline import Factors

FILE_BITS = {"Q4_K_M": (4.9, 4.82), "MLC q4f16": (4.5, 4.5)}
"""Bits of every weight, embeddings included, of formats that the product does not serve: below and above 50 billion.

Q4_K_M: file sizes in XiongjieDai/GPU-Benchmarks-on-LLM-Inference; MLC's q4f16 in groups of 32 with a 16-bit scale.
"""

MOST_SEQUENCES = 2048
"""TensorRT-LLM's own limit of its batch, where cards hold more."""
_LARGE_MODEL_B = 50
_CACHE_SHARE = 0.95
"""Of the memory that weights and runtime leave: `kv_cache_free_gpu_mem_fraction` of those measurements."""
_UNKNOWN_CONTEXT = 1000
"""Where a source does not print lengths."""


@dataclass(frozen=True, slots=True)
class Case:
    """A measurement in the terms of the arithmetic. `cached` has the cache of the engine: half of it in 8 bit."""

    shape: ModelShape
    cached: ModelShape
    quantization: Quantization
    gpu: Gpu
    batch: float


@cache
def case_of(row: Measured) -> Case:
    """Return the shape, card and batch of a measurement.

    TensorRT-LLM keeps the cache in 8 bit with fp8 and 4-bit weights, and admits a request only when its full length
    fits. Source: perf-overview.md of v0.17, `guaranteed_no_evict` and the note on the cache's type.
    """
    model = find_model(row.model)
    if model is None:
        raise LookupError(row.model)
    shape, quantization = stored(replace(model.shape, checkpoint_gib=None), row.quantization)
    small_cache = quantization in ("fp8", "nvfp4")
    cached = replace(shape, head_dim=shape.head_dim // 2) if small_cache else shape
    gpu = cards()[row.gpu]
    return Case(shape, cached, quantization, gpu, _batch(row, cached, quantization, gpu))


def stored(shape: ModelShape, form: str) -> tuple[ModelShape, Quantization]:
    """Return a shape as one of the forms stores it, and the quantization whose arithmetic it has."""
    if form not in FILE_BITS:
        return shape, cast("Quantization", form)
    # The product takes a 16-bit input embedding off what is read, unless it is the output head too.
    lookup = 0 if shape.tied_embeddings else shape.vocab * shape.hidden
    read = file_bytes(shape, form, shape.parameters_b * 1e9 - lookup)
    return replace(shape, checkpoint_gib=(read + 2 * lookup) / GIB), "gptq"


def file_bytes(shape: ModelShape, form: str, parameters: float | None = None) -> float:
    """Return the bytes of a model's file, or of so many of its parameters, in one of `FILE_BITS`."""
    small, large = FILE_BITS[form]
    bits = large if shape.parameters_b > _LARGE_MODEL_B else small
    return (shape.parameters_b * 1e9 if parameters is None else parameters) * bits / 8


def _batch(row: Measured, cached: ModelShape, quantization: Quantization, gpu: Gpu) -> float:
    wanted = row.concurrency or MOST_SEQUENCES
    if row.input_tokens is None or row.output_tokens is None:
        return wanted
    usable = gpu.usable_gib or gpu.vram_gib
    free = (usable - weights_gib(cached, quantization) / row.gpu_count - runtime_gib(usable)) * _CACHE_SHARE
    return max(
        1.0, min(wanted, free * GIB / sequence_bytes(cached, row.input_tokens + row.output_tokens, row.gpu_count))
    )


def predicted_tokens_per_s(row: Measured, factors: Factors = FITTED) -> float:
    """Return the output tokens per second that the product's arithmetic expects."""
    case = case_of(row)
    size = row.gpu_count
    if row.concurrency == 1 and row.engine != "TGI 1.0.3":
        return stream_tokens_per_second(case.cached, case.quantization, case.gpu, size, factors=factors)
    known = row.input_tokens is not None and row.output_tokens is not None
    read, written = (row.input_tokens or 0, row.output_tokens or 1) if known else (0, 1)
    step = step_seconds(
        case.cached,
        case.quantization,
        case.gpu,
        size,
        concurrency=case.batch,
        context_tokens=read + written // 2 if known else _UNKNOWN_CONTEXT,
        factors=factors,
    )
    prefill = prefill_seconds(case.shape, case.quantization, case.gpu, size, input_tokens=read, factors=factors)
    return written * finished_per_second(step, prefill, concurrency=case.batch, output_tokens=written)


def predicted_ttft_seconds(row: Measured, factors: Factors = FITTED) -> float:
    """Return the time to the first token of a request that has the replica to itself: its prompt, and one step."""
    case = case_of(row)
    length = row.input_tokens or 0
    step = step_seconds(
        case.cached, case.quantization, case.gpu, row.gpu_count, concurrency=1, context_tokens=length, factors=factors
    )
    return step + prefill_seconds(
        case.shape, case.quantization, case.gpu, row.gpu_count, input_tokens=length, factors=factors
    )
