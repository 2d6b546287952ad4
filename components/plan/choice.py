"""Which accelerator serves: the first of the ordered ones that fits, or the cheapest that fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from components.errors import PlanError
from components.plan.candidates import Sized, Workload, accelerators_of, size_accelerator, size_all
from components.plan.changes import carriers, changes
from components.plan.model import Hardware, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from components.plan.market import Market
    from components.spec.values import Accelerator

_FALLBACKS_OF_AUTO = 3
_MOST_FIXES = 3


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
    everything = size_all(workload, market)
    if accelerators == "auto":
        return _cheapest(everything, workload, market, what)
    sized = [size_accelerator(accelerator, workload, market) for accelerator in accelerators]
    fitting = [found.hardware for found in sized if found.hardware is not None]
    ranked = _ranked(everything)
    if not fitting:
        raise PlanError(_nothing_fits(what, sized, workload, market, accelerators, ranked[0] if ranked else None))
    chosen = next((hardware for hardware in fitting if hardware.fit.verdict == "fits"), fitting[0])
    passed_over = fitting[: fitting.index(chosen)]
    named = (*_rejections(sized), *(_marginal(hardware) for hardware in passed_over))
    known = {(row.accelerator, row.instance_type) for row in named}
    unnamed = [row for row in _rejections(everything) if (row.accelerator, row.instance_type) not in known]
    return Choice(
        hardware=chosen,
        fallbacks=tuple(hardware for hardware in fitting if hardware is not chosen and hardware not in passed_over),
        rejected=(*named, *(_cheaper(unnamed, chosen, market) if chosen.usd_per_hour is not None else ())),
        reason=_reason(accelerators, chosen, fitting, ranked),
    )


def _cheapest(everything: Sequence[Sized], workload: Workload, market: Market, what: str) -> Choice:
    ranked = _ranked(everything)
    if not ranked:
        raise PlanError(_nothing_fits(what, everything, workload, market, accelerators_of(market), None))
    return Choice(
        hardware=ranked[0],
        fallbacks=tuple(ranked[1 : 1 + _FALLBACKS_OF_AUTO]),
        rejected=tuple(_cheaper(_rejections(everything), ranked[0], market)),
        reason=f"cheapest that fits in {market.place}" if ranked[0].usd_per_hour is not None else _unpriced(market),
    )


def _unpriced(market: Market) -> str:
    return f"fewest GPUs of what fits in {market.place}; nobody publishes its price"


def _reason(
    accelerators: tuple[Accelerator, ...], chosen: Hardware, fitting: list[Hardware], ranked: list[Hardware]
) -> str:
    """Return why an ordered choice is this one, and what fits for less: later in the order, or not in it."""
    asked = f"first of {', '.join(map(str, accelerators))} that fits" if accelerators[1:] else "as the spec asks"
    cheapest, usd = (ranked[0] if ranked else chosen), chosen.usd_per_hour
    less = cheapest.usd_per_hour
    if usd is None or less is None or less >= usd or cheapest.fit.verdict != "fits":
        return asked
    where = "later in the list" if cheapest.accelerator in [row.accelerator for row in fitting] else "not in the list"
    return f"{asked}, though {cheapest.accelerator}, {where}, fits for {less:.4f} USD per hour"


def _cheaper(rejections: list[Rejection], chosen: Hardware, market: Market) -> list[Rejection]:
    """Return the refusals that explain the choice: of what costs less, and of each GPU in its largest number."""
    if chosen.usd_per_hour is None:
        return rejections
    prices = [(market.price(row.instance_type), row) for row in rejections if row.instance_type]
    cheaper = [row for price, row in prices if price is not None and price < chosen.usd_per_hour]
    largest = {row.accelerator.partition(":")[0]: row.accelerator for row in cheaper}
    return [row for row in cheaper if row.accelerator in largest.values()]


def _ranked(sized: Sequence[Sized]) -> list[Hardware]:
    """Return what fits, the safe before the marginal, the cheap before the dear, the unpriced last, small first."""
    fitting = [found.hardware for found in sized if found.hardware is not None]

    def rank(row: Hardware) -> tuple[bool, bool, float, str]:
        usd = row.usd_per_hour
        return row.fit.verdict != "fits", usd is None, row.instance_gpu_count if usd is None else usd, row.instance_type

    return sorted(fitting, key=rank)


def _rejections(sized: Sequence[Sized]) -> list[Rejection]:
    return [rejection for found in sized for rejection in found.rejections]


def _marginal(hardware: Hardware) -> Rejection:
    return Rejection(hardware.accelerator, hardware.instance_type, f"marginal: {hardware.fit.reason}")


def _nothing_fits(
    what: str,
    sized: Sequence[Sized],
    workload: Workload,
    market: Market,
    accelerators: Iterable[Accelerator],
    other: Hardware | None,
) -> str:
    """Return why nothing fits: both sides for each accelerator, the changes that would help, and what fits as it is."""
    lines = [f"{what} fits none of the accelerators in {market.place}:"]
    largest = {found.rejections[-1].accelerator.partition(":")[0]: found for found in sized}
    for found in sized if isinstance(accelerators, tuple) else largest.values():
        last = found.rejections[-1]
        where = f" ({last.instance_type})" if last.instance_type else ""
        lines.append(f"  {last.accelerator}{where}: {last.reason}")
    fixes = list(_fixes(workload, market, accelerators))[:_MOST_FIXES]
    lines += [f"  {_priced(hardware)} would fit with {change}" for change, hardware in fixes]
    if other is not None:
        lines.append(f"  cheapest that would fit: {_priced(other)}; add {other.accelerator} to accelerators")
    elif not fixes:
        place = f", or {market.elsewhere}" if market.elsewhere else ""
        nothing = "nothing that the catalogue knows there fits, with a shorter context or in 4 bit neither"
        lines.append(f"  {nothing}; use a smaller model{place}")
    return "\n".join(lines)


def _fixes(workload: Workload, market: Market, accelerators: Iterable[Accelerator]) -> Iterator[tuple[str, Hardware]]:
    """Yield each change with the cheapest of the accelerators that fits then."""
    listed = list(accelerators)
    for change in changes(workload, market):
        found = carriers(change, listed, market)
        if found:
            yield change.on(found[0]), found[0]


def _priced(hardware: Hardware) -> str:
    usd = hardware.usd_per_hour
    price = "price unknown" if usd is None else f"{usd:.2f} USD per hour"
    return f"{hardware.accelerator} ({hardware.instance_type}, {price})"
