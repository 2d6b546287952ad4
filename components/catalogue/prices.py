"""What the AWS services around the GPUs cost, and how old the price tables are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from components.catalogue.instances import HOME_REGION, instances, region_multiplier
from components.catalogue.tables import as_of_date, read_table, row_of

if TYPE_CHECKING:
    from datetime import date

STALE_AFTER_DAYS = 180


@dataclass(frozen=True, slots=True)
class ServicePrice:
    """One row of `aws_services.csv`, us-east-1."""

    item: str
    unit: str
    usd: float
    source: str
    as_of: str


@cache
def service_prices() -> dict[str, ServicePrice]:
    """Return every service price of the catalogue by item."""
    return {
        row["item"]: ServicePrice(row["item"], row["unit"], float(row["usd"]), row["source"], row["as_of"])
        for row in read_table("aws_services")
    }


def service_usd(item: str, region: str) -> float | None:
    """Return the price of one unit, scaled by the region's price level; None where that is unknown.

    `CatalogueError` for an item that is not in the table.

    >>> service_usd("alb_hour", "us-east-1")
    0.0225
    """
    price = row_of(service_prices(), item, "aws_services")
    factor = 1.0 if region == HOME_REGION else region_multiplier(region)
    return None if factor is None else price.usd * factor


@cache
def price_table_date() -> date:
    """Return the day of the oldest instance price in use."""
    return min(as_of_date(row.as_of) for row in instances().values() if row.usd_per_hour is not None)


def is_stale(table: date, today: date) -> bool:
    """Tell whether a table is so old that its prices need a look.

    >>> from datetime import date
    >>> is_stale(date(2026, 7, 6), date(2026, 11, 21)), is_stale(date(2026, 7, 6), date(2027, 2, 1))
    (False, True)
    """
    return (today - table).days > STALE_AFTER_DAYS
