"""The chart of GPU memory: for each target what weights, runtime and cache take of one GPU, and what is kept free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.compare.comparison import TARGET_NAMES
from components.compare.svg import element, picture, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.plan.model import Plan

_BAR = 30
_PITCH = 66
_CHARACTER = 7.2
_TITLE = "Memory of one GPU in GiB: weights, runtime, cache and what is kept free"
PARTS = ("weights", "runtime", "cache", "kept free")


@dataclass(frozen=True, slots=True)
class MemoryFrame:
    """The size of the chart in pixels."""

    name: str
    width: float


WIDE = MemoryFrame("memory-wide", 760)
NARROW = MemoryFrame("memory-narrow", 360)


def memory_gib(plan: Plan) -> tuple[float, float, float, float]:
    """Return the parts of one GPU's memory in the order of `PARTS`; together they are what is usable."""
    fit = plan.hardware.fit
    return fit.weights_gib, fit.runtime_gib, max(0.0, fit.kv_free_gib), fit.usable_gib - fit.budget_gib


def memory_chart(plans: Sequence[Plan], frame: MemoryFrame) -> str:
    """Return the chart as SVG, one bar for each plan on one scale; empty without a plan."""
    if not plans:
        return ""
    most = max(plan.hardware.fit.usable_gib for plan in plans)
    parts = [part for index, plan in enumerate(plans) for part in _bar(plan, index * _PITCH, frame.width / most)]
    height = _PITCH * len(plans) - 10
    return picture(parts, width=frame.width, height=height, title=_TITLE, name=frame.name, kind=frame.name)


def _bar(plan: Plan, top: float, pixels_per_gib: float) -> Iterator[str]:
    hardware = plan.hardware
    gpus = f"{hardware.gpu}" if hardware.gpu_count == 1 else f"each of {hardware.gpu_count} {hardware.gpu}"
    label = f"{TARGET_NAMES[plan.target]}: {gpus}, {hardware.fit.usable_gib:.2f} GiB"
    yield element("text", text(label), x=0, y=top + 14, class_="name")
    x = 0.0
    for name, gib in zip(PARTS, memory_gib(plan), strict=True):
        width = gib * pixels_per_gib
        title = element("title", text(f"{name} {gib:.2f} GiB"))
        kind = f"part {name.replace(' ', '-')}"
        yield element("rect", title, x=x, y=top + 22, width=max(0.0, width - 1), height=_BAR, class_=kind)
        words = next((words for words in (f"{name} {gib:.1f}", f"{gib:.1f}") if len(words) * _CHARACTER < width), "")
        if words:
            place = {"x": x + width / 2, "y": top + 22 + _BAR / 2 + 4}
            yield element("text", text(words), **place, text_anchor="middle", class_=f"on {name.replace(' ', '-')}")
        x += width
