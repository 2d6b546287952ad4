"""How many requests a replica finishes in an hour: a roofline with measured shares, printed as a range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from components.sizing.roofline import prefill_seconds, step_seconds

if TYPE_CHECKING:
    from components.catalogue.gpus import Gpu
    from components.catalogue.models import ModelShape, Quantization

TGI_SHARE = 0.4
_DENSE_SPREAD = 0.25
_UNCERTAIN_SPREAD = 0.5
_MOST_KEPT = 4096
"""The curve of a plan's cost, its cheaper hardware and other targets ask for the same again and again."""


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

    The factors were fitted to public measurements of 2024-26, most of TensorRT-LLM, on other cards than L4 and A10G.
    """
    requests = _requests_per_hour(
        shape, quantization, gpu, tensor_parallel_size, concurrency, input_tokens, output_tokens
    )
    share = spread(shape, quantization)
    return Throughput(low=requests * (1 - share), expected=requests, high=requests * (1 + share))


@lru_cache(maxsize=_MOST_KEPT)
def _requests_per_hour(
    shape: ModelShape,
    quantization: Quantization,
    gpu: Gpu,
    size: int,
    concurrency: float,
    input_tokens: int,
    output_tokens: int,
) -> float:
    context = input_tokens + output_tokens // 2
    step = step_seconds(shape, quantization, gpu, size, concurrency=concurrency, context_tokens=context)
    prefill = prefill_seconds(shape, quantization, gpu, size, input_tokens=input_tokens)
    return 3600 * finished_per_second(step, prefill, concurrency=concurrency, output_tokens=output_tokens)


def finished_per_second(
    step_seconds: float, prefill_seconds: float, *, concurrency: float, output_tokens: int
) -> float:
    """Return the requests that finish in a second when every prompt is read between the steps of the others.

    10 requests of 100 tokens: 100 steps of 20 ms and 10 prompts of 100 ms take 3 seconds.

    >>> round(finished_per_second(0.02, 0.1, concurrency=10, output_tokens=100), 2)
    3.33
    """
    return concurrency / (output_tokens * step_seconds + concurrency * prefill_seconds)


def spread(shape: ModelShape, quantization: Quantization) -> float:
    """Return how far the range reaches to both sides of the expected value, as a share of it.

    A quarter for dense models, a half for mixtures of experts and 4-bit floats. At least 80% of the measurements that
    no factor was fitted to lie inside; docs/reference/accuracy.md has the share of each class.
    """
    return _UNCERTAIN_SPREAD if shape.is_mixture or quantization in ("mxfp4", "nvfp4") else _DENSE_SPREAD


def tgi_throughput(computed: Throughput) -> Throughput:
    """Return what TGI makes of a computed throughput: it was slower by 1.2 to 3.1 times where it was measured.

    Those measurements are of 2023 and TGI 1.0; newer ones on A10G and L4 are not public, so the range stays open above.
    """
    return Throughput(computed.low * TGI_SHARE, computed.expected * TGI_SHARE, computed.high)
