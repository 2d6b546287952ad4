"""What a service on RunPod costs: how workers, their disks and a network volume become lines of USD per month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.catalogue.runpod import container_disk_usd, network_volume_usd, runpod_price_date
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import Three, constant, line, once, priced, summed, times
from components.cost.usage import IDLE_ASSUMPTION, fewest_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.estimate import CostEstimate, CostLine, OneOffCost
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

    `pools` are in order of preference: a worker runs in the first that has a GPU free. `download_hours` are those in
    which the first worker fills the network volume, None where there is none to fill. `awake_hours` and `unused_hours`
    are those of `Usage`; `traffic` is None without a load.
    """

    pools: tuple[PoolUse, ...]
    gpu_count: int
    least_hours: float
    workers_max: int
    disk_gb: int
    volume_gb: int | None
    volume_is_standard: bool
    traffic: Traffic | None
    awake_hours: float | None = None
    unused_hours: float | None = None
    starts_by_hand: bool = False
    download_hours: float | None = None
    assumptions: tuple[str, ...] = ()


def runpod_estimate(inputs: RunpodCostInputs) -> CostEstimate:
    """Return the estimate of one service."""
    estimate = summed(
        tuple(_lines(inputs)),
        traffic=inputs.traffic,
        assumptions=(*_assumptions(inputs), *inputs.assumptions),
        unknowns=tuple(_unknowns(inputs)),
        one_off=tuple(_one_off(inputs)),
    )
    return replace(estimate, price_table_date=runpod_price_date().isoformat())


def _lines(inputs: RunpodCostInputs) -> Iterator[CostLine]:
    first, least, most = inputs.pools[0], inputs.least_hours, inputs.workers_max * HOURS_PER_MONTH
    cheapest, dearest = _cheapest_and_dearest(inputs)
    yield line(
        "GPU workers",
        (
            _paid(least, cheapest, inputs.gpu_count),
            None if first.worker_hours is None else _paid(first.worker_hours, first, inputs.gpu_count),
            _paid(most, dearest, inputs.gpu_count),
        ),
        _basis(inputs, cheapest, dearest),
    )
    hours: Three = (least, first.worker_hours, most)
    yield line(
        "container disk",
        priced(hours, container_disk_usd(inputs.disk_gb) / HOURS_PER_MONTH),
        f"{inputs.disk_gb} GB while a worker runs",
    )
    if inputs.volume_gb is not None:
        volume = network_volume_usd(inputs.volume_gb) if inputs.volume_is_standard else None
        yield line("network volume", constant(volume), f"{inputs.volume_gb} GB, whether workers run or not")


def _one_off(inputs: RunpodCostInputs) -> Iterator[OneOffCost]:
    if inputs.download_hours is not None:
        usd = _paid(inputs.download_hours, inputs.pools[0], inputs.gpu_count)
        yield once("volume download", usd, f"{_gpus(inputs)} while the first worker fills the network volume")


def _cheapest_and_dearest(inputs: RunpodCostInputs) -> tuple[PoolUse | None, PoolUse | None]:
    """Return the pools of the lowest and the highest price, None for both when the price of one is unknown."""
    if any(use.usd_per_gpu_hour is None for use in inputs.pools):
        return None, None
    ranked = sorted(inputs.pools, key=lambda use: use.usd_per_gpu_hour or 0.0)
    return ranked[0], ranked[-1]


def _basis(inputs: RunpodCostInputs, cheapest: PoolUse | None, dearest: PoolUse | None) -> str:
    """Return which pool each amount is of: the first that is asked for, but where another costs less or more."""
    first = inputs.pools[0]
    text = f"{_gpus(inputs)} each, {first.pool}"
    if cheapest is None or dearest is None:
        return f"{text}, or one of {len(inputs.pools)} pools" if len(inputs.pools) > 1 else text
    others = (("floor", cheapest), ("max", dearest))
    return text + "".join(
        f"; {amount}: {use.pool}" for amount, use in others if use.usd_per_gpu_hour != first.usd_per_gpu_hour
    )


def _gpus(inputs: RunpodCostInputs) -> str:
    return "1 GPU" if inputs.gpu_count == 1 else f"{inputs.gpu_count} GPUs"


def _paid(hours: float, use: PoolUse | None, gpus: int) -> float | None:
    """Return what hours of workers in a pool cost; none cost nothing, whatever the price is."""
    if not hours:
        return 0.0
    return None if use is None else times(use.usd_per_gpu_hour, hours * gpus)


def _assumptions(inputs: RunpodCostInputs) -> Iterator[str]:
    yield f"a month has {HOURS_PER_MONTH} hours; list prices of RunPod, without tax, fee or discount"
    if inputs.awake_hours is None:
        yield "floor is the fewest workers all month, max the most workers all month"
    else:
        floor = fewest_text("worker", inputs.awake_hours, inputs.unused_hours, starts_by_hand=inputs.starts_by_hand)
        yield (
            f"floor is {floor}, max the most workers all {HOURS_PER_MONTH} hours, as if it never slept; holidays are "
            "not taken off"
        )
    if inputs.unused_hours is not None:
        yield IDLE_ASSUMPTION
    yield "a worker that always runs costs what one that comes and goes costs: RunPod lists one price"
    yield "not counted: traffic, which RunPod does not charge, and what other services of the account use"
    if len(inputs.pools) > 1:
        yield (
            "a worker runs in the first pool that has a GPU free: expected is that of the first, floor that of the "
            "cheapest, max that of the dearest"
        )


def _unknowns(inputs: RunpodCostInputs) -> Iterator[str]:
    yield from (f"price of {use.pool} on RunPod" for use in inputs.pools if use.usd_per_gpu_hour is None)
    if inputs.volume_gb is not None and not inputs.volume_is_standard:
        yield "price of a high-performance network volume"
    if any(use.worker_hours is None for use in inputs.pools):
        yield "expected workers: the spec declares no load"
