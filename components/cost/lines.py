"""How the lines of an estimate are computed: three amounts at once, where an unknown price stays unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.catalogue.prices import price_table_date
from components.cost.estimate import CostEstimate, CostLine, OneOffCost, total

if TYPE_CHECKING:
    from components.cost.traffic import Traffic

Three = tuple[float | None, float | None, float | None]
"""At the floor, as expected, at most."""


def summed(
    lines: tuple[CostLine, ...],
    *,
    traffic: Traffic | None,
    assumptions: tuple[str, ...],
    unknowns: tuple[str, ...],
    one_off: tuple[OneOffCost, ...] = (),
) -> CostEstimate:
    """Return the estimate that these lines add up to."""
    expected = total([part.expected for part in lines])
    tokens = traffic.million_tokens if traffic else 0.0
    return CostEstimate(
        floor=total([part.floor for part in lines]),
        expected=expected,
        max=total([part.max for part in lines]),
        usd_per_million_tokens=None if expected is None or not tokens else round(expected / tokens, 4),
        lines=lines,
        assumptions=assumptions,
        price_table_date=price_table_date().isoformat(),
        unknowns=unknowns,
        one_off=one_off,
    )


def beside(
    estimate: CostEstimate,
    lines: tuple[CostLine, ...],
    *,
    region: str,
    traffic: Traffic | None,
    assumptions: tuple[str, ...],
) -> CostEstimate:
    """Return an estimate with the lines of something that stands beside its target, and what they rest on."""
    unknown = tuple(f"price of {part.name} in {region}" for part in lines if part.floor is None)
    both = summed(
        (*estimate.lines, *lines),
        traffic=traffic,
        assumptions=(*estimate.assumptions, *assumptions),
        unknowns=(*estimate.unknowns, *unknown),
        one_off=estimate.one_off,
    )
    return replace(both, price_table_date=estimate.price_table_date)


def line(name: str, three: Three, basis: str, *, shared: bool = False) -> CostLine:
    """Return a line of an estimate, rounded to cents."""
    floor, expected, most = (None if usd is None else round(usd, 2) for usd in three)
    return CostLine(name, floor, expected, most, basis, shared)


def once(name: str, usd: float | None, basis: str) -> OneOffCost:
    """Return what is paid with the first start alone, rounded to cents."""
    return OneOffCost(name, None if usd is None else round(usd, 2), basis)


def times(usd: float | None, quantity: float) -> float | None:
    return None if usd is None else usd * quantity


def added(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left + right


def priced(quantities: Three, usd: float | None) -> Three:
    low, middle, high = (None if quantity is None else times(usd, quantity) for quantity in quantities)
    return low, middle, high


def plus(three: Three, usd: float | None) -> Three:
    low, middle, high = (added(part, usd) for part in three)
    return low, middle, high


def three_of(one: Three, other: Three) -> Three:
    low, middle, high = (added(left, right) for left, right in zip(one, other, strict=True))
    return low, middle, high


def each(quantities: Three, per_one: tuple[float, float, float]) -> Three:
    low, middle, high = (
        None if quantity is None else quantity * one for quantity, one in zip(quantities, per_one, strict=True)
    )
    return low, middle, high


def constant(usd: float | None) -> Three:
    return usd, usd, usd
