"""How long does one step of decoding, and the reading of a prompt, take on a replica?

A roofline with measured shares: linear layers are bound by reading their weights or by arithmetic, attention by reading
the cache, several GPUs by what they exchange. `bench/fit.py` fits the shares, `docs/reference/accuracy.md` tests them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.sizing.cache import sequence_bytes
from components.sizing.links import exchanged_bytes_per_token, nvlink_gb_per_s, sums_per_step
from components.sizing.weights import GIB, weights_gib

if TYPE_CHECKING:
    from components.catalogue.gpus import Gpu
    from components.catalogue.models import ModelShape, Quantization


@dataclass(frozen=True, slots=True)
class Factors:
    """What a replica reaches of what its datasheet promises, and what each step costs besides."""

    weight_bandwidth_share: float = 0.8
    cache_bandwidth_share: float = 0.76
    decode_share: float = 0.47
    """Of the arithmetic, in decoding."""
    prefill_share: float = 0.69
    """Of the arithmetic, in reading prompts."""
    mixture_share: float = 0.73
    """Of the arithmetic of a dense model, in a mixture of experts."""
    fp4_share: float = 0.9
    """Of twice the FP8 arithmetic, with nvfp4 weights."""
    nvlink_share: float = 0.59
    pcie_gb_per_s: float = 15.0
    step_seconds: float = 0.0023
    """Constant of each step: scheduling, sampling, launching."""
    sum_seconds: float = 19e-6
    """Constant of each sum over several GPUs."""


FITTED = Factors()


def step_seconds(
    shape: ModelShape,
    quantization: Quantization,
    gpu: Gpu,
    tensor_parallel_size: int,
    *,
    concurrency: float,
    context_tokens: int,
    factors: Factors = FITTED,
) -> float:
    """Return the seconds in which each of `concurrency` sequences gets one more token.

    `context_tokens` is how many tokens a sequence has in the cache, the mean over the batch.

    >>> from components.catalogue.gpus import gpus
    >>> from components.catalogue.models import models
    >>> llama = models()["meta-llama/Llama-3.1-8B-Instruct"].shape
    >>> round(step_seconds(llama, "none", gpus()["L4"], 1, concurrency=1, context_tokens=1000), 3)
    0.065
    """
    step = _step(shape, quantization, gpu, tensor_parallel_size, context_tokens, factors)
    return step.seconds(concurrency, weights_read_bytes(shape, quantization, concurrency))


def steps_seconds(
    shape: ModelShape,
    quantization: Quantization,
    gpu: Gpu,
    tensor_parallel_size: int,
    *,
    most: int,
    context_tokens: int,
    factors: Factors = FITTED,
) -> tuple[float, ...]:
    """Return what `step_seconds` is with 1, 2 ... `most` sequences at once."""
    step = _step(shape, quantization, gpu, tensor_parallel_size, context_tokens, factors)
    counts = range(1, most + 1)
    if shape.is_mixture:
        return tuple(step.seconds(count, weights_read_bytes(shape, quantization, count)) for count in counts)
    weights = weights_read_bytes(shape, quantization, 1)
    return tuple(step.seconds(count, weights) for count in counts)


def prefill_seconds(
    shape: ModelShape,
    quantization: Quantization,
    gpu: Gpu,
    tensor_parallel_size: int,
    *,
    input_tokens: int,
    factors: Factors = FITTED,
) -> float:
    """Return the seconds of reading one prompt of `input_tokens`, which arithmetic and exchange bind.

    Attention is computed in 16 bit and grows with the square of the length; each token looks back on half of it.

    >>> from components.catalogue.gpus import gpus
    >>> from components.catalogue.models import models
    >>> llama = models()["meta-llama/Llama-3.1-8B-Instruct"].shape
    >>> round(prefill_seconds(llama, "none", gpus()["L4"], 1, input_tokens=2000), 2)
    0.4
    """
    size = tensor_parallel_size
    linear = 2 * shape.active_parameters_b * 1e9 * input_tokens / _flops(shape, quantization, gpu, size, factors)
    attention = _attention_operations(shape, input_tokens) / (gpu.fp16_tflops * 1e12 * size)
    return (linear + attention) / factors.prefill_share + input_tokens * _exchange_seconds(shape, gpu, size, factors)


def stream_tokens_per_second(
    shape: ModelShape,
    quantization: Quantization,
    gpu: Gpu,
    tensor_parallel_size: int,
    *,
    context_tokens: int = 0,
    factors: Factors = FITTED,
) -> float:
    """Return the tokens per second of one request that has the replica to itself.

    >>> from components.catalogue.gpus import gpus
    >>> from components.catalogue.models import models
    >>> llama = models()["meta-llama/Llama-3.1-8B-Instruct"].shape
    >>> round(stream_tokens_per_second(llama, "none", gpus()["L4"], 1))
    15
    """
    return 1 / step_seconds(
        shape, quantization, gpu, tensor_parallel_size, concurrency=1, context_tokens=context_tokens, factors=factors
    )


def weights_read_bytes(shape: ModelShape, quantization: Quantization, concurrency: float) -> float:
    """Return the bytes of weights read for one step on all GPUs; a mixture reads more experts, the larger the batch.

    The input embedding is a lookup and not read; the output head is.
    """
    everything = weights_gib(shape, quantization) * GIB
    if not shape.tied_embeddings:
        everything -= shape.vocab * shape.hidden * 2
    if not shape.is_mixture:
        return everything
    share = shape.active_parameters_b / shape.parameters_b
    return everything * (1 - (1 - share) ** max(1.0, concurrency))


@dataclass(frozen=True, slots=True)
class _Step:
    """What one step takes: for each byte of weights, for the arithmetic and the rest of each sequence, and besides."""

    weight_byte_seconds: float
    arithmetic_seconds: float
    sequence_seconds: float
    """Cache and exchange."""
    constant_seconds: float

    def seconds(self, concurrency: float, weight_bytes: float) -> float:
        linear = max(weight_bytes * self.weight_byte_seconds, concurrency * self.arithmetic_seconds)
        return linear + concurrency * self.sequence_seconds + self.constant_seconds


def _step(
    shape: ModelShape, quantization: Quantization, gpu: Gpu, size: int, context_tokens: int, factors: Factors
) -> _Step:
    bandwidth = gpu.bandwidth_gb_per_s * 1e9 * size
    arithmetic = 2 * shape.active_parameters_b * 1e9
    cache = sequence_bytes(shape, context_tokens, size) * size
    return _Step(
        weight_byte_seconds=1 / (bandwidth * factors.weight_bandwidth_share),
        arithmetic_seconds=arithmetic / (_flops(shape, quantization, gpu, size, factors) * factors.decode_share),
        sequence_seconds=cache / (bandwidth * factors.cache_bandwidth_share)
        + _exchange_seconds(shape, gpu, size, factors),
        constant_seconds=sums_per_step(shape, size) * factors.sum_seconds + factors.step_seconds,
    )


def _flops(shape: ModelShape, quantization: Quantization, gpu: Gpu, size: int, factors: Factors) -> float:
    """Return the operations per second of the linear layers, in the format that the GPU has for the weights.

    Mixtures in nvfp4 are counted in 16 bit: where they were measured, 4-bit arithmetic did not show.
    """
    tflops = gpu.fp16_tflops
    if gpu.fp8_tflops and quantization == "fp8":
        tflops = gpu.fp8_tflops
    elif gpu.fp8_tflops and quantization == "nvfp4" and not shape.is_mixture:
        tflops = 2 * gpu.fp8_tflops * factors.fp4_share
    return tflops * 1e12 * size * (factors.mixture_share if shape.is_mixture else 1)


def _attention_operations(shape: ModelShape, tokens: int) -> float:
    """Return the operations of causal attention; a sliding layer looks back on its window alone.

    2 for scores and 2 for values, times heads * head_dim, times half the square of the length.
    """
    sliding = shape.sliding_layers if shape.sliding_window else 0
    seen = min(tokens, shape.sliding_window)
    pairs = (shape.layers - sliding) * tokens**2 / 2 + sliding * (tokens - seen / 2) * seen
    return 4 * shape.heads * shape.head_dim * pairs


def _exchange_seconds(shape: ModelShape, gpu: Gpu, size: int, factors: Factors) -> float:
    """Return the seconds of exchange between GPUs that each token adds."""
    nvlink = nvlink_gb_per_s(gpu)
    gb_per_s = factors.pcie_gb_per_s if nvlink is None else nvlink * factors.nvlink_share
    return exchanged_bytes_per_token(shape, size) / (gb_per_s * 1e9)
