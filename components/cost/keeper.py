"""What it costs to keep the hours of a schedule: the function that wakes and stops services, once for a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.prices import service_usd
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import added, constant, line, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.estimate import CostLine

_RUNS_PER_MONTH = HOURS_PER_MONTH * 6
"""Every ten minutes; those at the edges of the windows are among its rounding."""
_GB_SECONDS = 0.25 * 4
"""256 MiB for four seconds: it asks a few APIs."""
_METRICS = 4


def keeper_lines(region: str) -> Iterator[CostLine]:
    """Yield what a service with a schedule adds."""
    function = added(
        times(service_usd("lambda_million", region), _RUNS_PER_MONTH / 1e6),
        times(service_usd("lambda_gb_second", region), _RUNS_PER_MONTH * _GB_SECONDS),
    )
    timer = times(service_usd("scheduler_million", region), _RUNS_PER_MONTH / 1e6)
    yield line(
        "keeper", constant(added(function, timer)), "Lambda and scheduler, for all services of the stack", shared=True
    )
    yield line(
        "keeper metrics",
        constant(times(service_usd("custom_metric_month", region), _METRICS)),
        f"{_METRICS} custom metrics",
    )
