"""Which share of the requests finds no worker on RunPod, and waits until one has started?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.plan.runpod.load import on_share
from components.sizing.throughput import throughput

if TYPE_CHECKING:
    from components.plan.draft import Draft
    from components.plan.runpod.values import RunpodPlan

_SECONDS_PER_HOUR = 3600
_ALL = 1.0


def cold_share(made: Draft, runpod: RunpodPlan, start_seconds: float) -> float:
    """Return the share over the hours of a week: none while a worker always runs, all where no load is declared."""
    load = made.spec.load
    if made.spec.scaling.min_replicas:
        return 0.0
    if load is None:
        return _ALL
    alone = throughput(
        made.shape,
        made.loaded,
        gpus()[made.hardware.gpu],
        made.hardware.tensor_parallel_size,
        concurrency=1,
        input_tokens=load.input_tokens,
        output_tokens=load.output_tokens,
    ).expected
    stay = _SECONDS_PER_HOUR / alone + (runpod.idle_timeout_seconds or 0)
    rates = [rate / _SECONDS_PER_HOUR for rate in load.hourly if rate]
    waiting = {rate: waiting_per_second(rate, stay, start_seconds) for rate in set(rates)}
    return sum(waiting[rate] for rate in rates) / sum(rates)


def waiting_per_second(requests_per_second: float, stay_seconds: float, start_seconds: float) -> float:
    """Return how many requests in a second start a worker, or come while it starts.

    One request in ten minutes, which holds a worker for a minute that takes another minute to start:

    >>> round(waiting_per_second(1 / 600, 60, 60) * 600, 2)
    0.91
    """
    _, starts_per_hour = on_share(requests_per_second, stay_seconds, start_seconds)
    return starts_per_hour / _SECONDS_PER_HOUR * (1 + requests_per_second * start_seconds)
