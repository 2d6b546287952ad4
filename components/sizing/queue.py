"""How many requests are in flight on a replica, and how long does one wait for a place, when they arrive at random?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TAIL = 0.05
"""What a 95th percentile leaves out."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A replica under load: requests in flight (mean, and in 95% of the time at most), and seconds of waiting."""

    utilization: float
    in_flight: float
    in_flight_p95: float
    wait_seconds: float
    """Mean of all requests, also of those that do not wait."""
    wait_p95_seconds: float


def queue(per_second: float, finished_per_second: Sequence[float]) -> Queue:
    """Return the state of a replica that finishes `finished_per_second[n - 1]` requests with n in flight.

    It has as many places as that sequence; who finds none waits, the first first. More arriving than leaving is a
    queue without end. Source: birth-death process with random arrivals, Kleinrock, Queueing Systems (1975), chapter 3.

    >>> one = queue(0.5, [1.0])
    >>> one.in_flight, one.wait_seconds
    (0.5, 1.0)
    """
    places, most = len(finished_per_second), finished_per_second[-1]
    utilization = per_second / most
    if utilization >= 1:
        return Queue(utilization, places, places, math.inf, math.inf)
    weights = [1.0]
    for rate in finished_per_second:
        weights.append(weights[-1] * per_second / rate)
    full = weights.pop() / (1 - utilization)
    total = sum(weights) + full
    waiting = full / total
    left, seen, typical = most - per_second, 0.0, places
    for count, weight in enumerate(weights):
        seen += weight
        if seen >= (1 - TAIL) * total:
            typical = count
            break
    return Queue(
        utilization=utilization,
        in_flight=(sum(count * weight for count, weight in enumerate(weights)) + places * full) / total,
        in_flight_p95=typical,
        wait_seconds=waiting / left,
        wait_p95_seconds=max(0.0, math.log(waiting / TAIL)) / left if waiting > TAIL else 0.0,
    )


def same_stay_wait(utilization: float, stay_seconds: float) -> tuple[float, float]:
    """Return the wait at one place that each holds equally long: the mean, and what 95% wait at most.

    Source: Pollaczek and Khinchine for M/D/1; the tail is taken to fall as that of its mean.

    >>> same_stay_wait(0.5, 2.0)[0]
    1.0
    """
    if utilization >= 1:
        return math.inf, math.inf
    mean_of_waiting = stay_seconds / (2 * (1 - utilization))
    late = math.log(utilization / TAIL) * mean_of_waiting if utilization > TAIL else 0.0
    return utilization * mean_of_waiting, late
