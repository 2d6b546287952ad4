"""What does each target cost over a wide range of loads, and from which load on is it cheaper than an API?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from components.catalogue.apis import hosted_copies, named_apis
from components.compare.at_load import at_load, awake
from components.cost.estimate import HOURS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from components.catalogue.apis import ApiPrice
    from components.compare.comparison import AtLoad, Candidate, Comparison
    from components.compare.traffic import Traffic
    from components.plan.model import Target
    from components.spec.service import ServiceSpec

_MOST_REPLICAS = 100
"""The most that a spec may allow."""
NAMED_API = "gpt-4o"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a curve goes below the least and above the greatest of the three loads, and how finely."""

    factor: float
    steps_per_tenfold: int


CHART = Reach(3.0, 12)
BREAK_EVEN = Reach(100.0, 10)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """USD per month at one load; `within_limits` is False where scaling.max_replicas had to be raised to serve it."""

    requests_per_hour: float
    usd_per_month: float
    within_limits: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """The cost of one target by load, as far as 100 replicas serve it."""

    target: Target
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class ApiLine:
    """What an API charges for the requests that are answered; `label` is short, `name` says what it is.

    `answered_share` is that of the requests which find the service awake: nobody bills the others.
    """

    label: str
    name: str
    usd_per_request: float
    answered_share: float = 1.0

    def usd_per_month(self, requests_per_hour: float) -> float:
        """Return what a mean load costs in a month of 730 hours.

        >>> ApiLine("acme", "this model at acme", 0.001).usd_per_month(1000)
        730.0
        """
        return self.usd_per_request * requests_per_hour * HOURS_PER_MONTH * self.answered_share


def curves(comparison: Comparison, candidates: Sequence[Candidate], today: date, reach: Reach) -> tuple[Curve, ...]:
    """Return a curve for each target that can serve the spec."""
    rates = _rates(comparison.traffics, reach)
    planned = {column.target for column in comparison.planned}
    return tuple(
        Curve(one.target, tuple(_points(awake(one), comparison, rates, today)))
        for one in candidates
        if one.target in planned
    )


def api_lines(comparison: Comparison) -> tuple[ApiLine, ...]:
    """Return the cheapest and the dearest hosted copy of the model, and one API that every reader knows."""
    traffic, awake_share = comparison.traffics[1], 1 - comparison.missed_share

    def usd(price: ApiPrice) -> float:
        return price.usd(traffic.input_tokens, traffic.output_tokens)

    def line(price: ApiPrice, label: str, name: str) -> ApiLine:
        return ApiLine(f"{label} API", name, usd(price), awake_share)

    copies = sorted(hosted_copies(comparison.model_id), key=usd)
    ends = [copies[0], copies[-1]] if copies[1:] else copies
    known = [price for price in named_apis() if price.model == NAMED_API]
    return (
        *(line(price, price.provider, f"this model at {price.provider}") for price in ends),
        *(line(price, price.model, price.model) for price in known),
    )


def break_even(found: Sequence[Curve], line: ApiLine) -> float | None:
    """Return from how many requests per hour on the cheapest target costs less than an API.

    Interpolated between the points of the curves; 0 where that is so over the whole range, None where nowhere.

    >>> flat = Curve("ecs", (CurvePoint(100, 730.0, True), CurvePoint(1000, 730.0, True)))
    >>> break_even([flat], ApiLine("acme API", "acme", 0.002)), break_even([flat], ApiLine("acme API", "acme", 0.0005))
    (500.0, None)
    """
    by_rate: dict[float, float] = {}
    for point in (point for curve in found for point in curve.points):
        by_rate[point.requests_per_hour] = min(point.usd_per_month, by_rate.get(point.requests_per_hour, math.inf))
    gaps = [(rate, usd - line.usd_per_month(rate)) for rate, usd in sorted(by_rate.items())]
    if gaps and all(gap <= 0 for _, gap in gaps):
        return 0.0
    for (low, before), (high, after) in pairwise(gaps):
        if before > 0 >= after:
            # What a replica costs does not follow the load, what an API costs does: both are straight in between.
            return low + (high - low) * before / (before - after)
    return None


def _rates(traffics: Sequence[Traffic], reach: Reach) -> tuple[float, ...]:
    """Return the loads of a curve, evenly apart on a logarithmic scale, the declared ones among them."""
    low, high = traffics[0].requests_per_hour / reach.factor, traffics[-1].requests_per_hour * reach.factor
    steps = math.ceil(math.log10(high / low) * reach.steps_per_tenfold)
    even = [low * (high / low) ** (step / steps) for step in range(steps + 1)]
    return tuple(sorted({*even, *(traffic.requests_per_hour for traffic in traffics)}))


def _points(candidate: Candidate, comparison: Comparison, rates: Sequence[float], today: date) -> list[CurvePoint]:
    lifted = replace(candidate, spec=_lifted(candidate))
    middle = comparison.traffics[1]
    found: list[CurvePoint] = []
    within = True
    for rate in rates:
        traffic = replace(middle, requests_per_hour=rate)
        at = at_load(candidate if within else lifted, traffic, comparison.region, today)
        if within and not _is_priced(at):
            # What is too much for the replicas at one load is too much at every greater one.
            within, at = False, at_load(lifted, traffic, comparison.region, today)
        if not _is_priced(at) or at.usd_per_month is None:
            break
        found.append(CurvePoint(rate, at.usd_per_month, within))
    return found


def _lifted(candidate: Candidate) -> ServiceSpec:
    scaling = candidate.spec.scaling.model_copy(update={"max_replicas": _MOST_REPLICAS})
    return candidate.spec.model_copy(update={"scaling": scaling})


def _is_priced(at: AtLoad) -> bool:
    return at.is_served and at.usd_per_month is not None
