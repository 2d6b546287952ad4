"""How long workers run for the expected load, and so are paid for: busy, idle after the last request, starting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.cost.estimate import HOURS_PER_MONTH
from components.plan.demand import demand
from components.sizing.throughput import throughput
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.draft import Draft
    from components.plan.model import Hardware, ScalingPlan
    from components.spec.traffic import LoadSpec

_SECONDS_PER_HOUR = 3600
_MOST_EXPONENT = 50.0


@dataclass(frozen=True, slots=True)
class ExpectedUse:
    """What the expected load asks of the workers in a month.

    `worker_hours` of each pool, with its slowest GPU: None when no load is declared and the number can change.
    """

    worker_hours: Mapping[str, float | None]
    million_tokens_per_month: float | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Use:
    """One GPU: hours that are paid for, starts, what a full worker finishes in an hour, and a request by itself."""

    gpu: str
    pool: str
    hours: float
    starts: float
    finished_per_hour: float
    request_seconds: float


def expected_use(made: Draft, hardware: tuple[Hardware, ...], *, idle_seconds: int, start_seconds: int) -> ExpectedUse:
    """Return the use of each pool, if all workers ran there."""
    load, scaling = made.spec.load, made.scaling
    pools = dict.fromkeys(row.instance_type for row in hardware)
    if load is None or scaling.max_replicas == 0:
        same = scaling.min_replicas == scaling.max_replicas
        hours = float(scaling.min_replicas * HOURS_PER_MONTH) if same else None
        return ExpectedUse(dict.fromkeys(pools, hours), None, ())
    uses = [_use(made, load, row, idle_seconds=idle_seconds, start_seconds=start_seconds) for row in hardware]
    slowest = min(uses, key=lambda use: use.finished_per_hour)
    served = min(load.requests_per_hour, scaling.max_replicas * slowest.finished_per_hour)
    return ExpectedUse(
        worker_hours={pool: max(use.hours for use in uses if use.pool == pool) for pool in pools},
        million_tokens_per_month=served * HOURS_PER_MONTH * load.tokens_per_request / 1e6,
        assumptions=(_said(uses[0], scaling, idle_seconds, start_seconds),),
    )


def _use(made: Draft, load: LoadSpec, hardware: Hardware, *, idle_seconds: int, start_seconds: int) -> _Use:
    scaling, full = made.scaling, demand(made.spec, made.shape, made.loaded, hardware, made.scaling)
    alone = throughput(
        made.shape,
        made.loaded,
        gpus()[hardware.gpu],
        hardware.tensor_parallel_size,
        concurrency=1,
        input_tokens=load.input_tokens,
        output_tokens=load.output_tokens,
    ).expected
    finished = full.per_replica.expected if full else alone
    request_seconds = _SECONDS_PER_HOUR / alone
    share, starts = on_share(load.requests_per_hour / _SECONDS_PER_HOUR, request_seconds + idle_seconds, start_seconds)
    workers = max(scaling.min_replicas, share, load.requests_per_hour / finished)
    return _Use(
        gpu=hardware.gpu,
        pool=hardware.instance_type,
        hours=min(scaling.max_replicas, workers) * HOURS_PER_MONTH,
        starts=starts,
        finished_per_hour=finished,
        request_seconds=request_seconds,
    )


def on_share(requests_per_second: float, stay_seconds: float, start_seconds: float) -> tuple[float, float]:
    """Return which share of the time one worker is on, and how often it starts in a month.

    Requests arrive at random; each keeps the worker on for `stay_seconds`, and one that finds it off starts it.
    Source: busy period of an M/G/infinity queue, preceded by a start.

    >>> share, starts = on_share(1 / 3600, 36, 0)
    >>> round(share, 4), round(starts)
    (0.01, 723)
    """
    stay = math.expm1(min(_MOST_EXPONENT, requests_per_second * stay_seconds)) / requests_per_second
    cycle = start_seconds + stay + 1 / requests_per_second
    return (start_seconds + stay) / cycle, HOURS_PER_MONTH * _SECONDS_PER_HOUR / cycle


def _said(use: _Use, scaling: ScalingPlan, idle_seconds: int, start_seconds: int) -> str:
    workers = use.hours / HOURS_PER_MONTH
    needs = f"{workers:.1f} workers all month" if workers >= 1 else f"a worker for {use.hours:,.0f} hours a month"
    starts = ""
    if not scaling.min_replicas:
        idle = f", waits {Duration(idle_seconds)}" if idle_seconds else ""
        starts = f", which starts {use.starts:,.0f} times, paid {Duration(start_seconds)} each{idle}"
    return (
        f"the expected load, arriving at random, needs {needs} on {use.gpu}{starts}; a request alone should take "
        f"{use.request_seconds:.1f} s, a worker finish {use.finished_per_hour:,.0f} an hour (computed, not measured)"
    )
