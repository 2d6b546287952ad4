"""How many requests are in flight on a replica, and how long does one wait for a place, when they arrive at random?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TAIL = 0.05
"""What a 95th percentile leaves out."""
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Wait:
    """Which share of the requests waits, and how long those do on average; longer waits are exponentially rarer.

    >>> Wait(0.25, 8.0).mean_seconds
    2.0
    """

    share: float
    seconds: float

    @property
    def mean_seconds(self) -> float:
        """Of all requests, also of those that do not wait."""
        return self.share * self.seconds


@dataclass(frozen=True, slots=True)
class Queue:
    """A replica under load: requests in flight (mean, and in 95% of the time at most), and waiting for a place."""

    utilization: float
    in_flight: float
    in_flight_p95: float
    wait: Wait


def queue(per_second: float, finished_per_second: Sequence[float]) -> Queue:
    """Return the state of a replica that finishes `finished_per_second[n - 1]` requests with n in flight.

    It has as many places as that sequence; who finds none waits, the first first. More arriving than leaving is a
    queue without end. Source: birth-death process with random arrivals, Kleinrock, Queueing Systems (1975), chapter 3.

    >>> one = queue(0.5, [1.0])
    >>> one.in_flight, one.wait
    (0.5, Wait(share=0.5, seconds=2.0))
    """
    places, most = len(finished_per_second), finished_per_second[-1]
    utilization = per_second / most
    if utilization >= 1:
        return Queue(utilization, places, places, Wait(1.0, math.inf))
    weights = [1.0]
    for rate in finished_per_second:
        weights.append(weights[-1] * per_second / rate)
    full = weights.pop() / (1 - utilization)
    total = sum(weights) + full
    seen, typical = 0.0, places
    for count, weight in enumerate(weights):
        seen += weight
        if seen >= (1 - TAIL) * total:
            typical = count
            break
    return Queue(
        utilization=utilization,
        in_flight=(sum(count * weight for count, weight in enumerate(weights)) + places * full) / total,
        in_flight_p95=typical,
        wait=Wait(full / total, 1 / (most - per_second)),
    )


def same_stay_wait(utilization: float, stay_seconds: float) -> Wait:
    """Return the wait at one place that each holds equally long.

    Source: Pollaczek and Khinchine for M/D/1; the tail is taken to fall as that of its mean.

    >>> same_stay_wait(0.5, 2.0)
    Wait(share=0.5, seconds=2.0)
    """
    if utilization >= 1:
        return Wait(1.0, math.inf)
    return Wait(utilization, stay_seconds / (2 * (1 - utilization)))


def p95_seconds(*waits: Wait) -> float:
    """Return what 95% of the requests wait at most, where each may have to wait for several things.

    The tails are added: that a request waits long for two of them is rare enough to be left out.

    >>> round(p95_seconds(Wait(0.05 * math.e, 10.0)), 6), p95_seconds(Wait(0.02, 10.0), Wait(0.03, 10.0))
    (10.0, 0.0)
    """
    if any(math.isinf(wait.seconds) for wait in waits):
        return math.inf
    if sum(wait.share for wait in waits) <= TAIL:
        return 0.0

    def tail(seconds: float) -> float:
        return sum(wait.share * math.exp(-seconds / wait.seconds) for wait in waits if wait.seconds)

    low, high = 0.0, max(wait.seconds * math.log(max(1.0, len(waits) * wait.share / TAIL)) for wait in waits)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle) > TAIL else (low, middle)
    return high
