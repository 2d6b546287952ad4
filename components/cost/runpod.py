"""What a service on RunPod costs: how workers, their disks and a network volume become lines of USD per month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.catalogue.runpod import container_disk_usd, network_volume_usd, runpod_price_date
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.keeper import keeper_lines
from components.cost.lines import Three, constant, line, priced, summed, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.estimate import CostEstimate, CostLine
    from components.cost.traffic import Traffic


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A GPU pool that may serve, and the hours that workers there run in a month at the expected load.

    `worker_hours` is None when no load is declared and the number of workers can change.
    """

    pool: str
    usd_per_gpu_hour: float | None
    worker_hours: float | None


@dataclass(frozen=True, slots=True)
class RunpodCostInputs:
    """What a price depends on; `least_hours` are those of workers that always run, in a month.

    `awake_hours` is None without a schedule, `traffic` without a load; `region` is that of the stack's AWS services.
    """

    pools: tuple[PoolUse, ...]
    gpu_count: int
    least_hours: float
    workers_max: int
    disk_gb: int
    volume_gb: int | None
    volume_is_standard: bool
    traffic: Traffic | None
    region: str
    awake_hours: float | None = None
    starts_by_hand: bool = False
    assumptions: tuple[str, ...] = ()


def runpod_estimate(inputs: RunpodCostInputs) -> CostEstimate:
    """Return the estimate of one service."""
    estimate = summed(
        tuple(_lines(inputs)),
        traffic=inputs.traffic,
        assumptions=(*_assumptions(inputs), *inputs.assumptions),
        unknowns=tuple(_unknowns(inputs)),
    )
    return replace(estimate, price_table_date=runpod_price_date().isoformat())


def _lines(inputs: RunpodCostInputs) -> Iterator[CostLine]:
    least, most = inputs.least_hours, inputs.workers_max * HOURS_PER_MONTH
    dearest = _dearest(inputs)
    usd = None if dearest is None else times(dearest.usd_per_gpu_hour, inputs.gpu_count)
    gpus = "1 GPU" if inputs.gpu_count == 1 else f"{inputs.gpu_count} GPUs"
    basis = f"{gpus} each" if dearest is None else f"{gpus} each, {dearest.pool}"
    beside = f", the dearest of {len(inputs.pools)} pools" if len(inputs.pools) > 1 else ""
    yield line("GPU workers", (_paid(least, usd), _expected(inputs), _paid(most, usd)), basis + beside)
    hours: Three = (least, _most_hours(inputs), most)
    yield line(
        "container disk",
        priced(hours, container_disk_usd(inputs.disk_gb) / HOURS_PER_MONTH),
        f"{inputs.disk_gb} GB while a worker runs",
    )
    if inputs.volume_gb is not None:
        volume = network_volume_usd(inputs.volume_gb) if inputs.volume_is_standard else None
        yield line("network volume", constant(volume), f"{inputs.volume_gb} GB, whether workers run or not")
    if inputs.awake_hours is not None:
        yield from keeper_lines(inputs.region)


def _dearest(inputs: RunpodCostInputs) -> PoolUse | None:
    """Return the pool with the highest price, None when the price of one of them is unknown."""
    if any(use.usd_per_gpu_hour is None for use in inputs.pools):
        return None
    return max(inputs.pools, key=lambda use: use.usd_per_gpu_hour or 0.0)


def _paid(hours: float, usd_per_hour: float | None) -> float | None:
    """Return what hours cost; none cost nothing, whatever the price is."""
    return times(usd_per_hour, hours) if hours else 0.0


def _expected(inputs: RunpodCostInputs) -> float | None:
    """Return the dearest way in which the load can be served: a faster GPU costs more for fewer hours."""
    ways = [
        None if use.worker_hours is None else _paid(use.worker_hours * inputs.gpu_count, use.usd_per_gpu_hour)
        for use in inputs.pools
    ]
    known = [usd for usd in ways if usd is not None]
    return max(known) if len(known) == len(ways) else None


def _most_hours(inputs: RunpodCostInputs) -> float | None:
    known = [use.worker_hours for use in inputs.pools if use.worker_hours is not None]
    return max(known) if len(known) == len(inputs.pools) else None


def _assumptions(inputs: RunpodCostInputs) -> Iterator[str]:
    yield f"a month has {HOURS_PER_MONTH} hours; list prices of RunPod, without tax, fee or discount"
    if inputs.awake_hours is None:
        yield "floor is the fewest workers all month, max the most workers all month"
    else:
        fewest = f"the fewest workers in the {inputs.awake_hours:,.0f} awake hours of a month"
        yield (
            f"floor is {'no worker, as nobody wakes the service' if inputs.starts_by_hand else fewest}, max the most "
            f"workers all {HOURS_PER_MONTH} hours, as if it never slept; holidays are not taken off"
        )
    yield "a worker that always runs costs what one that comes and goes costs: RunPod lists one price"
    yield "not counted: traffic, which RunPod does not charge, and what other services of the account use"
    if len(inputs.pools) > 1:
        yield "RunPod decides which pool a worker runs in: each amount is that of the dearest"


def _unknowns(inputs: RunpodCostInputs) -> Iterator[str]:
    yield from (f"price of {use.pool} on RunPod" for use in inputs.pools if use.usd_per_gpu_hour is None)
    if inputs.volume_gb is not None and not inputs.volume_is_standard:
        yield "price of a high-performance network volume"
    if inputs.awake_hours is not None and any(part.floor is None for part in keeper_lines(inputs.region)):
        yield f"price of keeper in {inputs.region}"
    if any(use.worker_hours is None for use in inputs.pools):
        yield "expected workers: the spec declares no load"
