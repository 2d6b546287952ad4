"""Which EC2 instance types carry GPUs, where they are offered, and what an hour costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from components.catalogue.tables import optional_float, read_table, row_of

HOME_REGION = "us-east-1"
"""The region whose prices are in the table; other regions are multiples of it."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One row of `aws_instances.csv`: on-demand Linux, us-east-1. `gpu_count` below 1 is a share of one GPU."""

    instance_type: str
    gpu: str
    gpu_count: float
    vcpus: int
    memory_gib: float
    usd_per_hour: float | None
    source: str
    as_of: str

    @property
    def family(self) -> str:
        return self.instance_type.partition(".")[0]


@dataclass(frozen=True, slots=True)
class RegionPrice:
    """What an hour costs in a region, on demand, and who says so; an estimate follows from another region's price."""

    usd_per_hour: float
    is_estimate: bool
    source: str
    as_of: str


@cache
def instances() -> dict[str, Instance]:
    """Return every instance type of the catalogue by name."""
    return {
        row["instance_type"]: Instance(
            instance_type=row["instance_type"],
            gpu=row["gpu"],
            gpu_count=float(row["gpu_count"]),
            vcpus=int(row["vcpus"]),
            memory_gib=float(row["memory_gib"]),
            usd_per_hour=optional_float(row["usd_per_hour"]),
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("aws_instances")
    }


@cache
def _offered() -> dict[str, frozenset[str]]:
    offered: dict[str, set[str]] = {}
    for row in read_table("aws_availability"):
        offered.setdefault(row["region"], set()).update(row["instance_types"].split())
    return {region: frozenset(types) for region, types in offered.items()}


def known_regions() -> list[str]:
    """Return the regions whose offerings are in the catalogue."""
    return sorted(_offered())


def regions_offering(instance_type: str) -> list[str]:
    """Return the regions of the catalogue that offer an instance type."""
    return sorted(region for region, types in _offered().items() if instance_type in types)


def is_offered(instance_type: str, region: str) -> bool:
    """Tell whether a region of the catalogue offers an instance type."""
    return instance_type in _offered().get(region, frozenset())


@cache
def _multipliers() -> dict[tuple[str, str], float]:
    return {(row["family"], row["region"]): float(row["multiplier"]) for row in read_table("aws_region_multipliers")}


def usd_per_hour(instance_type: str, region: str) -> float | None:
    """Return the on-demand price of an hour, None where the catalogue does not know it.

    >>> usd_per_hour("g6.2xlarge", "us-east-1")
    0.9776
    >>> usd_per_hour("g6.2xlarge", "sa-east-1") is None
    True
    """
    price = region_price(instance_type, region)
    return price.usd_per_hour if price else None


@cache
def region_price(instance_type: str, region: str) -> RegionPrice | None:
    """Return the on-demand price of an hour with its source: the region's own, else one that follows from us-east-1.

    `CatalogueError` for an instance type that is not in the table.

    >>> price = region_price("g5.2xlarge", "eu-west-1")
    >>> price.is_estimate, price.usd_per_hour
    (True, 1.35296)
    """
    instance = row_of(instances(), instance_type, "aws_instances")
    home = RegionPrice(instance.usd_per_hour, False, instance.source, instance.as_of) if instance.usd_per_hour else None
    return price_in(instance_type, region, home)


def price_in(instance_type: str, region: str, home: RegionPrice | None) -> RegionPrice | None:
    """Return the price of an instance type in a region, given that of us-east-1; None where nothing is known.

    Without a price of its own a region has that of us-east-1 times the price level of the EC2 family there.
    """
    if region == HOME_REGION:
        return home
    exact = _region_prices().get((instance_type, region))
    if exact is not None or home is None:
        return exact
    family = instance_type.removeprefix("ml.").partition(".")[0]
    multiplier = family_multiplier(family, region)
    if multiplier is None:
        return None
    basis = f"us-east-1 times {multiplier:g}, the price level of {family} there"
    return RegionPrice(round(home.usd_per_hour * multiplier, 5), True, f"{basis}; {home.source}", home.as_of)


@cache
def _region_prices() -> dict[tuple[str, str], RegionPrice]:
    return {
        (row["instance_type"], row["region"]): RegionPrice(
            float(row["usd_per_hour"]), False, row["source"], row["as_of"]
        )
        for row in read_table("aws_region_prices")
    }


def family_multiplier(family: str, region: str) -> float | None:
    """Return the price level of an instance family in a region against us-east-1, None where it is unknown.

    >>> family_multiplier("g5", "eu-west-1"), family_multiplier("p5", "eu-west-2")
    (1.1163, None)
    """
    return 1.0 if region == HOME_REGION else _multipliers().get((family, region))


def region_multiplier(region: str) -> float | None:
    """Return the mean price level of a region against us-east-1, None where nothing is known of it.

    >>> region_multiplier("us-east-1"), region_multiplier("us-west-2"), region_multiplier("moon-1")
    (1.0, 1.0, None)
    """
    if region == HOME_REGION:
        return 1.0
    known = [factor for (_, where), factor in _multipliers().items() if where == region]
    return round(sum(known) / len(known), 4) if known else None
