"""Which hours of a week is a service awake that is stopped when nobody uses it?

An hour counts as used when the declared load has a request in it. Pauses between the requests of an hour are not seen:
a load of one request an hour keeps a service awake here that `idle` may stop now and then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.schedule.week import HOURS_PER_WEEK

if TYPE_CHECKING:
    from components.plan.model import Target
    from components.plan.week import Week
    from components.spec.service import ServiceSpec

_SECONDS_PER_HOUR = 3600
_NO_REQUESTS = (0.0,) * HOURS_PER_WEEK


def in_use(week: Week, spec: ServiceSpec, target: Target) -> Week:
    """Return the week with the hours in which its load keeps it awake; as it is without `idle`."""
    if spec.idle is None or week.requests is None:
        return week
    wakes = wakes_on_request(spec, target)
    any_time = spec.schedule is not None and spec.schedule.wake == "any_time" and hears_requests(spec, target)
    open_week = replace(week, awake=(1.0,) * HOURS_PER_WEEK) if any_time and spec.power == "on" else week
    # Where no request wakes it, somebody is taken to do so in each window, as without `idle`.
    starts = _starts(spec) or not wakes
    return replace(week, awake=_awake(week, open_week, week.requests, spec, starts=starts, wakes=wakes))


def unused(week: Week, spec: ServiceSpec) -> Week:
    """Return the week if nobody asked: awake after each opening alone; as it is without `idle`."""
    if spec.idle is None:
        return week
    return replace(week, awake=_awake(week, week, _NO_REQUESTS, spec, starts=_starts(spec), wakes=False))


def hears_requests(spec: ServiceSpec, target: Target) -> bool:
    """Tell whether somebody is there who may pass a request on while the service sleeps, to whom keys are known.

    A front is; on ECS without one, a function behind the load balancer.
    """
    return (spec.gateway.front or target == "ecs") and spec.gateway.keys_secret is not None


def wakes_on_request(spec: ServiceSpec, target: Target) -> bool:
    """Tell whether a request ends a sleep for want of others; RunPod starts a worker by itself then."""
    wake = spec.schedule.wake if spec.schedule else "within_hours"
    return wake != "never" and (hears_requests(spec, target) or (target == "runpod" and not spec.gateway.front))


def _starts(spec: ServiceSpec) -> bool:
    """Tell whether a window starts the service."""
    return spec.schedule is None or spec.schedule.start == "auto"


def _awake(
    week: Week, may_be: Week, requests: tuple[float, ...], spec: ServiceSpec, *, starts: bool, wakes: bool
) -> tuple[float, ...]:
    """Return the awake share of each hour, as it is once a whole week has gone by.

    `week` has the windows, which may start it, `may_be` the hours in which a request may.
    """
    after = spec.idle.after.seconds / _SECONDS_PER_HOUR if spec.idle else 0.0
    shares, left = [0.0] * HOURS_PER_WEEK, after
    for hour in (*range(HOURS_PER_WEEK), *range(HOURS_PER_WEEK)):
        share = may_be.awake[hour]
        if starts and week.awake[hour] > 0 and week.awake[hour - 1] == 0:
            left = after
        if share == 0:
            left = 0.0
        elif requests[hour] > 0 and (wakes or left > 0):
            shares[hour], left = share, after
        else:
            shares[hour] = min(share, left)
            left -= shares[hour]
    return tuple(shares)
