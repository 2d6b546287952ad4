"""What a draft costs, at the declared load and as it grows; and what APIs would charge for the same tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.cost.apis import against_apis
from components.cost.break_even import CostCurve
from components.plan.kept import is_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from components.cost.apis import ApiComparison
    from components.cost.estimate import CostEstimate
    from components.cost.traffic import Traffic
    from components.plan.draft import Draft
    from components.plan.week import Week

_MOST_STEPS = 24
_JUST_BELOW, _JUST_ABOVE = 1 - 1e-9, 1 + 1e-9
"""Of a step, so that no rounding decides on which side of it a load is."""
_LEAST_SCALE = 1e-4
_CONTINUOUS_POINTS = 24


@dataclass(frozen=True, slots=True)
class AtLoad:
    """A service under one multiple of its declared load."""

    week: Week
    traffic: Traffic | None
    cost: CostEstimate


@dataclass(frozen=True, slots=True)
class Priced:
    """What a plan holds of cost."""

    week: Week
    cost: CostEstimate
    apis: ApiComparison | None
    asleep: CostEstimate | None = None
    """Of the same service while it is parked; None where nobody keeps it."""


def priced(
    made: Draft,
    at: Callable[[float], AtLoad],
    scales: Callable[[Week], Iterable[float]],
    asleep: Callable[[], CostEstimate],
) -> Priced:
    """Return the cost at the declared load and while parked, and the break-even with APIs.

    `at` prices a multiple of the declared load, `scales` names the multiples that describe its curve.
    """
    declared = at(1.0)
    curve, loaded = None, declared.traffic is not None and declared.traffic.requests > 0
    if loaded and declared.cost.expected is not None and not made.request.brief:
        curve = _curve(at, scales(declared.week))
    apis = against_apis(
        made.spec.model.id,
        declared.traffic,
        declared.cost.expected,
        curve,
        private_weights=made.spec.model.source == "s3",
    )
    return Priced(declared.week, declared.cost, apis, asleep() if is_kept(made.spec) else None)


def stepwise(most_replicas: int, requests_per_hour: float) -> Callable[[Week], list[float]]:
    """Return the multiples at which a whole replica more is needed, each from below and from above.

    `requests_per_hour` is what one replica finishes.
    """

    def scales(week: Week) -> list[float]:
        counts = range(1, most_replicas + 1)
        steps = sorted({count * requests_per_hour / rate for rate in _awake_rates(week) for count in counts})
        if not steps:
            return []
        if len(steps) > _MOST_STEPS:
            steps = [steps[round(index * (len(steps) - 1) / (_MOST_STEPS - 1))] for index in range(_MOST_STEPS)]
        sides = [step * side for step in steps for side in (_JUST_BELOW, _JUST_ABOVE)]
        return [_LEAST_SCALE * steps[0], *sides]

    return scales


def smooth(most_replicas: int, requests_per_hour: float) -> Callable[[Week], list[float]]:
    """Return multiples from next to nothing to all that the most replicas finish, each larger by the same factor."""

    def scales(week: Week) -> list[float]:
        rates = _awake_rates(week)
        if not rates:
            return []
        full = most_replicas * requests_per_hour
        first, last = _LEAST_SCALE * full / max(rates), full / min(rates)
        factor = (last / first) ** (1 / (_CONTINUOUS_POINTS - 1))
        return [first * factor**index for index in range(_CONTINUOUS_POINTS)]

    return scales


def _awake_rates(week: Week) -> set[float]:
    """Return the requests per hour of the hours in which somebody answers."""
    hours = zip(week.requests or (0.0,) * len(week.awake), week.awake, strict=True)
    return {rate for rate, awake in hours if rate > 0 and awake > 0}


def _curve(at: Callable[[float], AtLoad], scales: Iterable[float]) -> CostCurve | None:
    found = [at(scale) for scale in scales]
    points = [
        (load.traffic.million_tokens, load.cost.expected)
        for load in found
        if load.traffic is not None and load.cost.expected is not None
    ]
    return CostCurve(tuple(points)) if points else None
