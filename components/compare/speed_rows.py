"""Which rows say how fast a target answers, and how long it takes to start?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.compare.rows import NONE, Row, plan_row
from components.plan.stages import total
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.compare.comparison import Column
    from components.plan.model import Plan
    from components.sizing.latency import Performance
    from components.sizing.range import Range

_UNKNOWN = "unknown"
_EXACT_BELOW_SECONDS = 10


def speed_rows(columns: tuple[Column, ...]) -> Iterator[Row]:
    """Yield what a request and a replica should do: the low and the high end of each estimate."""
    yield _speed_row(columns, "first token", lambda speed: _times(speed.ttft_alone_seconds))
    yield _speed_row(columns, "busiest hour", _late)
    yield _speed_row(columns, "one stream", lambda speed: _rates(speed.stream_tokens_per_second))
    yield _speed_row(columns, "full replica", lambda speed: _rates(speed.replica_tokens_per_second))
    yield _speed_row(
        columns, "busy", lambda speed: f"{speed.utilization.expected:.0%}" if speed.utilization else _UNKNOWN
    )


def start_rows(columns: tuple[Column, ...]) -> Iterator[Row]:
    """Yield how long a start from nothing takes, and its stages."""
    yield plan_row(columns, "in all", _start)
    yield plan_row(columns, "stages", _stages)


def _late(speed: Performance) -> str:
    late = speed.ttft_p95_seconds
    if late is None:
        return _UNKNOWN
    return f"95% within {_times(late)}" if math.isfinite(late.low) else "more comes than it can answer"


def _speed_row(columns: tuple[Column, ...], label: str, text: Callable[[Performance], str]) -> Row:
    def cell(plan: Plan) -> str:
        return text(plan.performance) if plan.performance else NONE

    return plan_row(columns, label, cell)


def _start(plan: Plan) -> str:
    whole = total(plan.startup)
    return f"about {_duration(whole.expected)} ({_duration(whole.low)} to {_duration(whole.high)})"


def _stages(plan: Plan) -> str:
    return ", ".join(f"{stage.name} {Duration(stage.seconds)}" for stage in plan.startup if stage.seconds)


def _times(seconds: Range) -> str:
    """Return a time as its ends.

    >>> from components.sizing.range import Range
    >>> _times(Range(0.25, 0.5, 2.0)), _times(Range(20.0, 30.0, float("inf")))
    ('0.25s to 2s', '20s to no bound')
    """
    if not seconds.is_bounded:
        return f"{_seconds(seconds.low)} to no bound"
    return f"{_seconds(seconds.low)} to {_seconds(seconds.high)}"


def _rates(rate: Range) -> str:
    return f"{rate.low:,.0f} to {rate.high:,.0f} tokens/s"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2g}s" if seconds < _EXACT_BELOW_SECONDS else _duration(seconds)


def _duration(seconds: float) -> str:
    return str(Duration(round(seconds)))
