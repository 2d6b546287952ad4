"""Are the tokens per second right that a guide prints for a 3B model in 4 bit on consumer cards?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bench.measured import cards
from bench.prediction import stored
from bench.printed.finding import Figure, Finding, figure
from bench.printed.known import shape_of
from bench.printed.sizes import LLAMA_3B
from components.sizing.roofline import stream_tokens_per_second, weights_read_bytes
from components.sizing.throughput import spread

if TYPE_CHECKING:
    from collections.abc import Callable

_BASELINE = "RTX-3050"


def _tokens_per_s(gpu: str) -> tuple[float, float]:
    """Return what the arithmetic expects of one stream, and what the bandwidth allows at most."""
    shape, quantization = stored(replace(shape_of(LLAMA_3B), checkpoint_gib=None), "Q4_K_M")
    card = cards()[gpu]
    ceiling = card.bandwidth_gb_per_s * 1e9 / weights_read_bytes(shape, quantization, 1)
    return stream_tokens_per_second(shape, quantization, card, 1), ceiling


def _speed(
    gpu: str, printed: tuple[float, float], speedup: float, ms: float, bandwidth: tuple[float, float]
) -> Finding:
    ours, ceiling = _tokens_per_s(gpu)
    baseline, _ = _tokens_per_s(_BASELINE)
    found = cards()[gpu].bandwidth_gb_per_s
    range_ = spread(shape_of(LLAMA_3B), "none")
    figures = (
        Figure("tokens/s", printed, (ours, ours), tolerance=range_),
        figure("times the RTX-3050", speedup, ours / baseline, tolerance=range_),
        figure("ms per token", ms, 1000 / ours, tolerance=range_),
        Figure("GB/s", bandwidth, (found, found)),
    )
    most = f"reading the weights once for each token allows at most {ceiling:.0f} tokens/s at this bandwidth"
    return Finding(figures, f"{most}; TFLOPS do not bind one stream")


FINDINGS: dict[str, Callable[[], Finding]] = {
    "rtx-3050": partial(_speed, "RTX-3050", (70, 70), 1, 14, (224, 224)),
    "rtx-4070": partial(_speed, "RTX-4070", (280, 320), 4, 3.3, (504, 504)),
    "rtx-5070": partial(_speed, "RTX-5070", (420, 500), 6, 2.2, (600, 700)),
}
