"""What did the first version predict, whose shares of efficiency were set by eye? The figure to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.prediction import case_of
from components.sizing.cache import sequence_bytes
from components.sizing.roofline import weights_read_bytes

if TYPE_CHECKING:
    from bench.measured import Measured

_PARALLEL_SHARE = {1: 1.0, 2: 0.9, 4: 0.8, 8: 0.65}


def first_tokens_per_s(row: Measured) -> float:
    """Return the output tokens per second of a roofline of one bandwidth, with a share for each number of GPUs."""
    case = case_of(row)
    gpu, size = case.gpu, row.gpu_count
    bandwidth = gpu.bandwidth_gb_per_s * 1e9 * size
    if row.concurrency == 1 and row.engine != "TGI 1.0.3":
        read = weights_read_bytes(case.shape, case.quantization, 1)
        return 1 / (read / (bandwidth * 0.8) + 0.0023 + (0.003 if size > 1 else 0))
    known = row.input_tokens is not None and row.output_tokens is not None
    inputs, outputs = (row.input_tokens or 0, row.output_tokens or 1) if known else (0, 1)
    context = inputs + outputs // 2 if known else 1000
    tflops = gpu.fp8_tflops if case.quantization == "fp8" and gpu.fp8_tflops else gpu.fp16_tflops
    flops = tflops * 1e12 * size
    operations = 2 * case.shape.active_parameters_b * 1e9
    cache = case.batch * sequence_bytes(case.cached, context, size) * size
    read = weights_read_bytes(case.shape, case.quantization, case.batch) + cache
    step = max(read / (bandwidth * 0.65), operations * case.batch / (flops * 0.40))
    prefill = operations * inputs / (flops * 0.55)
    share = _PARALLEL_SHARE[size] * (0.45 if case.shape.is_mixture else 1)
    return case.batch * outputs / (outputs * step + case.batch * prefill) * share
