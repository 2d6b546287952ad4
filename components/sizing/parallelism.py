"""Over how many GPUs a model can be divided (tensor parallelism)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape, Quantization


def parallelism_refusal(shape: ModelShape, quantization: Quantization, tensor_parallel_size: int) -> str | None:
    """Return why a model cannot be divided over this many GPUs, or None when it can."""
    size = tensor_parallel_size
    if shape.heads % size:
        return f"{shape.heads} attention heads cannot be divided over {size} GPUs"
    if shape.attention == "gqa" and shape.kv_heads % size and size % shape.kv_heads:
        return f"{shape.kv_heads} key-value heads cannot be divided over, or repeated on, {size} GPUs"
    if shape.intermediate % size:
        return f"the intermediate size {shape.intermediate} cannot be divided over {size} GPUs"
    if quantization in ("awq", "gptq") and size > 1 and shape.intermediate % (shape.quantization_group * size):
        return (
            f"the intermediate size {shape.intermediate} cannot be divided over {size} GPUs "
            f"in {quantization} groups of {shape.quantization_group}"
        )
    if quantization == "bitsandbytes" and size > 1:
        return "vLLM does not divide a bitsandbytes checkpoint over GPUs"
    return None


def possible_sizes(shape: ModelShape, quantization: Quantization) -> tuple[int, ...]:
    """Return which of 1, 2, 4 and 8 GPUs a model can be divided over."""
    return tuple(size for size in (1, 2, 4, 8) if parallelism_refusal(shape, quantization, size) is None)
