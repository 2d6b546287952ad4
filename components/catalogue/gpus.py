"""What each GPU can do: memory that vLLM can use, compute capability, bandwidth, arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from components.catalogue.tables import optional_float, read_table


@dataclass(frozen=True, slots=True)
class Gpu:
    """One row of `gpus.csv`. `usable_gib` is what EC2 reports, for other cards CUDA; below the marketing figure."""

    name: str
    vendor: str
    compute_capability: float | None
    vram_gib: float
    usable_gib: float | None
    bandwidth_gb_per_s: float
    fp16_tflops: float
    fp8_tflops: float | None
    source: str
    as_of: str


@cache
def gpus() -> dict[str, Gpu]:
    """Return every GPU of the catalogue by name."""
    return {
        row["gpu"]: Gpu(
            name=row["gpu"],
            vendor=row["vendor"],
            compute_capability=optional_float(row["compute_capability"]),
            vram_gib=float(row["vram_gib"]),
            usable_gib=optional_float(row["usable_gib"]),
            bandwidth_gb_per_s=float(row["bandwidth_gb_per_s"]),
            fp16_tflops=float(row["fp16_tflops"]),
            fp8_tflops=optional_float(row["fp8_tflops"]),
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("gpus")
    }


@cache
def _names_by_key() -> dict[str, str]:
    return {_key(name): name for name in gpus()}


def _key(name: str) -> str:
    return name.lower().replace(" ", "").replace("-", "").replace("_", "")


def gpu_name(text: str) -> str | None:
    """Return the catalogue's spelling of a GPU's name, whatever its case, dashes and spaces.

    >>> gpu_name("l40s"), gpu_name("a100 80gb"), gpu_name("L400")
    ('L40S', 'A100-80GB', None)
    """
    return _names_by_key().get(_key(text))


def names_starting_with(text: str) -> list[str]:
    """Return the names that begin with `text`: the choices behind a name that is not exact enough.

    >>> names_starting_with("A100")
    ['A100-40GB', 'A100-80GB', 'A100-80GB-PCIe']
    """
    return sorted(name for key, name in _names_by_key().items() if key.startswith(_key(text)))
