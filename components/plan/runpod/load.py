"""How long workers run for the expected load, and so are paid for: busy, idle after the last request, starting."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from operator import add
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.cost.estimate import HOURS_PER_MONTH
from components.plan.demand import demand
from components.plan.expectation import answered, is_started_by_hand, missed, traffic
from components.plan.idle import in_use, unused
from components.plan.week import constant, running, week_of
from components.sizing.throughput import throughput
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.cost.traffic import Traffic
    from components.plan.draft import Draft
    from components.plan.model import Hardware, ScalingPlan
    from components.plan.week import Running, Week
    from components.spec.service import ServiceSpec
    from components.spec.traffic import LoadSpec

_SECONDS_PER_HOUR = 3600
_MOST_EXPONENT = 50.0


@dataclass(frozen=True, slots=True)
class ExpectedUse:
    """What the expected load asks of the workers in a month.

    `worker_hours` of each pool, with its slowest GPU: None when no load is declared and the number can change. `week`
    is that of the first GPU, `traffic` what the workers of the first pool answer.
    """

    week: Week
    worker_hours: Mapping[str, float | None]
    least_hours: float
    traffic: Traffic | None
    assumptions: tuple[str, ...]
    awake_hours: float | None = None
    """Of a month, without those in which it sleeps softly; None where it never sleeps."""
    unused_hours: float | None = None
    """Awake hours of a month in which nobody asks; None without `idle`."""


@dataclass(frozen=True, slots=True)
class _Use:
    """One GPU: what runs on it hour by hour, and how often it starts in a month."""

    speed: Speed
    runs: Running
    starts: float
    outside: Running | None = None
    """What requests start while the service sleeps softly."""

    @property
    def hours(self) -> float:
        means = [runs.mean_of(float) for runs in (self.runs, self.outside) if runs is not None]
        return sum(means) * HOURS_PER_MONTH

    @property
    def replicas(self) -> tuple[float, ...]:
        """Mean of each hour."""
        return (
            self.runs.replicas if self.outside is None else tuple(map(add, self.runs.replicas, self.outside.replicas))
        )


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
    """Return the use of each pool, if all workers ran there; `scale` multiplies the declared load.

    The week, and what is said of it, is that of the declared load, and so left open at another scale.
    """
    spec, load, scaling = made.spec, made.spec.load, made.scaling
    open_week = week_of(spec)
    week, unused_week = in_use(open_week, spec, "runpod"), unused(open_week, spec)
    fewest = constant(unused_week, 0 if is_started_by_hand(spec) else scaling.min_replicas)
    least_hours = fewest.mean_of(float) * HOURS_PER_MONTH
    awake_hours = week.awake_hours_per_month if spec.schedule or spec.idle else None
    unused_hours = unused_week.awake_hours_per_month if spec.idle else None
    pools = dict.fromkeys(row.instance_type for row in hardware)
    if load is None or scaling.max_replicas == 0:
        is_fixed = scaling.min_replicas == scaling.max_replicas and (spec.idle is None or scaling.max_replicas == 0)
        fixed = constant(week, scaling.min_replicas) if is_fixed and not _answers_asleep(spec) else None
        hours = None if fixed is None else fixed.mean_of(float) * HOURS_PER_MONTH
        runs = None if fixed is None else fixed.replicas
        return ExpectedUse(
            replace(week, replicas=runs), dict.fromkeys(pools, hours), least_hours, None, (), awake_hours, unused_hours
        )
    asleep = replace(week, awake=tuple(1 - share for share in week.awake)) if _answers_asleep(spec) else None
    uses = [
        _use(scaling, speed, week, asleep, idle_seconds=idle_seconds, start_seconds=start_seconds, scale=scale)
        for speed in speeds
    ]
    finished = min(speed.finished_per_hour for speed in speeds if speed.pool == speeds[0].pool)
    heard = week if asleep is None else replace(week, awake=(1.0,) * len(week.awake))
    return ExpectedUse(
        week=replace(heard, replicas=uses[0].replicas if scale == 1 else None),
        worker_hours={pool: max(use.hours for use in uses if use.speed.pool == pool) for pool in pools},
        least_hours=least_hours,
        traffic=traffic(spec, answered(heard, scaling.max_replicas * finished, scale)),
        assumptions=(_said(uses[0], scaling, idle_seconds, start_seconds), *missed(heard)) if scale == 1 else (),
        awake_hours=awake_hours,
        unused_hours=unused_hours,
    )


def _answers_asleep(spec: ServiceSpec) -> bool:
    """Tell whether requests start workers outside the hours, too."""
    return spec.schedule is not None and spec.runpod.sleep == "soft" and spec.power == "on"


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


def _use(
    scaling: ScalingPlan,
    speed: Speed,
    week: Week,
    asleep: Week | None,
    *,
    idle_seconds: int,
    start_seconds: int,
    scale: float,
) -> _Use:
    stay = speed.request_seconds + idle_seconds

    def one(rate: float) -> tuple[float, float]:
        """Return the share in which a single worker is on, and its starts in an hour."""
        return on_share(rate * scale / _SECONDS_PER_HOUR, stay, start_seconds) if rate else (0.0, 0.0)

    def asked_for(rate: float) -> float:
        return min(scaling.max_replicas, max(one(rate)[0], rate * scale / speed.finished_per_hour))

    def workers(rate: float) -> float:
        return max(scaling.min_replicas, asked_for(rate))

    weeks = [week] if asleep is None else [week, asleep]
    started = [running(each, lambda rate: one(rate)[1]) for each in weeks]
    return _Use(
        speed=speed,
        runs=running(week, workers) or constant(week, scaling.min_replicas),
        starts=sum(each.mean_of(float) for each in started if each is not None) * HOURS_PER_MONTH,
        outside=asleep and running(asleep, asked_for),
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
