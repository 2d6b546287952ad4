"""What `berth plan` says about a service on RunPod alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.runpod import types_of, usd_per_gpu_hour
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.model import Plan
    from components.plan.runpod.values import RunpodPlan

_FLASHBOOT = {"OFF": "no flashboot", "FLASHBOOT": "flashboot", "PRIORITY_FLASHBOOT": "priority flashboot"}


def runpod_rows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield label and text of each row."""
    runpod = plan.runpod
    if runpod is None:
        return
    yield "Pools", "; ".join(_pool(runpod, pool) for pool in runpod.pools)
    gpus = "1 GPU" if runpod.gpu_count == 1 else f"{runpod.gpu_count} GPUs"
    where = ", ".join(runpod.data_centers) or "any data center"
    needs = f"{gpus}, {runpod.disk_gb} GB of disk, CUDA {runpod.min_cuda_version} or newer,"
    yield "Workers", f"{needs} {_FLASHBOOT[runpod.flashboot]}, in {where}"
    if runpod.volume is not None:
        tier = "high-performance" if runpod.volume.type == "HIGH_PERFORMANCE" else "standard"
        yield "Volume", f"{runpod.volume.size_gb} GB, {tier}, in {runpod.volume.data_center}, for the weights"
    idle = runpod.idle_timeout_seconds
    stops = "" if idle is None else f"; a worker stops {Duration(idle)} after its last request"
    longest = Duration(runpod.execution_timeout_ms // 1000)
    way = "queued"
    if plan.gateway is not None:
        way, longest = "straight to a worker's gateway", Duration(plan.gateway.max_request_seconds)
    yield "Requests", f"{way}, up to {longest} each, with a key of the RunPod account{stops}"


def _pool(runpod: RunpodPlan, pool: str) -> str:
    """Return a pool with the GPU types that are left of it, and those that are not."""
    left = [row.gpu_type for row in types_of(pool) if row.gpu_type not in runpod.excluded_types]
    without = [row.gpu_type for row in types_of(pool) if row.gpu_type in runpod.excluded_types]
    names = ", ".join(_short(name) for name in left)
    usd = usd_per_gpu_hour(pool)
    price = "price unknown" if usd is None else f"{usd:.2f} USD per GPU hour"
    others = f", not {', '.join(_short(name) for name in without)}" if without else ""
    return f"{pool} ({price}): {names}{others}"


def _short(gpu_type: str) -> str:
    return gpu_type.removeprefix("NVIDIA ").removeprefix("GeForce ").removesuffix(" Generation")
