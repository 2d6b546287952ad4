"""What the gateways of a service add to its bill: a front on Fargate, and the table of what keys have spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.prices import service_usd
from components.contracts import GatewayMetric
from components.cost.balancer import balancer_line
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import added, beside, constant, each, line, priced, three_of, times
from components.cost.traffic import BYTES_PER_OUTPUT_TOKEN
from components.cost.traffic_lines import LOG_GB, SENT_GB, logs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.estimate import CostEstimate, CostLine
    from components.cost.lines import Three
    from components.cost.traffic import Traffic

_METRICS = len(GatewayMetric)
_ALARMS = 2
"""Of target tracking, made by AWS."""
_MILLION_WRITES = (0.0, 0.1, 1.0)
"""Of a month: gateways lease parts of a budget for many requests at once, and give back what lies idle."""


@dataclass(frozen=True, slots=True)
class FrontCostInputs:
    """What the price of a front depends on."""

    vcpus: float
    memory_gib: float
    tasks_min: int
    tasks_max: int
    public: bool
    makes_network: bool
    """Whether the stack makes a network for this front, and not for its target already."""
    reaches_target_over: str
    """`vpc`, `nat` or `internet`: what prompts and answers between both are charged for."""
    log_retention_days: int


@dataclass(frozen=True, slots=True)
class GatewayCostInputs:
    """What gateways add; `replicas`, `traffic` and `most_traffic` are those of the target, None as in `Usage`."""

    region: str
    replicas: Three
    traffic: Traffic | None
    most_traffic: Traffic | None
    counts_spending: bool
    has_fallback: bool
    front: FrontCostInputs | None


def with_gateway(estimate: CostEstimate, inputs: GatewayCostInputs) -> CostEstimate:
    """Return the estimate of a target with what its gateways cost besides."""
    lines, assumptions = tuple(_lines(inputs)), tuple(_assumptions(inputs))
    if not lines and not assumptions:
        return estimate
    return beside(estimate, lines, region=inputs.region, traffic=inputs.traffic, assumptions=assumptions)


def _lines(inputs: GatewayCostInputs) -> Iterator[CostLine]:
    if inputs.front is not None:
        yield from _front_lines(inputs, inputs.front)
    if inputs.counts_spending:
        yield line(
            "spending table",
            priced(_MILLION_WRITES, service_usd("dynamodb_write_million", inputs.region)),
            "DynamoDB on demand, up to a million leases of budgets",
        )


def _front_lines(inputs: GatewayCostInputs, front: FrontCostInputs) -> Iterator[CostLine]:
    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    tasks: Three = (front.tasks_min, front.tasks_min, front.tasks_max)
    hour = added(times(usd("fargate_vcpu_hour"), front.vcpus), times(usd("fargate_gb_hour"), front.memory_gib))
    count = f"{front.tasks_min}" if front.tasks_min == front.tasks_max else f"{front.tasks_min} to {front.tasks_max}"
    yield line(
        "front tasks",
        priced(tasks, times(hour, HOURS_PER_MONTH)),
        f"{count} on Fargate, {front.vcpus:g} vCPU and {front.memory_gib:g} GiB each, asleep or awake",
    )
    yield balancer_line(
        "front balancer",
        inputs.region,
        traffic=inputs.traffic,
        most_traffic=inputs.most_traffic,
        public=front.public,
    )
    if front.makes_network:
        gateway = times(added(usd("nat_hour"), usd("public_ipv4_hour")), HOURS_PER_MONTH)
        yield line("NAT gateway", constant(gateway), "one for all services of the stack", shared=True)
    if front.makes_network and front.reaches_target_over != "vpc":
        passed = three_of(_received_gb(inputs), _sent_gb(inputs))
        through = three_of(passed, each(tasks, LOG_GB))
        yield line("front NAT traffic", priced(through, usd("nat_gb")), "prompts, answers and logs through it")
    yield from _egress(inputs, front)
    yield logs_of("front logs", tasks, inputs.region, front.log_retention_days)
    yield line("front metrics", constant(times(usd("custom_metric_month"), _METRICS)), f"{_METRICS} custom metrics")
    if front.tasks_min < front.tasks_max:
        yield line("front alarms", constant(times(usd("alarm_month"), _ALARMS)), f"{_ALARMS} of autoscaling")


def _egress(inputs: GatewayCostInputs, front: FrontCostInputs) -> Iterator[CostLine]:
    leaves: Three = (0.0, 0.0, 0.0)
    what: list[str] = []
    if front.public:
        leaves, what = (
            three_of(leaves, _sent_gb(inputs)),
            [f"answers, streamed, {BYTES_PER_OUTPUT_TOKEN} bytes a token"],
        )
    if front.reaches_target_over == "internet":
        leaves, what = three_of(leaves, _received_gb(inputs)), [*what, "prompts to the target"]
    if what:
        yield line("front egress", priced(leaves, service_usd("egress_gb", inputs.region)), "; ".join(what))


def _sent_gb(inputs: GatewayCostInputs) -> Three:
    if inputs.traffic is None or inputs.most_traffic is None:
        return each(inputs.replicas, SENT_GB)
    return 0.0, inputs.traffic.sent_gb, inputs.most_traffic.sent_gb


def _received_gb(inputs: GatewayCostInputs) -> Three:
    """Return what clients send; where no load is declared, prompts are taken to weigh what answers do."""
    if inputs.traffic is None or inputs.most_traffic is None:
        return each(inputs.replicas, SENT_GB)
    return 0.0, inputs.traffic.received_gb, inputs.most_traffic.received_gb


def _assumptions(inputs: GatewayCostInputs) -> Iterator[str]:
    front = inputs.front
    if front is not None and not front.public:
        yield "the front is internal: traffic to callers outside AWS is not counted"
    if front is not None and not front.makes_network and front.reaches_target_over != "vpc":
        yield "the front's way out is the NAT gateway of the given VPC, whose cost is not counted"
    if inputs.has_fallback:
        yield "what a fallback of the gateway charges is not counted"
