"""How much key-value cache one token, and one sequence, takes on each GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape

KV_BYTES = 2
"""A 16-bit cache, vLLM's default."""


_BATCHES_IN_WORK = 2
"""vLLM schedules the next batch while one is computed."""


def layer_bytes_per_token(shape: ModelShape, tensor_parallel_size: int) -> float:
    """Return the bytes that one token takes in one layer on each GPU.

    Heads are divided between GPUs down to one per GPU; a latent cache (MLA) is held whole by each.
    """
    if shape.attention == "mla":
        return shape.latent_dim * KV_BYTES
    heads = max(1, shape.kv_heads / tensor_parallel_size)
    return 2 * heads * shape.head_dim * KV_BYTES


def sequence_bytes(shape: ModelShape, tokens: int, tensor_parallel_size: int, batch_tokens: int = 2048) -> float:
    """Return the bytes that one sequence of `tokens` takes on each GPU.

    A sliding layer keeps its window and two batches in work, not the whole sequence. Source:
    `SlidingWindowSpec.max_admission_blocks_per_request` of vllm 0.33.0.
    """
    sliding = shape.sliding_layers if shape.sliding_window else 0
    kept = min(tokens, shape.sliding_window - 1 + _BATCHES_IN_WORK * batch_tokens) if sliding else 0
    per_layer = layer_bytes_per_token(shape, tensor_parallel_size)
    return per_layer * ((shape.layers - sliding) * tokens + sliding * kept)


def longest_sequence(
    shape: ModelShape,
    free_bytes: float,
    tensor_parallel_size: int,
    batch_tokens: int = 2048,
    prompt_bytes_per_token: float = 0.0,
) -> int:
    """Return the most tokens whose cache fits `free_bytes`, up to the model's longest context.

    `prompt_bytes_per_token` is what an engine takes besides that computes all of them at once.
    """

    def fits(tokens: int) -> bool:
        cache = sequence_bytes(shape, tokens, tensor_parallel_size, batch_tokens)
        return cache + prompt_bytes_per_token * tokens <= free_bytes

    if fits(shape.max_context_tokens):
        return shape.max_context_tokens
    low, high = 0, shape.max_context_tokens
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low
