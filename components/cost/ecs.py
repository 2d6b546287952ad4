"""What a service on ECS costs: how the parts of its deployment become lines of USD per month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.instances import HOME_REGION
from components.catalogue.prices import service_usd
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import Three, added, constant, each, line, plus, priced, summed, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.estimate import CostEstimate, CostLine

GB_PER_GIB = 1.073741824
_FREE_THROUGHPUT_MIB_S = 125
_METRICS = 5
_ZONES = 2
_DAYS_PER_MONTH = 30

_STARTS = (1, 8, 60)
"""Starts of each replica in a month: never redeployed, twice a week, twice a day."""
_CAPACITY_UNITS = (0.0, 1.0, 5.0)
_LOG_GB = (0.1, 1.0, 5.0)
"""Logs of each replica in a month."""


@dataclass(frozen=True, slots=True)
class EcsCostInputs:
    """What a price depends on. `expected_replicas` is None when no load is declared and their number can change."""

    region: str
    instance_type: str
    usd_per_hour: float | None
    min_replicas: int
    max_replicas: int
    expected_replicas: int | None
    root_volume_gib: int
    root_volume_throughput_mib_s: int
    checkpoint_gib: float
    image_gb: float
    public: bool
    makes_network: bool
    from_hub: bool
    log_retention_days: int
    million_tokens_per_month: float | None
    assumptions: tuple[str, ...] = ()


def ecs_estimate(inputs: EcsCostInputs) -> CostEstimate:
    """Return the estimate of one service."""
    lines = tuple(_lines(inputs))
    return summed(
        lines,
        million_tokens_per_month=inputs.million_tokens_per_month,
        assumptions=(*_assumptions(inputs), *inputs.assumptions),
        unknowns=tuple(_unknowns(inputs, lines)),
    )


def _lines(inputs: EcsCostInputs) -> Iterator[CostLine]:
    replicas: Three = (inputs.min_replicas, inputs.expected_replicas, inputs.max_replicas)
    starts = each(replicas, _STARTS)
    weights_gb = inputs.checkpoint_gib * GB_PER_GIB

    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    yield line(
        "GPU instances",
        priced(replicas, times(inputs.usd_per_hour, HOURS_PER_MONTH)),
        f"{inputs.instance_type} on demand, one per replica",
    )
    extra = max(0, inputs.root_volume_throughput_mib_s - _FREE_THROUGHPUT_MIB_S)
    volume = added(times(usd("gp3_gb_month"), inputs.root_volume_gib), times(usd("gp3_mib_s_month"), extra))
    yield line(
        "root volumes",
        priced(replicas, volume),
        f"gp3, {inputs.root_volume_gib} GiB at {inputs.root_volume_throughput_mib_s} MiB/s on each",
    )
    yield line(
        "EFS storage", constant(times(usd("efs_storage_gb_month"), weights_gb)), f"{weights_gb:.1f} GB of weights"
    )
    reads = priced(starts, times(usd("efs_read_gb"), weights_gb))
    yield line(
        "EFS traffic",
        plus(reads, times(usd("efs_write_gb"), weights_gb)),
        f"{weights_gb:.1f} GB read at each start, written once",
    )
    hours = times(usd("alb_hour"), HOURS_PER_MONTH)
    addresses = times(usd("public_ipv4_hour"), HOURS_PER_MONTH * _ZONES) if inputs.public else 0.0
    units = priced(_CAPACITY_UNITS, times(usd("alb_lcu_hour"), HOURS_PER_MONTH))
    yield line("load balancer", plus(plus(units, hours), addresses), "application load balancer and its capacity")
    if inputs.makes_network:
        gateway = times(added(usd("nat_hour"), usd("public_ipv4_hour")), HOURS_PER_MONTH)
        pulls = priced(starts, times(usd("nat_gb"), inputs.image_gb))
        # Weights in S3 pass the network's gateway endpoint, which is free.
        data = plus(pulls, times(usd("nat_gb"), weights_gb if inputs.from_hub else 0.0))
        yield line("NAT gateway", constant(gateway), "one for all services of the stack", shared=True)
        what = "images and weights" if inputs.from_hub else "images"
        yield line("NAT traffic", data, f"{what} from the internet")
    months = inputs.log_retention_days / _DAYS_PER_MONTH
    log_gb = added(usd("logs_ingested_gb"), times(usd("logs_stored_gb_month"), months))
    yield line("logs", priced(each(replicas, _LOG_GB), log_gb), f"kept {inputs.log_retention_days} days")
    yield line("metrics", constant(times(usd("custom_metric_month"), _METRICS)), f"{_METRICS} custom metrics")


def _assumptions(inputs: EcsCostInputs) -> Iterator[str]:
    yield f"a month has {HOURS_PER_MONTH} hours; prices are on demand, without tax or discount"
    yield "floor is the fewest replicas all month, max the most replicas all month"
    yield "a replica starts once, 8 times or 60 times a month (floor, expected, max)"
    yield "not counted: traffic to clients and between zones, alarms, secrets, and S3 where it holds the weights"
    yield "the instances that a surge deployment runs beside the old ones are not counted"
    if inputs.makes_network:
        yield "the network is shared: a stack pays for its NAT gateway once, however many services it has"
    else:
        yield "the given VPC's own costs (NAT gateway, endpoints) are not counted"
    if inputs.region != HOME_REGION:
        yield f"prices around the GPU in {inputs.region}: those of {HOME_REGION} times the mean factor of its instances"


def _unknowns(inputs: EcsCostInputs, lines: tuple[CostLine, ...]) -> Iterator[str]:
    if inputs.usd_per_hour is None:
        yield f"price of {inputs.instance_type} in {inputs.region}"
    yield from (f"price of {part.name} in {inputs.region}" for part in lines[1:] if part.floor is None)
    if inputs.expected_replicas is None:
        yield "expected replicas: the spec declares no load"
