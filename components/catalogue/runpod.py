"""What RunPod rents out for serverless workers: GPU pools, their types and prices, storage, and quotas of workers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from components.catalogue.tables import as_of_date, optional_float, read_table, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_GB_PER_TB = 1000


@dataclass(frozen=True, slots=True)
class PoolType:
    """One row of `runpod_pools.csv`: a GPU type of a pool. `gpu` is None where `gpus.csv` does not have it.

    The table is what is known without asking: RunPod's own catalogue decides where a worker is placed.
    """

    gpu_type: str
    pool: str
    gpu: str | None
    memory_gb: float
    usd_per_gpu_second: float | None
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class QuotaTier:
    """How many workers an account may have, once this much money is on it."""

    balance_usd: int
    workers: int


@cache
def pool_types() -> tuple[PoolType, ...]:
    """Return every GPU type that is in a pool, pool by pool."""
    return tuple(
        PoolType(
            gpu_type=row["gpu_type"],
            pool=row["pool"],
            gpu=row["gpu"] or None,
            memory_gb=float(row["memory_gb"]),
            usd_per_gpu_second=optional_float(row["usd_per_gpu_second"]),
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("runpod_pools")
    )


def types_of(pool: str) -> tuple[PoolType, ...]:
    """Return the GPU types of a pool.

    >>> [row.gpu for row in types_of("AMPERE_24")]
    ['L4', 'RTX-A5000', 'RTX-3090']
    """
    return _by_pool().get(pool, ())


@cache
def _by_pool() -> dict[str, tuple[PoolType, ...]]:
    pools = dict.fromkeys(row.pool for row in pool_types())
    return {pool: tuple(row for row in pool_types() if row.pool == pool) for pool in pools}


def pool_of(gpu: str) -> str | None:
    """Return the pool that has a GPU of the catalogue, None when no pool has it.

    >>> pool_of("L40S"), pool_of("A10G")
    ('ADA_48_PRO', None)
    """
    return next((row.pool for row in pool_types() if row.gpu == gpu), None)


def usd_per_gpu_hour(pool: str) -> float | None:
    """Return what one GPU of a pool costs while its worker runs, None where RunPod publishes no price.

    RunPod chooses the type; where types of a pool differ in price, the dearest counts. `CatalogueError` for a pool
    that is not in the table.

    >>> usd_per_gpu_hour("AMPERE_24"), usd_per_gpu_hour("ADA_32_PRO")
    (0.684, None)
    """
    return dearest_usd_per_gpu_hour(row_of(_by_pool(), pool, "runpod_pools"))


def dearest_usd_per_gpu_hour(types: Iterable[PoolType]) -> float | None:
    """Return what an hour of the dearest of some GPU types costs, None where no price is known."""
    prices = [row.usd_per_gpu_second for row in types if row.usd_per_gpu_second is not None]
    return round(max(prices) * 3600, 6) if prices else None


def network_volume_usd(size_gb: int) -> float:
    """Return what a standard network volume costs in a month; what is above 1 TB is cheaper.

    >>> network_volume_usd(100), network_volume_usd(2000)
    (7.0, 120.0)
    """
    prices = _storage_prices()
    above = max(0, size_gb - _GB_PER_TB)
    usd = (size_gb - above) * prices["network_volume_gb_month"] + above * prices["network_volume_gb_month_above_1tb"]
    return round(usd, 6)


def container_disk_usd(size_gb: int) -> float:
    """Return what the disk of a worker costs when it runs for a whole month.

    >>> container_disk_usd(50)
    5.0
    """
    return round(size_gb * _storage_prices()["container_disk_gb_month"], 6)


@cache
def _storage_prices() -> dict[str, float]:
    return {row["item"]: float(row["usd"]) for row in read_table("runpod_storage")}


@cache
def quota_tiers() -> tuple[QuotaTier, ...]:
    """Return how many workers an account may have, by its balance, smallest first."""
    return tuple(QuotaTier(int(row["balance_usd"]), int(row["workers"])) for row in read_table("runpod_quotas"))


@cache
def runpod_price_date() -> date:
    """Return the day of the oldest price in use."""
    return min(as_of_date(row.as_of) for row in pool_types() if row.usd_per_gpu_second is not None)
