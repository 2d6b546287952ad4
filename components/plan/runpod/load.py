"""How long workers run for the expected load, and so are paid for: busy, idle after the last request, starting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.cost.estimate import HOURS_PER_MONTH
from components.plan.demand import demand
from components.sizing.throughput import throughput

if TYPE_CHECKING:
    from components.plan.draft import Draft
    from components.plan.model import Hardware, ScalingPlan

_SECONDS_PER_HOUR = 3600
_MOST_EXPONENT = 50.0


@dataclass(frozen=True, slots=True)
class WorkerUse:
    """What the load asks of workers with one GPU: hours that are paid for, and starts, in a month.

    `finished_per_hour` is what one worker finishes when it is full, `request_seconds` what a request takes alone.
    """

    hours: float
    starts: float
    finished_per_hour: float
    request_seconds: float


def worker_use(
    made: Draft, hardware: Hardware, scaling: ScalingPlan, *, idle_seconds: int, start_seconds: int
) -> WorkerUse | None:
    """Return the use of workers with this hardware, None when no load is declared or no worker may run."""
    load, wanted = made.spec.load, demand(made.spec, made.shape, made.loaded, hardware, scaling)
    if load is None or wanted is None or scaling.max_replicas == 0:
        return None
    alone = throughput(
        made.shape,
        made.loaded,
        gpus()[hardware.gpu],
        hardware.tensor_parallel_size,
        concurrency=1,
        input_tokens=load.input_tokens,
        output_tokens=load.output_tokens,
    )
    request_seconds = _SECONDS_PER_HOUR / alone.expected
    share, starts = on_share(load.requests_per_hour / _SECONDS_PER_HOUR, request_seconds + idle_seconds, start_seconds)
    full = load.requests_per_hour / wanted.per_replica.expected
    workers = min(scaling.max_replicas, max(scaling.min_replicas, share, full))
    return WorkerUse(
        hours=workers * HOURS_PER_MONTH,
        starts=0.0 if scaling.min_replicas else starts,
        finished_per_hour=wanted.per_replica.expected,
        request_seconds=request_seconds,
    )


def on_share(requests_per_second: float, stay_seconds: float, start_seconds: float) -> tuple[float, float]:
    """Return which share of the time one worker is on, and how often it starts in a month.

    Requests arrive at random, independently; each keeps the worker on for `stay_seconds`, and the first one wakes it.
    Source: busy period of an M/G/infinity queue, preceded by a start.

    >>> share, starts = on_share(1 / 3600, 36, 0)
    >>> round(share, 4), round(starts)
    (0.01, 723)
    """
    stay = math.expm1(min(_MOST_EXPONENT, requests_per_second * stay_seconds)) / requests_per_second
    cycle = start_seconds + stay + 1 / requests_per_second
    return (start_seconds + stay) / cycle, HOURS_PER_MONTH * _SECONDS_PER_HOUR / cycle
