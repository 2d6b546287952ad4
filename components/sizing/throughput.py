"""How fast a replica answers: a roofline with measured factors, printed as a range and never as one number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.sizing.cache import sequence_bytes
from components.sizing.weights import GIB, weights_gib

if TYPE_CHECKING:
    from components.catalogue.gpus import Gpu
    from components.catalogue.models import ModelShape, Quantization

_BANDWIDTH_SHARE = 0.65
_DECODE_SHARE = 0.40
_PREFILL_SHARE = 0.55
_PARALLEL_SHARE = {1: 1.0, 2: 0.9, 4: 0.8, 8: 0.65}
_MIXTURE_SHARE = 0.45
TGI_SHARE = 0.4
_DENSE_SPREAD = 0.25
_UNCERTAIN_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class Throughput:
    """Requests per hour that one replica finishes: `expected`, and the range in which it should lie."""

    low: float
    expected: float
    high: float


def throughput(
    shape: ModelShape,
    quantization: Quantization,
    gpu: Gpu,
    tensor_parallel_size: int,
    *,
    concurrency: float,
    input_tokens: int,
    output_tokens: int,
) -> Throughput:
    """Return the throughput at a concurrency.

    The factors were fitted to public measurements of 2024-26 on other cards than L4 and A10G; dense models lie
    within a quarter of it, mixtures of experts and 4-bit floats within a half.
    """
    size = tensor_parallel_size
    flops = (gpu.fp8_tflops if quantization == "fp8" and gpu.fp8_tflops else gpu.fp16_tflops) * 1e12 * size
    bandwidth = gpu.bandwidth_gb_per_s * 1e9 * size
    active = shape.active_parameters_b * 1e9
    cache = sequence_bytes(shape, input_tokens + output_tokens // 2, size) * size
    read = _weights_read(shape, quantization, concurrency) + concurrency * cache
    step = max(read / (bandwidth * _BANDWIDTH_SHARE), 2 * active * concurrency / (flops * _DECODE_SHARE))
    prefill = 2 * active * input_tokens / (flops * _PREFILL_SHARE)
    seconds = output_tokens * step + concurrency * prefill
    requests = 3600 * concurrency / seconds * _PARALLEL_SHARE.get(size, _PARALLEL_SHARE[8])
    requests *= _MIXTURE_SHARE if shape.is_mixture else 1
    spread = _UNCERTAIN_SPREAD if shape.is_mixture or quantization in ("mxfp4", "nvfp4") else _DENSE_SPREAD
    return Throughput(low=requests * (1 - spread), expected=requests, high=requests * (1 + spread))


def tgi_throughput(computed: Throughput) -> Throughput:
    """Return what TGI makes of a computed throughput: it fell short of it by 1.1 to 4.7 times where it was measured.

    Those measurements are of 2023 and TGI 1.0; newer ones on A10G and L4 are not public, so the range stays open above.
    """
    return Throughput(computed.low * TGI_SHARE, computed.expected * TGI_SHARE, computed.high)


def _weights_read(shape: ModelShape, quantization: Quantization, concurrency: float) -> float:
    """Return the bytes of weights read for one step; a mixture reads more experts, the more tokens are in the batch."""
    everything = weights_gib(shape, quantization) * GIB
    if not shape.tied_embeddings:
        everything -= shape.vocab * shape.hidden * 2
    if not shape.is_mixture:
        return everything
    share = shape.active_parameters_b / shape.parameters_b
    return everything * (1 - (1 - share) ** max(1.0, concurrency))
