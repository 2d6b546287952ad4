"""How long workers run for the expected load, and so are paid for: busy, idle after the last request, starting."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from operator import mul
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.cost.estimate import HOURS_PER_MONTH
from components.plan.demand import demand
from components.plan.expectation import answered, is_started_by_hand, missed, traffic
from components.plan.week import WEEKS_PER_MONTH, constant, running, week_of
from components.sizing.throughput import throughput
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.cost.traffic import Traffic
    from components.plan.draft import Draft
    from components.plan.model import Hardware, ScalingPlan
    from components.plan.week import Running, Week
    from components.spec.traffic import LoadSpec

_SECONDS_PER_HOUR = 3600
_MOST_EXPONENT = 50.0


@dataclass(frozen=True, slots=True)
class ExpectedUse:
    """What the expected load asks of the workers in a month.

    `worker_hours` of each pool, with its slowest GPU: None when no load is declared and the number can change. `week`
    is that of the first GPU.
    """

    week: Week
    worker_hours: Mapping[str, float | None]
    least_hours: float
    traffic: Traffic | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Use:
    """One GPU: what runs on it hour by hour, and how often it starts in a month."""

    speed: Speed
    runs: Running
    starts: float

    @property
    def hours(self) -> float:
        return self.runs.mean_of(float) * HOURS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Speed:
    """What a full worker of one pool finishes in an hour, and how long it takes for a request by itself."""

    gpu: str
    pool: str
    finished_per_hour: float
    request_seconds: float


def speeds_of(made: Draft, hardware: Iterable[Hardware]) -> tuple[Speed, ...]:
    """Return the speed of each hardware at the declared lengths; they need a load."""
    return tuple(_speed(made, made.spec.load, row) for row in hardware) if made.spec.load else ()


def expected_use(
    made: Draft,
    hardware: tuple[Hardware, ...],
    speeds: tuple[Speed, ...],
    *,
    idle_seconds: int,
    start_seconds: int,
    scale: float = 1.0,
) -> ExpectedUse:
    """Return the use of each pool, if all workers ran there; `scale` multiplies the declared load."""
    spec, load, scaling = made.spec, made.spec.load, made.scaling
    week = week_of(spec, scale)
    fewest = constant(week, 0 if is_started_by_hand(spec) else scaling.min_replicas)
    least_hours = fewest.mean_of(float) * HOURS_PER_MONTH
    pools = dict.fromkeys(row.instance_type for row in hardware)
    if load is None or scaling.max_replicas == 0:
        fixed = constant(week, scaling.min_replicas) if scaling.min_replicas == scaling.max_replicas else None
        hours = None if fixed is None else fixed.mean_of(float) * HOURS_PER_MONTH
        runs = None if fixed is None else fixed.replicas
        return ExpectedUse(replace(week, replicas=runs), dict.fromkeys(pools, hours), least_hours, None, ())
    uses = [_use(scaling, speed, week, idle_seconds=idle_seconds, start_seconds=start_seconds) for speed in speeds]
    slowest = min(speeds, key=lambda speed: speed.finished_per_hour)
    return ExpectedUse(
        week=replace(week, replicas=uses[0].runs.replicas),
        worker_hours={pool: max(use.hours for use in uses if use.speed.pool == pool) for pool in pools},
        least_hours=least_hours,
        traffic=traffic(spec, answered(week, scaling.max_replicas * slowest.finished_per_hour)),
        assumptions=(_said(uses[0], scaling, idle_seconds, start_seconds), *missed(week)),
    )


def _speed(made: Draft, load: LoadSpec, hardware: Hardware) -> Speed:
    full = demand(made.spec, made.shape, made.loaded, hardware, made.scaling)
    alone = throughput(
        made.shape,
        made.loaded,
        gpus()[hardware.gpu],
        hardware.tensor_parallel_size,
        concurrency=1,
        input_tokens=load.input_tokens,
        output_tokens=load.output_tokens,
    ).expected
    return Speed(
        gpu=hardware.gpu,
        pool=hardware.instance_type,
        finished_per_hour=full.per_replica.expected if full else alone,
        request_seconds=_SECONDS_PER_HOUR / alone,
    )


def _use(scaling: ScalingPlan, speed: Speed, week: Week, *, idle_seconds: int, start_seconds: int) -> _Use:
    stay = speed.request_seconds + idle_seconds

    def one(rate: float) -> tuple[float, float]:
        """Return the share in which a single worker is on, and its starts in an hour."""
        return on_share(rate / _SECONDS_PER_HOUR, stay, start_seconds) if rate else (0.0, 0.0)

    def workers(rate: float) -> float:
        return min(scaling.max_replicas, max(scaling.min_replicas, one(rate)[0], rate / speed.finished_per_hour))

    requests = week.requests or ()
    starts = {rate: one(rate)[1] for rate in set(requests)}
    return _Use(
        speed=speed,
        runs=running(week, workers) or constant(week, scaling.min_replicas),
        starts=sum(map(mul, map(starts.__getitem__, requests), week.awake)) * WEEKS_PER_MONTH,
    )


def on_share(requests_per_second: float, stay_seconds: float, start_seconds: float) -> tuple[float, float]:
    """Return which share of the time one worker is on, and how often it starts in an hour.

    Requests arrive at random; each keeps the worker on for `stay_seconds`, and one that finds it off starts it.
    Source: busy period of an M/G/infinity queue, preceded by a start.

    >>> share, starts = on_share(1 / 3600, 36, 0)
    >>> round(share, 4), round(starts, 2)
    (0.01, 0.99)
    """
    stay = math.expm1(min(_MOST_EXPONENT, requests_per_second * stay_seconds)) / requests_per_second
    cycle = start_seconds + stay + 1 / requests_per_second
    return (start_seconds + stay) / cycle, _SECONDS_PER_HOUR / cycle


def _said(use: _Use, scaling: ScalingPlan, idle_seconds: int, start_seconds: int) -> str:
    speed = use.speed
    workers = use.hours / HOURS_PER_MONTH
    needs = f"{workers:.1f} workers all month" if workers >= 1 else f"a worker for {use.hours:,.0f} hours a month"
    starts = ""
    if not scaling.min_replicas:
        idle = f", waits {Duration(idle_seconds)}" if idle_seconds else ""
        starts = f", which starts {use.starts:,.0f} times, paid {Duration(start_seconds)} each{idle}"
    return (
        f"the expected load, arriving at random, needs {needs} on {speed.gpu}{starts}; a request alone should take "
        f"{speed.request_seconds:.1f} s, a worker finish {speed.finished_per_hour:,.0f} an hour "
        "(computed, not measured)"
    )
