"""What a service on ECS costs: how the parts of its deployment become lines of USD per month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.instances import HOME_REGION
from components.catalogue.prices import service_usd
from components.cost.balancer import balancer_line
from components.cost.compute import compute_lines, unknown_prices
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.keeper import keeper_lines
from components.cost.lines import added, constant, each, line, plus, priced, summed, three_of, times
from components.cost.traffic import BYTES_PER_OUTPUT_TOKEN
from components.cost.traffic_lines import LOG_GB, egress_line, log_line
from components.cost.usage import start_assumptions, unknown_usage, usage_assumptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.compute import InstancePrice
    from components.cost.estimate import CostEstimate, CostLine
    from components.cost.usage import Usage

GB_PER_GIB = 1.073741824
_FREE_THROUGHPUT_MIB_S = 125
_METRICS = 5
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
    yield line("metrics", constant(times(usd("custom_metric_month"), _METRICS)), f"{_METRICS} custom metrics")
    yield line("alarms", constant(times(usd("alarm_month"), _ALARMS)), f"{_ALARMS} of autoscaling")
    if inputs.usage.awake_hours is not None:
        yield from keeper_lines(inputs.region)


def _storage(inputs: EcsCostInputs) -> Iterator[CostLine]:
    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    weights_gb = inputs.checkpoint_gib * GB_PER_GIB
    extra = max(0, inputs.root_volume_throughput_mib_s - _FREE_THROUGHPUT_MIB_S)
    volume = added(times(usd("gp3_gb_month"), inputs.root_volume_gib), times(usd("gp3_mib_s_month"), extra))
    yield line(
        "root volumes",
        priced(inputs.usage.replicas, volume),
        f"gp3, {inputs.root_volume_gib} GiB at {inputs.root_volume_throughput_mib_s} MiB/s on each",
    )
    yield line(
        "EFS storage", constant(times(usd("efs_storage_gb_month"), weights_gb)), f"{weights_gb:.1f} GB of weights"
    )
    reads = priced(inputs.usage.starts.three, times(usd("efs_read_gb"), weights_gb))
    yield line(
        "EFS traffic",
        plus(reads, times(usd("efs_write_gb"), weights_gb)),
        f"{weights_gb:.1f} GB written, read at {_count_text(inputs.usage)} starts",
    )


def _nat(inputs: EcsCostInputs) -> Iterator[CostLine]:
    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    weights_gb = inputs.checkpoint_gib * GB_PER_GIB
    gateway = times(added(usd("nat_hour"), usd("public_ipv4_hour")), HOURS_PER_MONTH)
    pulls = priced(inputs.usage.starts.three, times(usd("nat_gb"), inputs.image_gb))
    logs = priced(each(inputs.usage.replicas, LOG_GB), usd("nat_gb"))
    # Weights in S3 pass the network's gateway endpoint, which is free.
    once = times(usd("nat_gb"), weights_gb if inputs.from_hub else 0.0)
    yield line("NAT gateway", constant(gateway), "one for all services of the stack", shared=True)
    what = "images, weights and logs" if inputs.from_hub else "images and logs"
    yield line("NAT traffic", plus(three_of(pulls, logs), once), f"{what} through it")


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
    yield "the instances that a surge deployment runs beside the old ones are not counted"
    if inputs.price.commitment is not None:
        yield "the commitment is for scaling.min_replicas, all month; payments in advance are spread over its term"
    if inputs.price.spot_percent:
        yield "spot prices move by the hour, and max does not count that they can reach the price on demand"
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
