"""What it costs that somebody keeps a service: the function that looks every ten minutes, its metrics and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.prices import service_usd
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import added, beside, constant, line, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.estimate import CostEstimate, CostLine
    from components.cost.traffic import Traffic

_RUNS_PER_MONTH = HOURS_PER_MONTH * 6
"""Every ten minutes; those at the edges of the windows are among its rounding."""
_GB_SECONDS = 0.5 * 2
"""512 MiB for two seconds: it asks a few APIs."""
_METRICS = 4
"""State, idle minutes, spending of the month, USD per hour; with a forecast a fifth, the month's end."""
_STACK_ALARMS = 2
"""The function fails; what it could not be told waits in its queue."""
_SERVICE_ALARMS = 2
"""The function is silent; the service costs more than its most replicas can."""


@dataclass(frozen=True, slots=True)
class KeeperCostInputs:
    """What the price depends on; without a budget there is no share of it to alarm at, and no forecast."""

    region: str
    alerts: int
    """How many shares of the budget ring an alarm."""
    forecast: bool
    answers_asleep: bool
    """Whether a function answers requests while the service sleeps."""
    outside_aws: bool
    """Whether somebody runs it by hand: AWS keeps a service of RunPod only where it is given a key for that."""


def with_keeper(estimate: CostEstimate, inputs: KeeperCostInputs, traffic: Traffic | None) -> CostEstimate:
    """Return the estimate of a service with what its keeper costs besides."""
    lines = () if inputs.outside_aws else tuple(_lines(inputs))
    return beside(estimate, lines, region=inputs.region, traffic=traffic, assumptions=tuple(_assumptions(inputs)))


def _lines(inputs: KeeperCostInputs) -> Iterator[CostLine]:
    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    function = added(
        times(usd("lambda_million"), _RUNS_PER_MONTH / 1e6),
        times(usd("lambda_gb_second"), _RUNS_PER_MONTH * _GB_SECONDS),
    )
    timer = times(usd("scheduler_million"), _RUNS_PER_MONTH / 1e6)
    told = added(usd("kms_key_month"), times(usd("alarm_month"), _STACK_ALARMS))
    yield line(
        "keeper",
        constant(added(added(function, timer), told)),
        f"Lambda, scheduler, key of the topic and {_STACK_ALARMS} alarms, for all services of the stack",
        shared=True,
    )
    metrics = _METRICS + inputs.forecast
    published = times(usd("metric_put_thousand"), _RUNS_PER_MONTH / 1e3)
    yield line(
        "keeper metrics",
        constant(added(times(usd("custom_metric_month"), metrics), published)),
        f"{metrics} custom metrics",
    )
    alarms = _SERVICE_ALARMS + inputs.alerts + inputs.forecast
    yield line("keeper alarms", constant(times(usd("alarm_month"), alarms)), f"{alarms} of state and spending")


def _assumptions(inputs: KeeperCostInputs) -> Iterator[str]:
    if inputs.answers_asleep:
        usd = service_usd("lambda_million", inputs.region)
        price = "" if usd is None else f", {usd:.2f} USD a million besides the function's time"
        yield f"not counted: the answers while the service sleeps{price}"
    if inputs.outside_aws:
        yield "not counted: where `berth keeper run` runs, as no function in AWS keeps the service"
