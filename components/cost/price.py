"""How the parts of a deployment become lines of USD per month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.instances import HOME_REGION
from components.catalogue.prices import price_table_date, service_usd
from components.cost.estimate import HOURS_PER_MONTH, CostEstimate, CostLine, total

if TYPE_CHECKING:
    from collections.abc import Iterator

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
class CostInputs:
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


Three = tuple[float | None, float | None, float | None]


def estimate(inputs: CostInputs) -> CostEstimate:
    """Return the estimate of one service."""
    lines = tuple(_lines(inputs))
    expected = total([line.expected for line in lines])
    tokens = inputs.million_tokens_per_month
    return CostEstimate(
        floor=total([line.floor for line in lines]),
        expected=expected,
        max=total([line.max for line in lines]),
        usd_per_million_tokens=None if expected is None or not tokens else round(expected / tokens, 4),
        lines=lines,
        assumptions=(*_assumptions(inputs), *inputs.assumptions),
        price_table_date=price_table_date().isoformat(),
        unknowns=tuple(_unknowns(inputs, lines)),
    )


def _lines(inputs: CostInputs) -> Iterator[CostLine]:
    replicas: Three = (inputs.min_replicas, inputs.expected_replicas, inputs.max_replicas)
    starts = _each(replicas, _STARTS)
    weights_gb = inputs.checkpoint_gib * GB_PER_GIB

    def usd(item: str) -> float | None:
        return service_usd(item, inputs.region)

    yield _line(
        "GPU instances",
        _priced(replicas, _times(inputs.usd_per_hour, HOURS_PER_MONTH)),
        f"{inputs.instance_type} on demand, one per replica",
    )
    extra = max(0, inputs.root_volume_throughput_mib_s - _FREE_THROUGHPUT_MIB_S)
    volume = _sum(_times(usd("gp3_gb_month"), inputs.root_volume_gib), _times(usd("gp3_mib_s_month"), extra))
    yield _line(
        "root volumes",
        _priced(replicas, volume),
        f"gp3, {inputs.root_volume_gib} GiB at {inputs.root_volume_throughput_mib_s} MiB/s on each",
    )
    yield _line(
        "EFS storage", _constant(_times(usd("efs_storage_gb_month"), weights_gb)), f"{weights_gb:.1f} GB of weights"
    )
    reads = _priced(starts, _times(usd("efs_read_gb"), weights_gb))
    yield _line(
        "EFS traffic",
        _plus(reads, _times(usd("efs_write_gb"), weights_gb)),
        f"{weights_gb:.1f} GB read at each start, written once",
    )
    hours = _times(usd("alb_hour"), HOURS_PER_MONTH)
    addresses = _times(usd("public_ipv4_hour"), HOURS_PER_MONTH * _ZONES) if inputs.public else 0.0
    units = _priced(_CAPACITY_UNITS, _times(usd("alb_lcu_hour"), HOURS_PER_MONTH))
    yield _line("load balancer", _plus(_plus(units, hours), addresses), "application load balancer and its capacity")
    if inputs.makes_network:
        gateway = _times(_sum(usd("nat_hour"), usd("public_ipv4_hour")), HOURS_PER_MONTH)
        pulls = _priced(starts, _times(usd("nat_gb"), inputs.image_gb))
        # Weights in S3 pass the network's gateway endpoint, which is free.
        data = _plus(pulls, _times(usd("nat_gb"), weights_gb if inputs.from_hub else 0.0))
        yield _line("NAT gateway", _constant(gateway), "one for all services of the stack", shared=True)
        what = "images and weights" if inputs.from_hub else "images"
        yield _line("NAT traffic", data, f"{what} from the internet")
    months = inputs.log_retention_days / _DAYS_PER_MONTH
    log_gb = _sum(usd("logs_ingested_gb"), _times(usd("logs_stored_gb_month"), months))
    yield _line("logs", _priced(_each(replicas, _LOG_GB), log_gb), f"kept {inputs.log_retention_days} days")
    yield _line("metrics", _constant(_times(usd("custom_metric_month"), _METRICS)), f"{_METRICS} custom metrics")


def _assumptions(inputs: CostInputs) -> Iterator[str]:
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


def _unknowns(inputs: CostInputs, lines: tuple[CostLine, ...]) -> Iterator[str]:
    if inputs.usd_per_hour is None:
        yield f"price of {inputs.instance_type} in {inputs.region}"
    yield from (f"price of {line.name} in {inputs.region}" for line in lines[1:] if line.floor is None)
    if inputs.expected_replicas is None:
        yield "expected replicas: the spec declares no load"


def _line(name: str, three: Three, basis: str, *, shared: bool = False) -> CostLine:
    floor, expected, most = (None if usd is None else round(usd, 2) for usd in three)
    return CostLine(name, floor, expected, most, basis, shared)


def _times(usd: float | None, quantity: float) -> float | None:
    return None if usd is None else usd * quantity


def _sum(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left + right


def _priced(quantities: Three, usd: float | None) -> Three:
    low, middle, high = (None if quantity is None else _times(usd, quantity) for quantity in quantities)
    return low, middle, high


def _plus(three: Three, usd: float | None) -> Three:
    low, middle, high = (_sum(part, usd) for part in three)
    return low, middle, high


def _each(quantities: Three, per_one: tuple[float, float, float]) -> Three:
    low, middle, high = (
        None if quantity is None else quantity * one for quantity, one in zip(quantities, per_one, strict=True)
    )
    return low, middle, high


def _constant(usd: float | None) -> Three:
    return usd, usd, usd
