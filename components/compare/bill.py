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
    from components.compare.comparison import Comparison
    from components.compare.curve import Curve, CurvePoint


def bill_of(comparison: Comparison, curves: Sequence[Curve], circumstances: Circumstances) -> Bill:
    """Return the bill at the expected load, on the target that the comparison recommends, else on the cheapest.

    `curves` are those of the same comparison. Own GPUs and APIs answer the same requests: where the replicas of the
    spec do not hold the load, more of them are priced.
    """
    per_hour = comparison.traffics[1].requests_per_hour
    found = [(curve, point) for curve in curves if (point := _at(curve, per_hour)) is not None]
    recommended = [pair for pair in found if pair[0].target == comparison.recommendation.target]
    own, at = min(recommended or found, key=lambda pair: pair[1].usd_per_month, default=(None, None))
    alone = [own] if own else []
    with_people = [_raised(curve, circumstances.operations_usd_per_month) for curve in alone]
    return Bill(
        target=own.target if own else None,
        own_usd_per_month=at.usd_per_month if at else None,
        operations_usd_per_month=circumstances.operations_usd_per_month,
        apis=tuple(
            ApiBill(
                line=line,
                usd_per_month=round(line.usd_per_month(per_hour), 2),
                break_even=break_even(alone, line),
                break_even_with_operations=break_even(with_people, line),
            )
            for line in api_lines(comparison)
        ),
        has_hosted_copy=bool(hosted_copies(comparison.model_id)),
        within_limits=at is None or at.within_limits,
    )


def _at(curve: Curve, requests_per_hour: float) -> CurvePoint | None:
    """Return the point at one of the three loads, which are among those of every curve; None beyond its end."""
    return next((point for point in curve.points if point.requests_per_hour == requests_per_hour), None)


def _raised(curve: Curve, usd: float) -> Curve:
    return replace(
        curve, points=tuple(replace(point, usd_per_month=point.usd_per_month + usd) for point in curve.points)
    )
