"""Which small changes of a spec would let a model fit less hardware: a shorter context, fp8, a smaller checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from components.plan.candidates import Workload, size_accelerator
from components.sizing.weights import weights_gib

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from components.catalogue.models import Quantization
    from components.plan.market import Market
    from components.plan.model import Hardware
    from components.spec.values import Accelerator

_MOST_KEPT = 1024
_SMALLER: dict[Quantization, tuple[Quantization, ...]] = {"none": ("fp8", "awq"), "fp8": ("awq",), "int8": ("awq",)}
_CHECKPOINTS: dict[Quantization, str] = {"fp8": "an FP8 checkpoint", "awq": "a 4-bit (AWQ or GPTQ) checkpoint"}


@dataclass(frozen=True, slots=True)
class Change:
    """One way to ask for less: what to write, and the workload that follows from it."""

    text: str
    workload: Workload
    names_context: bool = False
    """Whether the context that fits is part of what to write."""

    def on(self, hardware: Hardware) -> str:
        """Return what to write for one hardware."""
        return f"{self.text}: {hardware.fit.max_context_tokens}" if self.names_context else self.text


def changes(workload: Workload, market: Market) -> Iterator[Change]:
    """Yield what would take less memory, the least change first."""
    if workload.max_context_tokens is not None:
        shorter = replace(workload, max_context_tokens=None)
        yield Change("model.max_context_tokens", shorter, names_context=True)
    if workload.stored == "none" and workload.quantization == "none" and _can_serve("fp8", workload, market):
        yield Change("model.quantization: fp8", replace(workload, quantization="fp8"))
    for quantization in _SMALLER.get(workload.stored, ()):
        if _can_serve(quantization, workload, market):
            yield Change(_CHECKPOINTS[quantization], stored_as(workload, quantization))


def stored_as(workload: Workload, quantization: Quantization) -> Workload:
    """Return the workload of a checkpoint of the same model that is stored in another quantization."""
    shape = replace(workload.shape, checkpoint_gib=None)
    return replace(
        workload,
        shape=shape,
        quantization=quantization,
        stored=quantization,
        checkpoint_gib=weights_gib(shape, quantization),
    )


def carriers(change: Change, accelerators: Iterable[Accelerator], market: Market) -> list[Hardware]:
    """Return what of some accelerators carries a changed workload safely at a known price, the cheapest first."""
    return list(_carriers(change.workload, tuple(accelerators), market))


@lru_cache(maxsize=_MOST_KEPT)
def _carriers(workload: Workload, accelerators: tuple[Accelerator, ...], market: Market) -> tuple[Hardware, ...]:
    sized = [size_accelerator(row, workload, market).hardware for row in accelerators]
    safe = [row for row in sized if row is not None and row.fit.verdict == "fits" and row.usd_per_hour is not None]
    return tuple(sorted(safe, key=lambda row: (row.usd_per_hour or 0.0, row.instance_type)))


def _can_serve(quantization: Quantization, workload: Workload, market: Market) -> bool:
    return market.weights_refusal(workload.shape, quantization) is None
