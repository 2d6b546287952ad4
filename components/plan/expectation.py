"""What do load and schedule make of a month: which replicas run, how often they start, what they answer?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.cost.compute import Fleet
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.traffic import Traffic
from components.cost.usage import DEPLOYMENTS, Starts, Usage
from components.plan.idle import in_use, unused
from components.plan.late import CLOSING_HOURS, GIVE_BACK_HOURS
from components.plan.week import Week, constant, running, week_of
from components.spec.pricing import ON_DEMAND
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.demand import Demand
    from components.plan.draft import Draft
    from components.plan.week import Running
    from components.spec.service import ServiceSpec

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Expectation:
    """A week as it is expected, and what follows for the bill of a month."""

    week: Week
    usage: Usage


def expectation(made: Draft, *, start_seconds: int, scale: float = 1.0) -> Expectation:
    """Return what runs where whole replicas are started and stopped; `scale` multiplies the declared load.

    The week, and what is said of it, is that of the declared load, and so left open at another scale.
    """
    spec, scaling, wanted = made.spec, made.scaling, made.wanted
    least, most = scaling.min_replicas, scaling.max_replicas
    open_week, target = week_of(spec), made.request.target
    week, unused_week = in_use(open_week, spec, target), unused(open_week, spec)
    late = (GIVE_BACK_HOURS.get(target, 0.0), CLOSING_HOURS.get(target, 0.0))
    fewest = constant(unused_week, 0 if is_started_by_hand(spec) else least)
    expected = constant(week, least) if least == most and (spec.idle is None or most == 0) else None
    if wanted is not None:
        per_hour = wanted.per_replica.expected
        expected = running(week, lambda rate: min(most, max(least, math.ceil(rate * scale / per_hour))))
    starts = _starts(week, fewest, expected, least=least, most=most)
    served = None if wanted is None else answered(week, most * wanted.per_replica.expected, scale)
    usage = Usage(
        replicas=(fewest.mean_of(float), None if expected is None else expected.mean_of(float), most),
        fleets=(
            _fleet(spec, fewest, least, late),
            None if expected is None else _fleet(spec, expected, least, late),
            _all_month(spec, most, least),
        ),
        starts=starts,
        traffic=traffic(spec, served),
        most_traffic=None if wanted is None else traffic(spec, most * wanted.per_replica.high * HOURS_PER_MONTH),
        awake_hours=week.awake_hours_per_month if spec.schedule or spec.idle else None,
        unused_hours=unused_week.awake_hours_per_month if spec.idle else None,
        starts_by_hand=is_started_by_hand(spec),
        assumptions=tuple(_said(made, week, starts, start_seconds)) if scale == 1 else (),
        late=(
            fewest.mean_after(float, *late),
            None if expected is None else expected.mean_after(float, *late),
            0.0,
        ),
    )
    replicas = expected.replicas if expected is not None and scale == 1 else None
    return Expectation(replace(week, replicas=replicas), usage)


def is_started_by_hand(spec: ServiceSpec) -> bool:
    """Tell whether a service may be awake in its hours, and nobody has to wake it."""
    return spec.schedule is not None and spec.schedule.start == "manual"


def answered(week: Week, most_per_hour: float, scale: float) -> float | None:
    """Return how many requests of a month find the service awake, no more than it can answer in an hour."""
    served = running(week, lambda rate: min(rate * scale, most_per_hour))
    return None if served is None else served.mean_of(float) * HOURS_PER_MONTH


def traffic(spec: ServiceSpec, requests: float | None) -> Traffic | None:
    """Return what so many requests of the declared length are in tokens."""
    if requests is None or spec.load is None:
        return None
    return Traffic(requests, requests * spec.load.input_tokens, requests * spec.load.output_tokens)


def on_demand_of(count: float, spot_percent: int) -> int:
    """Return how many of so many instances an Auto Scaling group buys on demand: it rounds in their favour.

    Source: EC2 Auto Scaling user guide, "Auto Scaling groups with multiple instance types and purchase options".

    >>> on_demand_of(1, 50), on_demand_of(3, 50), on_demand_of(3, 100)
    (1, 2, 0)
    """
    return -(-int(count) * (_PERCENT - spot_percent) // _PERCENT)


def _fleet(spec: ServiceSpec, runs: Running, least: int, late_hours: tuple[float, float]) -> Fleet:
    """Return the instances of a month: what runs, and what has ended and is given back so many hours later."""
    percent, committed = spec.pricing.spot_percent, _committed(spec, least)

    def on_demand(count: float) -> float:
        return max(0.0, on_demand_of(count, percent) - committed)

    def spot(count: float) -> float:
        return count - on_demand_of(count, percent)

    return Fleet(
        on_demand=runs.mean_of(on_demand) + runs.mean_after(on_demand, *late_hours),
        spot=runs.mean_of(spot) + runs.mean_after(spot, *late_hours),
        committed=committed,
    )


def _all_month(spec: ServiceSpec, most: int, least: int) -> Fleet:
    spot, committed = spec.pricing.spot_percent, _committed(spec, least)
    return Fleet(max(0.0, on_demand_of(most, spot) - committed), most - on_demand_of(most, spot), committed)


def _committed(spec: ServiceSpec, least: int) -> float:
    """Return how many instances a commitment is for: those of the fewest replicas that are not spare capacity."""
    if spec.pricing.commitment == ON_DEMAND:
        return 0.0
    return float(on_demand_of(least, spec.pricing.spot_percent))


def _starts(week: Week, fewest: Running, expected: Running | None, *, least: int, most: int) -> Starts:
    openings = week.openings_per_month
    opened = fewest.starts_per_month
    low, middle, high = DEPLOYMENTS
    if expected is None:
        return Starts(low * fewest.mean_awake + opened, None, high * most + most * openings, openings, first=least)
    starts = expected.starts_per_month
    return Starts(
        floor=low * fewest.mean_awake + opened,
        expected=middle * expected.mean_awake + starts,
        max=high * most + max(starts, most * openings),
        openings=openings,
        additions=max(0.0, starts - constant(week, least).starts_per_month),
        first=least,
    )


def _said(made: Draft, week: Week, starts: Starts, start_seconds: int) -> Iterator[str]:
    spec, scaling, wanted = made.spec, made.scaling, made.wanted
    if wanted is None or spec.load is None or scaling.max_replicas == 0:
        return
    yield _needs(spec, wanted)
    if starts.additions:
        out, back = Duration(scaling.scale_out_cooldown_seconds), Duration(scaling.scale_in_cooldown_seconds)
        yield (
            f"autoscaling follows the load late: a replica starts in about {Duration(start_seconds)}, with {out} "
            f"between additions and {back} between removals; what runs too long or comes too late is not counted"
        )
    yield from missed(week)


def missed(week: Week) -> Iterator[str]:
    """Yield which share of the load nobody answers."""
    share = week.missed_share
    if share > 0:
        yield f"{share:.0%} of the declared requests come while the service sleeps: they are not answered, nor counted"


def _needs(spec: ServiceSpec, wanted: Demand) -> str:
    low, high = wanted.replicas_low, wanted.replicas_high
    spread = f"{low:,} to {high:,} replicas" if low < high else f"{low:,} replica{'' if low == 1 else 's'}"
    speed, load = wanted.per_replica, spec.load
    when = "the expected load, spread evenly,"
    if load is not None and load.busiest_requests_per_hour > load.mean_requests_per_hour:
        when = f"the busiest hour, with {load.busiest_requests_per_hour:,.0f} requests,"
    return (
        f"{when} needs {spread}: with {wanted.concurrency:g} requests in flight one should "
        f"finish {speed.low:,.0f} to {speed.high:,.0f} an hour (computed from bandwidth and arithmetic, not measured)"
    )
