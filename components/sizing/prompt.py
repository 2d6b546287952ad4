"""How much memory an engine takes that computes a whole prompt at once, on top of what it always takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape

_BYTES = 2
_FEED_FORWARD_COPIES = 3
"""Gate, up projection and their product, alive together in one layer."""
_HIDDEN_COPIES = 4


def prompt_bytes_per_token(shape: ModelShape, tensor_parallel_size: int) -> float:
    """Return the bytes of activations that each token of a prompt takes on each GPU, in one layer at its widest.

    vLLM bounds them by computing prompts in batches; TGI's warm-up computes as many tokens as a prompt may have.
    Llama 3.1 8B: 2 * (3 * 14,336 + 4 * 4,096) = 118,784.
    """
    width = shape.intermediate
    if shape.is_mixture:
        # Of a mixture the width of one expert is known; what is active per layer follows from the active parameters.
        width = max(width, round(shape.active_parameters_b * 1e9 / (3 * shape.layers * shape.hidden)))
    return _BYTES * (_FEED_FORWARD_COPIES * width / tensor_parallel_size + _HIDDEN_COPIES * shape.hidden)
