"""What a service on ECS costs: how the parts of its deployment become lines of USD per month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.instances import HOME_REGION
from components.catalogue.prices import service_usd
from components.contracts import GatewayMetric
from components.cost.balancer import balancer_line
from components.cost.compute import compute_lines, unknown_prices
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import added, constant, each, line, once, priced, summed, three_of, times
from components.cost.traffic import BYTES_PER_OUTPUT_TOKEN
from components.cost.traffic_lines import LOG_GB, egress_line, log_line
from components.cost.usage import start_assumptions, unknown_usage, usage_assumptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.compute import InstancePrice
    from components.cost.estimate import CostEstimate, CostLine, OneOffCost
    from components.cost.lines import Three
    from components.cost.usage import Usage

GB_PER_GIB = 1.073741824
_FREE_THROUGHPUT_MIB_S = 125
_METRICS = len(GatewayMetric)
_ALARMS = 4
"""Two of target tracking and two of the capacity provider, made by AWS; the policies bring them."""


@dataclass(frozen=True, slots=True)
class EcsCostInputs:
    """What a price depends on."""

    region: str
    price: InstancePrice
    usage: Usage
    root_volume_gib: int
    root_volume_throughput_mib_s: int
    checkpoint_gib: float
    image_gb: float
    public: bool
    makes_network: bool
    from_hub: bool
    log_retention_days: int
    secrets: int = 0
    """Secrets that the spec names; they exist already."""
    has_front: bool = False
    """Whether clients reach a front, whose own lines count what they are sent."""


def ecs_estimate(inputs: EcsCostInputs) -> CostEstimate:
    """Return the estimate of one service."""
    lines = tuple(_lines(inputs))
    return summed(
        lines,
        traffic=inputs.usage.traffic,
        assumptions=(*_assumptions(inputs), *inputs.usage.assumptions),
        unknowns=tuple(_unknowns(inputs, lines)),
        one_off=tuple(_one_off(inputs)) if inputs.usage.starts.first else (),
    )


def _lines(inputs: EcsCostInputs) -> Iterator[CostLine]:
    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    yield from compute_lines(inputs.usage.fleets, inputs.price)
    yield from _storage(inputs)
    yield balancer_line(
        "load balancer",
        inputs.region,
        traffic=inputs.usage.traffic,
        most_traffic=inputs.usage.most_traffic,
        public=inputs.public,
    )
    if inputs.makes_network:
        yield from _nat(inputs)
    if inputs.public:
        yield egress_line(inputs.usage, inputs.region)
    yield log_line(inputs.usage, inputs.region, inputs.log_retention_days)
    yield line(
        "metrics",
        priced(_publishing(inputs.usage), times(usd("custom_metric_month"), _METRICS)),
        f"{_METRICS} custom metrics, while a gateway runs",
    )
    yield line("alarms", constant(times(usd("alarm_month"), _ALARMS)), f"{_ALARMS} of autoscaling")


def _storage(inputs: EcsCostInputs) -> Iterator[CostLine]:
    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    weights_gb = inputs.checkpoint_gib * GB_PER_GIB
    extra = max(0, inputs.root_volume_throughput_mib_s - _FREE_THROUGHPUT_MIB_S)
    volume = added(times(usd("gp3_gb_month"), inputs.root_volume_gib), times(usd("gp3_mib_s_month"), extra))
    yield line(
        "root volumes",
        priced(three_of(inputs.usage.replicas, inputs.usage.late), volume),
        f"gp3, {inputs.root_volume_gib} GiB at {inputs.root_volume_throughput_mib_s} MiB/s on each",
    )
    yield line(
        "EFS storage", constant(times(usd("efs_storage_gb_month"), weights_gb)), f"{weights_gb:.1f} GB of weights"
    )
    reads = priced(inputs.usage.starts.three, times(usd("efs_read_gb"), weights_gb))
    yield line("EFS traffic", reads, f"{weights_gb:.1f} GB of weights read at {_count_text(inputs.usage)} starts")


def _nat(inputs: EcsCostInputs) -> Iterator[CostLine]:
    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    gateway = times(added(usd("nat_hour"), usd("public_ipv4_hour")), HOURS_PER_MONTH)
    pulls = priced(inputs.usage.starts.three, times(usd("nat_gb"), inputs.image_gb))
    logs = priced(each(inputs.usage.replicas, LOG_GB), usd("nat_gb"))
    yield line("NAT gateway", constant(gateway), "one for all services of the stack", shared=True)
    yield line("NAT traffic", three_of(pulls, logs), "images and logs through it")


def _one_off(inputs: EcsCostInputs) -> Iterator[OneOffCost]:
    """Yield what the first start costs: weights and image are fetched, and the cache is filled."""

    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    weights_gb, first = inputs.checkpoint_gib * GB_PER_GIB, inputs.usage.starts.first
    readers = "1 replica" if first == 1 else f"{first} replicas"
    yield once(
        "EFS traffic",
        added(times(usd("efs_write_gb"), weights_gb), times(usd("efs_read_gb"), weights_gb * first)),
        f"{weights_gb:.1f} GB of weights written, and read by {readers}",
    )
    if inputs.makes_network:
        # Weights in S3 pass the network's gateway endpoint, which is free.
        passed_gb = inputs.image_gb * first + (weights_gb if inputs.from_hub else 0.0)
        what = "weights and images" if inputs.from_hub else "images"
        yield once("NAT traffic", times(usd("nat_gb"), passed_gb), f"{passed_gb:.1f} GB of {what}")


def _publishing(usage: Usage) -> Three:
    """Return in which share of the month a gateway runs: metrics are paid for by the hour."""
    awake = HOURS_PER_MONTH if usage.awake_hours is None else usage.awake_hours
    least = awake if usage.unused_hours is None else usage.unused_hours
    floor, expected, most = (count is None or count > 0 for count in usage.replicas)
    return floor * least / HOURS_PER_MONTH, expected * awake / HOURS_PER_MONTH, float(most)


def _count_text(usage: Usage) -> str:
    """Return the starts at the floor, as expected and at most."""
    return "/".join("?" if count is None else f"{count:,.0f}" for count in usage.starts.three)


def _assumptions(inputs: EcsCostInputs) -> Iterator[str]:
    yield from usage_assumptions(inputs.usage)
    yield from start_assumptions(inputs.usage)
    yield "not counted: traffic between zones, and S3 where it holds the weights"
    if inputs.secrets:
        each_usd = service_usd("secret_month", inputs.region)
        price = "" if each_usd is None else f", {each_usd:.2f} USD a month each"
        yield f"not counted, as they exist already: the secrets that the spec names{price}"
    if inputs.public:
        yield f"answers are streamed, {BYTES_PER_OUTPUT_TOKEN} bytes for each token"
    elif not inputs.has_front:
        yield "the load balancer is internal: traffic to callers outside AWS is not counted"
    fewest, expected, _ = inputs.usage.late
    if late := fewest if expected is None else expected:
        yield (
            "an instance is given back up to 10m after its last task when the service falls asleep, about 15m after it "
            f"when scaling takes a replica away; counted: {late * HOURS_PER_MONTH:,.0f} hours a month"
            f"{'' if expected else ' at the floor'}"
        )
    yield "the instances that a surge deployment runs beside the old ones are not counted"
    if inputs.price.commitment is not None:
        yield "the commitment is for scaling.min_replicas, all month; payments in advance are spread over its term"
    if inputs.price.spot_percent:
        yield "spot prices move by the hour: max has them at the price on demand, which they do not exceed"
    if inputs.makes_network:
        yield "the network is shared: a stack pays for its NAT gateway once, however many services it has"
    else:
        yield "the given VPC's own costs (NAT gateway, endpoints) are not counted"
    if inputs.region != HOME_REGION:
        yield f"prices around the GPU in {inputs.region}: those of {HOME_REGION} times the mean factor of its instances"


def _unknowns(inputs: EcsCostInputs, lines: tuple[CostLine, ...]) -> Iterator[str]:
    yield from unknown_prices(inputs.price, inputs.region)
    others = (part for part in lines if not part.name.startswith("GPU "))
    yield from (f"price of {part.name} in {inputs.region}" for part in others if part.floor is None)
    yield from unknown_usage(inputs.usage)
