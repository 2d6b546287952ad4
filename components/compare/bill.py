"""Own GPUs or an API: what does each cost at the expected tokens, and from which load on do GPUs win?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.catalogue.apis import hosted_copies
from components.compare.advice import ApiBill, Bill
from components.compare.curve import api_lines, break_even

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.compare.advice import Circumstances
    from components.compare.comparison import Column, Comparison
    from components.compare.curve import Curve


def bill_of(comparison: Comparison, curves: Sequence[Curve], circumstances: Circumstances) -> Bill:
    """Return the bill at the expected load; `curves` are those of the same comparison."""
    own = cheapest(comparison)
    at = own.expected if own else None
    per_hour = comparison.traffics[1].requests_per_hour
    with_people = [_raised(curve, circumstances.operations_usd_per_month) for curve in curves]
    return Bill(
        target=own.target if own else None,
        own_usd_per_month=at.usd_per_month if at else None,
        operations_usd_per_month=circumstances.operations_usd_per_month,
        apis=tuple(
            ApiBill(
                line=line,
                usd_per_month=round(line.usd_per_month(per_hour), 2),
                break_even=break_even(curves, line),
                break_even_with_operations=break_even(with_people, line),
            )
            for line in api_lines(comparison)
        ),
        has_hosted_copy=bool(hosted_copies(comparison.model_id)),
    )


def cheapest(comparison: Comparison) -> Column | None:
    """Return the column that the comparison recommends, else the cheapest with a known price, else None."""
    known = [(at.usd_per_month, column) for column in comparison.planned if (at := column.expected) is not None]
    priced = [(usd, column) for usd, column in known if usd is not None]
    chosen = [column for _, column in priced if column.target == comparison.recommendation.target]
    by_price = [column for _, column in sorted(priced, key=lambda pair: pair[0])]
    return next(iter([*chosen, *by_price]), None)


def _raised(curve: Curve, usd: float) -> Curve:
    return replace(
        curve, points=tuple(replace(point, usd_per_month=point.usd_per_month + usd) for point in curve.points)
    )
