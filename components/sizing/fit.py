"""Does a model fit a GPU: the budget, what weights and runtime take of it, and what is left for the cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from components.sizing.cache import longest_sequence, sequence_bytes
from components.sizing.weights import GIB, weights_gib

if TYPE_CHECKING:
    from components.catalogue.gpus import Gpu
    from components.catalogue.models import ModelShape, Quantization

GPU_MEMORY_UTILIZATION = 0.9
"""Share of the memory that vLLM may use; its own default is 0.92, with less left for what it does not count."""

SAFETY_GIB = 1.0
"""One configuration's runtime memory varies by this much between starts."""

_LARGE_CARD_GIB = 70
_SMALL_CARD_RUNTIME_GIB = 1.5
_LARGE_CARD_MORE_GIB = 1.5
SMALL_CARD_BATCH = 2048
_LARGE_CARD_BATCH = 8192
_HOPPER = 9.0

CONTEXT_STEP = 512
LEAST_CONTEXT_TOKENS = 4096
"""Below this a service that did not say what context it needs is of no use."""


def runtime_gib(usable_gib: float) -> float:
    """Return what CUDA, activations and graphs take on a GPU: measured 0.3 to 3.3 on small, 2.3 to 3.4 on large cards.

    Between them it grows no faster than the budget: more memory never leaves less for the cache.

    >>> runtime_gib(22.35), runtime_gib(71.0), runtime_gib(80.0)
    (1.5, 2.4, 3.0)
    """
    above = (usable_gib - _LARGE_CARD_GIB) * GPU_MEMORY_UTILIZATION
    return _SMALL_CARD_RUNTIME_GIB + min(_LARGE_CARD_MORE_GIB, max(0.0, above))


def batched_tokens(gpu: Gpu) -> int:
    """Return how many tokens one step may work on: vLLM's own default, by memory and not for A100.

    Source: `get_batch_defaults` of vllm 0.33.0; a larger batch makes A100 slower.
    """
    large = gpu.vram_gib >= _LARGE_CARD_GIB and (gpu.compute_capability or 0) >= _HOPPER
    return _LARGE_CARD_BATCH if large else SMALL_CARD_BATCH


@dataclass(frozen=True, slots=True)
class MemoryFit:
    """Memory of ONE GPU in GiB: `budget = weights + runtime + kv_free` (kv_free may be negative)."""

    usable_gib: float
    utilization: float
    budget_gib: float
    weights_gib: float
    runtime_gib: float
    kv_free_gib: float
    kv_bytes_per_token: float
    cache_tokens: int
    max_context_tokens: int
    full_length_sequences: float
    verdict: Literal["fits", "marginal", "refused"]
    reason: str


def fit(
    shape: ModelShape,
    quantization: Quantization,
    *,
    usable_gib: float,
    tensor_parallel_size: int = 1,
    max_context_tokens: int | None = None,
    least_context_tokens: int = LEAST_CONTEXT_TOKENS,
    batch_tokens: int = SMALL_CARD_BATCH,
    runtime: float | None = None,
    utilization: float = GPU_MEMORY_UTILIZATION,
    prompt_bytes_per_token: float = 0.0,
) -> MemoryFit:
    """Return how a model fits GPUs of `usable_gib` each.

    vLLM refuses to start unless one sequence of `max_context_tokens` fits the cache. With None, the longest context
    that leaves `SAFETY_GIB` is chosen, and `least_context_tokens` must fit. `prompt_bytes_per_token` is set for an
    engine that computes a whole prompt at once: it counts as runtime memory.
    """
    size = tensor_parallel_size
    runtime = runtime_gib(usable_gib) if runtime is None else runtime
    budget = usable_gib * utilization
    weights = weights_gib(shape, quantization) / size
    free = budget - weights - runtime
    safe_tokens = longest_sequence(shape, (free - SAFETY_GIB) * GIB, size, batch_tokens, prompt_bytes_per_token)
    most_tokens = longest_sequence(shape, free * GIB, size, batch_tokens, prompt_bytes_per_token)
    needed = min(max_context_tokens or least_context_tokens, shape.max_context_tokens)
    context = needed if max_context_tokens else max(needed, _whole_steps(safe_tokens))
    runtime += prompt_bytes_per_token * context / GIB
    free = budget - weights - runtime
    if most_tokens < needed:
        verdict, reason = (
            "refused",
            _refusal(
                weights,
                runtime,
                budget,
                context=needed,
                cache=sequence_bytes(shape, needed, size, batch_tokens) / GIB,
                size=size,
                most=most_tokens if max_context_tokens else 0,
            ),
        )
    elif safe_tokens < context:
        verdict, reason = "marginal", _margin(most_tokens, context, safe_tokens)
    else:
        verdict, reason = "fits", f"{context:,} tokens of context leave {SAFETY_GIB:g} GiB or more to spare"
    per_token = sequence_bytes(shape, context, size, batch_tokens) / context
    cache_tokens = max(0, int(free * GIB / per_token))
    return MemoryFit(
        usable_gib=usable_gib,
        utilization=utilization,
        budget_gib=budget,
        weights_gib=weights,
        runtime_gib=runtime,
        kv_free_gib=free,
        kv_bytes_per_token=per_token,
        cache_tokens=cache_tokens,
        max_context_tokens=context,
        full_length_sequences=cache_tokens / context,
        verdict=verdict,
        reason=reason,
    )


def _whole_steps(tokens: int) -> int:
    return tokens // CONTEXT_STEP * CONTEXT_STEP if tokens >= CONTEXT_STEP else tokens


def _refusal(weights: float, runtime: float, budget: float, *, context: int, cache: float, size: int, most: int) -> str:
    per_gpu = " per GPU" if size > 1 else ""
    less = f"at most {most:,} tokens of context fit; " if most >= CONTEXT_STEP else ""
    return (
        f"{less}needs {weights + runtime + cache:.1f} GiB{per_gpu} (weights {weights:.1f}, runtime {runtime:.1f}, "
        f"cache of {context:,} tokens {cache:.1f}), {budget:.1f} GiB can be used"
    )


def _margin(most: int, context: int, safe: int) -> str:
    safe_context = _whole_steps(max(0, safe))
    fix = f"safe with model.max_context_tokens {safe_context} or less" if safe_context else "no context is safe on it"
    return (
        f"{context:,} tokens need nearly all of a cache of {most:,} tokens, and runtime memory varies by "
        f"{SAFETY_GIB:g} GiB between starts; {fix}"
    )
