"""What a service on SageMaker costs: how instances, traffic and logs become lines of USD per month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.catalogue.instances import HOME_REGION
from components.catalogue.prices import service_usd
from components.catalogue.sagemaker import sagemaker_price_date
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import Three, added, each, line, priced, summed, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.estimate import CostEstimate, CostLine

_DAYS_PER_MONTH = 30
_DATA_GB = (1.0, 20.0, 200.0)
_LOG_GB = (0.1, 1.0, 5.0)
"""Requests and answers, and logs, of each replica in a month."""


@dataclass(frozen=True, slots=True)
class SagemakerCostInputs:
    """What a price depends on. `expected_replicas` is None when no load is declared and their number can change.

    `fallbacks` are type and price of the instances that serve when AWS has none of `instance_type`.
    """

    region: str
    instance_type: str
    usd_per_hour: float | None
    fallbacks: tuple[tuple[str, float | None], ...]
    min_replicas: int
    max_replicas: int
    expected_replicas: int | None
    in_vpc: bool
    from_hub: bool
    log_retention_days: int
    million_tokens_per_month: float | None
    assumptions: tuple[str, ...] = ()


def sagemaker_estimate(inputs: SagemakerCostInputs) -> CostEstimate:
    """Return the estimate of one service; parked it has no replicas, and costs nothing."""
    lines = tuple(_lines(inputs))
    estimate = summed(
        lines,
        million_tokens_per_month=inputs.million_tokens_per_month,
        assumptions=(*_assumptions(inputs), *inputs.assumptions),
        unknowns=tuple(_unknowns(inputs, lines)),
    )
    return replace(estimate, price_table_date=sagemaker_price_date().isoformat())


def _lines(inputs: SagemakerCostInputs) -> Iterator[CostLine]:
    replicas: Three = (inputs.min_replicas, inputs.expected_replicas, inputs.max_replicas)
    yield line("GPU instances", _instances(inputs), _instances_basis(inputs))
    data = service_usd("sagemaker_data_gb", inputs.region)
    yield line("data processing", priced(each(replicas, _DATA_GB), data), "requests and answers, per GB")
    months = inputs.log_retention_days / _DAYS_PER_MONTH
    stored = times(service_usd("logs_stored_gb_month", inputs.region), months)
    log_gb = added(service_usd("logs_ingested_gb", inputs.region), stored)
    yield line("logs", priced(each(replicas, _LOG_GB), log_gb), f"kept {inputs.log_retention_days} days")


def _instances(inputs: SagemakerCostInputs) -> Three:
    """Return what the instances cost: at most, they are all of the dearest type that may serve."""
    usd = inputs.usd_per_hour
    most = _paid(inputs.max_replicas, _dearest(inputs)[1])
    return _paid(inputs.min_replicas, usd), _paid(inputs.expected_replicas, usd), most


def _paid(replicas: int | None, usd_per_hour: float | None) -> float | None:
    """Return what replicas cost in a month; none cost nothing, whatever the price is."""
    if replicas is None:
        return None
    return times(usd_per_hour, replicas * HOURS_PER_MONTH) if replicas else 0.0


def _instances_basis(inputs: SagemakerCostInputs) -> str:
    dearest, usd = _dearest(inputs)
    if dearest != inputs.instance_type and usd is not None:
        return f"{inputs.instance_type}; max: {dearest}"
    return f"{inputs.instance_type} on demand, one per replica"


def _dearest(inputs: SagemakerCostInputs) -> tuple[str, float | None]:
    """Return the type with the highest price; one without a known price counts as the highest."""
    types = ((inputs.instance_type, inputs.usd_per_hour), *inputs.fallbacks)
    unknown = next((row for row in types if row[1] is None), None)
    return unknown or max(types, key=lambda row: row[1] or 0.0)


def _assumptions(inputs: SagemakerCostInputs) -> Iterator[str]:
    yield f"a month has {HOURS_PER_MONTH} hours; prices are on demand, without tax or discount"
    yield "floor is the fewest replicas all month, max the most replicas all month"
    yield "the local disk of an instance is in its price; an instance is paid for from its launch on"
    where = "the Hub" if inputs.from_hub else "S3"
    yield f"weights come to each new instance from {where} without a charge for the transfer"
    yield "not counted: alarms, S3 where it holds the weights, and the second fleet while blue_green replaces the first"
    if inputs.fallbacks:
        yield "floor and expected are those of the first accelerator, max those of the dearest that may serve"
    if inputs.in_vpc:
        yield "the given VPC's own costs (NAT gateway, endpoints) are not counted"
    if inputs.region != HOME_REGION:
        yield f"prices in {inputs.region}: those of {HOME_REGION} times the factor of the same EC2 family there"


def _unknowns(inputs: SagemakerCostInputs, lines: tuple[CostLine, ...]) -> Iterator[str]:
    types = ((inputs.instance_type, inputs.usd_per_hour), *inputs.fallbacks)
    yield from (f"price of {name} in {inputs.region}" for name, usd in types if usd is None)
    yield from (f"price of {part.name} in {inputs.region}" for part in lines[1:] if part.floor is None)
    if inputs.expected_replicas is None:
        yield "expected replicas: the spec declares no load"
