"""How the page of a plan shows speed and cold start: fast end, expectation and slow end in columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.plan.page import numbers
from components.plan.stages import total
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.plan.model import Plan
    from components.sizing.latency import Performance
    from components.sizing.range import Range

_ENDS = ("fast", "expected", "slow")
_EXACT_BELOW_SECONDS = 10
_MS = 1000
_UNBOUND = "no bound"
_PERCENT = 100


def speed_lines(plan: Plan) -> Iterator[str]:
    """Yield how fast a replica answers: alone, in the busiest hour, and when it is full."""
    found = plan.performance
    if found is None:
        return
    yield from numbers("Speed, computed", _ENDS, _besides(plan))
    asked = f"{found.input_tokens:,} tokens in, {found.output_tokens:,} out"
    assumed = "" if found.requests_per_hour is not None else ", assumed: no load is given"
    yield f"  a request alone, {asked}{assumed}"
    yield from _times("first token", found.ttft_alone_seconds)
    yield from _times("between two tokens", found.inter_token_alone_seconds)
    yield from _rates("tokens per second", found.stream_tokens_per_second)
    yield from _busy(found)
    yield "  a full replica"
    yield from _rates(
        "tokens per second", found.replica_tokens_per_second, f"{found.full_at_requests} requests at once"
    )


def start_lines(plan: Plan) -> Iterator[str]:
    """Yield the stages of a start, their sum, and what the very first start does besides."""
    if not plan.startup:
        return
    yield from numbers("Cold start", _ENDS)
    for stage in plan.startup:
        seconds = (stage.low_seconds, stage.seconds, stage.high_seconds)
        yield from numbers(f"  {stage.name}", map(_duration, seconds), stage.basis)
    whole = total(plan.startup)
    counted = "" if plan.target == "ecs" else ", without placement and image"
    limit = f"given up after {Duration(plan.startup_limit_seconds)}{counted}"
    yield from numbers("  total", map(_duration, (whole.low, whole.expected, whole.high)), limit)
    if plan.first_startup:
        yield "  the very first start, besides"
    for stage in plan.first_startup:
        seconds = (stage.low_seconds, stage.seconds, stage.high_seconds)
        yield from numbers(f"  + {stage.name}", map(_duration, seconds), stage.basis)


def _besides(plan: Plan) -> str:
    """Return what the numbers do not have in them."""
    if plan.engine.kind == "tgi":
        return "not measured; of TGI 2023 is known"
    return f"not measured; {'queue and ' if _is_queued(plan) else ''}network on top"


def _is_queued(plan: Plan) -> bool:
    return plan.runpod is not None and plan.runpod.mode == "queue"


def _busy(found: Performance) -> Iterator[str]:
    late = found.ttft_p95_seconds
    if found.requests_per_hour is None or found.ttft_seconds is None or late is None:
        if late is not None:
            yield "  a request that finds no worker"
            yield from _times("first token", late, "it waits for a start from nothing")
        return
    rate, replicas = found.requests_per_hour, found.replicas
    on = "one replica" if replicas == 1 else f"each of {replicas} replicas"
    yield f"  the busiest hour, {rate:,.0f} requests on {on}"
    yield from _times("first token, mean", found.ttft_seconds)
    cold = f"{found.cold_share:.0%} of the requests wait for a start" if found.cold_share else ""
    yield from _times("first token, 95%", late, cold)
    if found.inter_token_seconds is not None:
        yield from _times("between two tokens", found.inter_token_seconds)
    if found.utilization is not None and found.in_flight is not None:
        ends = _each(found.utilization, lambda share: f"{share * _PERCENT:.0f}%")
        more = "more than it can answer" if found.utilization.high >= 1 else ""
        about = more or f"{found.in_flight.expected:.1f} requests in flight"
        yield from numbers("    busy", ends, about)


def _times(name: str, seconds: Range, about: str = "") -> list[str]:
    return numbers(f"    {name}", _each(seconds, _seconds), about)


def _rates(name: str, rate: Range, about: str = "") -> list[str]:
    """Return a rate with its ends as those of a time: the fast one first."""
    return numbers(f"    {name}", [f"{value:,.0f}" for value in (rate.high, rate.expected, rate.low)], about)


def _each(values: Range, text: Callable[[float], str]) -> list[str]:
    return [text(value) for value in (values.low, values.expected, values.high)]


def _seconds(value: float) -> str:
    """Return seconds as a person reads them.

    >>> _seconds(0.0648), _seconds(2.345), _seconds(75.2), _seconds(float("inf"))
    ('65 ms', '2.3 s', '1m15s', 'no bound')
    """
    if not math.isfinite(value):
        return _UNBOUND
    if value < 1:
        return f"{value * _MS:.0f} ms"
    return f"{value:.1f} s" if value < _EXACT_BELOW_SECONDS else _duration(value)


def _duration(seconds: float) -> str:
    return str(Duration(round(seconds)))
