"""What a service on SageMaker costs: how instances, traffic, logs and alarms become lines of USD per month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.catalogue.instances import HOME_REGION
from components.catalogue.prices import service_usd
from components.catalogue.sagemaker import sagemaker_price_date
from components.cost.compute import compute_lines, unknown_prices
from components.cost.lines import Three, added, constant, each, line, priced, summed, times
from components.cost.traffic_lines import egress_line, log_line
from components.cost.usage import unknown_usage, usage_assumptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.compute import InstancePrice
    from components.cost.estimate import CostEstimate, CostLine
    from components.cost.usage import Usage

_DATA_GB = (1.0, 20.0, 200.0)
"""Requests and answers of each replica in a month where no load is declared."""
_TRACKING_ALARMS = 2
"""Of target tracking, made by AWS."""


@dataclass(frozen=True, slots=True)
class SagemakerCostInputs:
    """What a price depends on; `price.dearest` is what may serve when AWS has no instance of the first type."""

    region: str
    price: InstancePrice
    usage: Usage
    in_vpc: bool
    from_hub: bool
    log_retention_days: int
    tracks: str | None
    """The metric that moves the number of instances; None where it is fixed. `concurrency` has a high resolution."""
    has_front: bool = False
    """Whether clients reach a front, whose own lines count what they are sent."""


def sagemaker_estimate(inputs: SagemakerCostInputs) -> CostEstimate:
    """Return the estimate of one service; parked it has no replicas, and its alarm alone costs something."""
    lines = tuple(_lines(inputs))
    estimate = summed(
        lines,
        traffic=inputs.usage.traffic,
        assumptions=(*_assumptions(inputs), *inputs.usage.assumptions),
        unknowns=tuple(_unknowns(inputs, lines)),
    )
    return replace(estimate, price_table_date=sagemaker_price_date().isoformat())


def _lines(inputs: SagemakerCostInputs) -> Iterator[CostLine]:
    usage, region = inputs.usage, inputs.region
    yield from compute_lines(usage.fleets, inputs.price)
    yield line(
        "data processing",
        priced(_data_gb(usage), service_usd("sagemaker_data_gb", region)),
        "requests and answers, per GB",
    )
    if not inputs.has_front:
        yield egress_line(usage, region)
    yield log_line(usage, region, inputs.log_retention_days)
    yield _alarms(inputs)


def _data_gb(usage: Usage) -> Three:
    if usage.traffic is None or usage.most_traffic is None:
        return each(usage.replicas, _DATA_GB)
    expected, most = usage.traffic, usage.most_traffic
    return 0.0, expected.received_gb + expected.sent_gb, most.received_gb + most.sent_gb


def _alarms(inputs: SagemakerCostInputs) -> CostLine:
    one = service_usd("alarm_month", inputs.region)
    if inputs.tracks is None:
        return line("alarms", constant(one), "1 of updates")
    fine = inputs.tracks == "concurrency"
    item = "alarm_high_resolution_month" if fine else "alarm_month"
    tracking = times(service_usd(item, inputs.region), _TRACKING_ALARMS)
    resolution = " (each 10 s)" if fine else ""
    return line(
        "alarms",
        constant(added(one, tracking)),
        f"1 of updates, {_TRACKING_ALARMS} of autoscaling{resolution}",
    )


def _assumptions(inputs: SagemakerCostInputs) -> Iterator[str]:
    yield from usage_assumptions(inputs.usage)
    yield "the local disk of an instance is in its price; an instance is paid for from its launch on"
    where = "the Hub" if inputs.from_hub else "S3"
    yield f"weights come to each new instance from {where} without a charge for the transfer"
    if not inputs.has_front:
        yield "egress is that of callers outside AWS, whose answers are streamed; callers in the same region pay none"
    yield "not counted: S3 where it holds the weights, and the second fleet while blue_green replaces the first"
    if inputs.price.commitment is not None:
        yield "the commitment is for scaling.min_replicas, all month; payments in advance are spread over its term"
    if inputs.price.dearest is not None:
        yield "floor and expected are those of the first accelerator, max those of the dearest that may serve"
    if inputs.in_vpc:
        yield "the given VPC's own costs (NAT gateway, endpoints) are not counted"
    if inputs.region != HOME_REGION:
        yield f"prices in {inputs.region}: those of {HOME_REGION} times the factor of the same EC2 family there"


def _unknowns(inputs: SagemakerCostInputs, lines: tuple[CostLine, ...]) -> Iterator[str]:
    yield from unknown_prices(inputs.price, inputs.region)
    others = (part for part in lines if not part.name.startswith("GPU "))
    yield from (f"price of {part.name} in {inputs.region}" for part in others if part.floor is None)
    yield from unknown_usage(inputs.usage)
