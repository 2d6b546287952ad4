"""How much memory a model's weights take, in the checkpoint and on each GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape, Quantization

GIB = 2**30

BITS_PER_WEIGHT: dict[Quantization, float] = {
    "none": 16,
    "fp8": 8,
    "int8": 8.125,
    "awq": 4.15625,
    "gptq": 4.15625,
    "nvfp4": 4.5,
    "mxfp4": 4.25,
    "bitsandbytes": 4.5,
}
"""Effective bits of a linear layer's weight with scales and zeros; int4 and int8 in groups of 128."""


def embedding_parameters(shape: ModelShape) -> float:
    """Return the parameters of the input embedding and the output head, which stay 16 bit when quantized.

    Llama 3.1 8B: 2 * 128,256 * 4,096 = 1.05 billion.
    """
    return shape.vocab * shape.hidden * (1 if shape.tied_embeddings else 2)


def weights_gib(shape: ModelShape, quantization: Quantization) -> float:
    """Return the GiB of all weights together, as stored and as loaded.

    A checkpoint whose published size is in the catalogue is taken as it is: its layers are quantized unevenly.
    """
    if shape.checkpoint_gib is not None:
        return shape.checkpoint_gib
    embeddings = embedding_parameters(shape)
    linear = shape.parameters_b * 1e9 - embeddings
    return (linear * BITS_PER_WEIGHT[quantization] / 8 + embeddings * 2) / GIB
