"""How fast do the GPUs of one machine exchange what tensor parallelism makes them add up?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.catalogue.gpus import Gpu
    from components.catalogue.models import ModelShape

NVLINK_GB_PER_S = {
    "A100-40GB": 300,
    "A100-80GB": 300,
    "B200": 900,
    "GH200": 450,
    "H100": 450,
    "H200": 450,
    "V100-16GB": 150,
    "V100-32GB": 150,
}
"""GB per second in one direction of cards that NVLink joins, all to all; every other card goes over PCIe.

Source: NVIDIA datasheets, which print both directions together (recalled, 2026-11). Cards with a bridge between pairs
(A100 and H100 PCIe, H100 NVL) are counted as PCIe: whether a machine has bridges is not known.
"""

_SUMS_PER_LAYER = 2
"""One after attention, one after the feed-forward part."""
_BYTES = 2


def nvlink_gb_per_s(gpu: Gpu) -> float | None:
    """Return the NVLink of a GPU in one direction, None when its machines have PCIe alone."""
    return NVLINK_GB_PER_S.get(gpu.name)


def sums_per_step(shape: ModelShape, tensor_parallel_size: int) -> int:
    """Return how often the GPUs add up their parts for one step; none when there is one GPU."""
    return _SUMS_PER_LAYER * shape.layers if tensor_parallel_size > 1 else 0


def exchanged_bytes_per_token(shape: ModelShape, tensor_parallel_size: int) -> float:
    """Return the bytes that each GPU sends for one token: a ring passes 2 (t - 1) / t of each sum.

    Llama 3.1 70B on 4 GPUs: 2 sums * 80 layers * 8,192 * 2 bytes * 1.5 = 3.9 MB.
    """
    size = tensor_parallel_size
    return sums_per_step(shape, size) * shape.hidden * _BYTES * 2 * (size - 1) / size
