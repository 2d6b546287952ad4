"""What did a service or a stack cost, what will it, and how much of the difference is the change's own?

Before is what the deployed state recorded. Priced again with today's tables, it tells a change of the spec from one of
the prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.cost.estimate import CostEstimate, CostLine, OneOffCost
from components.cost.together import together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Amounts:
    """USD per month; None where a price is unknown."""

    floor: float | None
    expected: float | None
    max: float | None


NOTHING = Amounts(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class CostChange:
    """`before` is None where there was nothing to compare with; `repriced` where it could not be priced again."""

    before: Amounts | None
    repriced: Amounts | None
    after: Amounts
    priced_before: str | None = None
    """Date of the price tables that `before` was made with."""
    priced_after: str | None = None

    @property
    def difference(self) -> float | None:
        """USD per month, as expected."""
        return _minus(self.after, self.before)

    @property
    def by_prices(self) -> float | None:
        """How much of the difference is from price tables, and from what Berth computes otherwise by now."""
        return None if self.before is None else _minus(self.repriced, self.before)

    @property
    def by_change(self) -> float | None:
        """How much of the difference is from specs and stack files."""
        return None if self.before is None else _minus(self.after, self.repriced)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A rise must exceed both to need approval."""

    percent: float = 10.0
    usd: float = 50.0


def estimate_of(outputs: Mapping[str, Any]) -> CostEstimate:
    """Return the estimate that a service registered."""
    return CostEstimate(
        floor=outputs.get("floor"),
        expected=outputs.get("expected"),
        max=outputs.get("max"),
        usd_per_million_tokens=outputs.get("usdPerMillionTokens"),
        lines=tuple(
            CostLine(
                line["name"],
                line.get("floor"),
                line.get("expected"),
                line.get("max"),
                line.get("basis") or "",
                bool(line.get("shared")),
            )
            for line in outputs.get("lines") or ()
        ),
        assumptions=tuple(outputs.get("assumptions") or ()),
        price_table_date=str(outputs.get("priceTableDate") or ""),
        unknowns=tuple(outputs.get("unknowns") or ()),
        one_off=tuple(
            OneOffCost(one["name"], one.get("usd"), one.get("basis") or "") for one in outputs.get("oneOff") or ()
        ),
    )


def amounts(estimate: CostEstimate) -> Amounts:
    """Return the totals of one service."""
    return Amounts(estimate.floor, estimate.expected, estimate.max)


def of_stack(estimates: Iterable[CostEstimate]) -> Amounts:
    """Return the totals of several services, with what they share counted once."""
    whole = together(estimates)
    return Amounts(whole.floor, whole.expected, whole.max)


def rise_problem(cost: CostChange, tolerance: Tolerance) -> str | None:
    """Return why the cost of a stack needs approval, None when it does not.

    Prices that rise by themselves need none: no review undoes them. Where they cannot be told apart, all counts.

    >>> rise_problem(CostChange(Amounts(0, 100, 0), Amounts(0, 100, 0), Amounts(0, 300, 0)), Tolerance(10, 50))
    '300.00 USD per month is 200.00 (+200%) above 100.00; the tolerance is 10% and 50.00 USD'
    """
    if cost.before is None:
        return None
    base = cost.repriced or cost.before
    if cost.after.expected is None:
        return None if base.expected is None else "what it will cost is unknown, because a price is"
    if base.expected is None:
        return "what it has cost is unknown, so the rise is too"
    rise = round(cost.after.expected - base.expected, 2)
    if rise <= tolerance.usd or rise <= base.expected * tolerance.percent / 100:
        return None
    percent = f" (+{rise / base.expected:.0%})" if base.expected else ""
    return (
        f"{cost.after.expected:,.2f} USD per month is {rise:,.2f}{percent} above {base.expected:,.2f}; "
        f"the tolerance is {tolerance.percent:g}% and {tolerance.usd:,.2f} USD"
    )


def _minus(left: Amounts | None, right: Amounts | None) -> float | None:
    if left is None or right is None or left.expected is None or right.expected is None:
        return None
    return round(left.expected - right.expected, 2)
