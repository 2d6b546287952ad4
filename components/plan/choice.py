"""Which accelerator serves: the first of the ordered ones that fits, or the cheapest that fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from components.errors import PlanError
from components.plan.candidates import Sized, Workload, accelerators_of, size_accelerator
from components.plan.model import Hardware, Rejection

if TYPE_CHECKING:
    from components.plan.market import Market
    from components.spec.values import Accelerator

_FALLBACKS_OF_AUTO = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """The hardware in use, what a lack of it falls back to, and what was refused."""

    hardware: Hardware
    fallbacks: tuple[Hardware, ...]
    rejected: tuple[Rejection, ...]
    reason: str


def choose(
    accelerators: Literal["auto"] | tuple[Accelerator, ...], workload: Workload, market: Market, what: str
) -> Choice:
    """Return the hardware of a replica; `PlanError` with both sides of each refusal when nothing fits.

    What fits safely comes before what fits marginally.
    """
    if accelerators == "auto":
        return _cheapest(workload, market, what)
    sized = [size_accelerator(accelerator, workload, market) for accelerator in accelerators]
    fitting = [found.hardware for found in sized if found.hardware is not None]
    if not fitting:
        raise PlanError(_nothing_fits(what, market.place, sized, cheapest_that_fits(workload, market)))
    chosen = next((hardware for hardware in fitting if hardware.fit.verdict == "fits"), fitting[0])
    passed_over = fitting[: fitting.index(chosen)]
    return Choice(
        hardware=chosen,
        fallbacks=tuple(hardware for hardware in fitting if hardware is not chosen and hardware not in passed_over),
        rejected=(*_rejections(sized), *(_marginal(hardware) for hardware in passed_over)),
        reason=f"first of {', '.join(map(str, accelerators))} that fits" if accelerators[1:] else "as the spec asks",
    )


def cheapest_that_fits(workload: Workload, market: Market) -> Hardware | None:
    """Return the cheapest hardware of a market that carries the workload, None when none does."""
    ranked = _ranked([size_accelerator(accelerator, workload, market) for accelerator in accelerators_of(market)])
    return ranked[0] if ranked else None


def _cheapest(workload: Workload, market: Market, what: str) -> Choice:
    sized = [size_accelerator(accelerator, workload, market) for accelerator in accelerators_of(market)]
    ranked = _ranked(sized)
    if not ranked:
        raise PlanError(_nothing_fits(what, market.place, sized, None))
    return Choice(
        hardware=ranked[0],
        fallbacks=tuple(ranked[1 : 1 + _FALLBACKS_OF_AUTO]),
        rejected=tuple(_cheaper(_rejections(sized), ranked[0], market)),
        reason=f"cheapest that fits in {market.place}",
    )


def _cheaper(rejections: list[Rejection], chosen: Hardware, market: Market) -> list[Rejection]:
    """Return the refusals that explain the choice: of what costs less, and of each GPU in its largest number."""
    if chosen.usd_per_hour is None:
        return rejections
    prices = [(market.price(row.instance_type), row) for row in rejections if row.instance_type]
    cheaper = [row for price, row in prices if price is not None and price < chosen.usd_per_hour]
    largest = {row.accelerator.partition(":")[0]: row.accelerator for row in cheaper}
    return [row for row in cheaper if row.accelerator in largest.values()]


def _ranked(sized: list[Sized]) -> list[Hardware]:
    """Return what fits, the safe before the marginal, the cheap before the dear, the unpriced last."""
    fitting = [found.hardware for found in sized if found.hardware is not None]
    return sorted(
        fitting,
        key=lambda row: (row.fit.verdict != "fits", row.usd_per_hour is None, row.usd_per_hour or 0, row.instance_type),
    )


def _rejections(sized: list[Sized]) -> list[Rejection]:
    return [rejection for found in sized for rejection in found.rejections]


def _marginal(hardware: Hardware) -> Rejection:
    return Rejection(hardware.accelerator, hardware.instance_type, f"marginal: {hardware.fit.reason}")


def _nothing_fits(what: str, place: str, sized: list[Sized], other: Hardware | None) -> str:
    lines = [f"{what} fits none of the accelerators in {place}:"]
    for found in sized:
        last = found.rejections[-1]
        where = f" ({last.instance_type})" if last.instance_type else ""
        lines.append(f"  {last.accelerator}{where}: {last.reason}")
    if other is None:
        lines.append("  nothing that the catalogue knows there fits; use a smaller model or context, a quantized "
                     "checkpoint, or another region")  # fmt: skip
    else:
        price = "price unknown" if other.usd_per_hour is None else f"{other.usd_per_hour:.2f} USD per hour"
        lines.append(
            f"  cheapest that would fit: {other.accelerator} ({other.instance_type}, {price}); "
            f"add {other.accelerator} to accelerators"
        )
    return "\n".join(lines)
