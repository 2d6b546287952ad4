"""Which public measurements are predictions compared with, in which class, and which of them were factors fitted to?"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from components.catalogue.gpus import Gpu, gpus

DATA = Path(__file__).resolve().parents[1] / "tests" / "data"

FITTED_GPUS = frozenset({"A100-80GB", "H200", "L40S", "RTX-PRO-6000"})
"""Factors are fitted on one card of each generation: Ampere, Hopper, Ada on PCIe, Blackwell."""

HELD_OUT_MODELS = frozenset(
    {"Qwen/Qwen3-30B-A3B", "mistralai/Mixtral-8x7B-Instruct-v0.1", "mistralai/Mixtral-8x22B-Instruct-v0.1"}
)
"""Mixtures that no factor is fitted to, on whatever card."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One published measurement. `concurrency` is None under as much load as the engine takes."""

    model: str
    quantization: str
    gpu: str
    gpu_count: int
    parallelism: str
    engine: str
    concurrency: int | None
    input_tokens: int | None
    output_tokens: int | None
    tokens_per_s: float
    ttft_seconds: float | None
    source: str
    as_of: str

    @property
    def fitted(self) -> bool:
        """Whether factors may be fitted to it: whole cards and whole mixtures are left out."""
        return self.gpu in FITTED_GPUS and self.model not in HELD_OUT_MODELS


@cache
def measurements() -> tuple[Measured, ...]:
    """Return the rows of both tables. Where a newer version measured the same, the older rows are not in them."""
    return tuple(_measured(row) for name in ("throughput", "throughput_2025_02") for row in _rows(name))


def left_out(row: Measured) -> str | None:
    """Return why a row is compared with nothing, None when it is."""
    if row.parallelism == "layer split":
        return "layers divided between cards that work in turn: not a way that a service is planned"
    if "PP" in row.parallelism:
        return "pipeline parallel: not a way that a service is planned"
    if not row.gpu:
        return "the card is not named"
    if row.quantization == "Q4_K_M" and row.model.startswith("google/gemma"):
        return "the size of the file is not known: a third of the model is its embedding"
    return None


@cache
def cards() -> dict[str, Gpu]:
    """Return the catalogue's cards, and those that only measurements name: of these the bandwidth alone is known."""
    return gpus() | {
        row["gpu"]: Gpu(
            name=row["gpu"],
            vendor="NVIDIA",
            compute_capability=None,
            vram_gib=float(row["vram_gib"]),
            usable_gib=None,
            bandwidth_gb_per_s=float(row["bandwidth_gb_per_s"]),
            fp16_tflops=float("inf"),
            fp8_tflops=None,
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in _rows("consumer_cards")
    }


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _measured(row: dict[str, str]) -> Measured:
    ttft = row["ttft_ms"]
    return Measured(
        model=row["model"],
        quantization=row["quantization"],
        gpu=row["gpu"],
        gpu_count=int(row["gpu_count"]),
        parallelism=row["parallelism"],
        engine=row["engine"],
        concurrency=None if row["concurrency"] == "max load" else int(row["concurrency"]),
        input_tokens=_whole(row["input_tokens"]),
        output_tokens=_whole(row["output_tokens"]),
        tokens_per_s=float(row["output_tokens_per_s"] or row["stream_tokens_per_s"]),
        ttft_seconds=float(ttft) / 1000 if ttft else None,
        source=row["source"],
        as_of=row["as_of"],
    )


def _whole(text: str) -> int | None:
    return int(text) if text else None
