"""What spare EC2 capacity costs now, the mean over the zones of a region."""

from __future__ import annotations

from statistics import mean
from typing import TYPE_CHECKING, Any

from components.catalogue.hub.keys import list_of, mapping_of
from components.catalogue.instances import instances, usd_per_hour
from components.refresh.price_list import reason
from components.refresh.source import Answer, Finding, RefreshError, figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

_SYSTEM = "Linux/UNIX"
_FROM = "EC2 DescribeSpotPriceHistory, mean over zones; on-demand: as in the catalogue that day"


def ask(client: Any, instance_types: Iterable[str], now: datetime) -> list[object]:
    """Return the newest spot price of each type and zone of the client's region."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (heavy, and only a refresh needs it)

    pages = client.get_paginator("describe_spot_price_history").paginate(
        InstanceTypes=list(instance_types), ProductDescriptions=[_SYSTEM], StartTime=now, EndTime=now
    )
    try:
        return [entry for page in pages for entry in page.get("SpotPriceHistory", [])]
    except (BotoCoreError, ClientError) as error:
        raise RefreshError(f"EC2 spot prices: {reason(error)}") from error


def spot_answer(history: Mapping[str, Iterable[object]]) -> Answer:
    """Return the spot prices of regions beside the on-demand prices that they compare with.

    A spot price above on demand, and one without an on-demand price to compare with, is passed over with a remark.
    """
    found: list[Finding] = []
    remarks: list[str] = []
    for region, entries in history.items():
        for name, usd in sorted(_newest(entries).items()):
            on_demand = usd_per_hour(name, region)
            if on_demand is None or usd >= on_demand:
                why = "has no on-demand price" if on_demand is None else f"is not below on demand ({on_demand:g})"
                remarks.append(f"{name} in {region}: the spot price {usd:g} {why}, so it is not used")
                continue
            values = {
                "instance_type": name,
                "region": region,
                "spot_usd_per_hour": figure(usd),
                "on_demand_usd_per_hour": figure(on_demand),
            }
            found.append(Finding("aws_spot", values, _FROM, may_add=True))
    return Answer(tuple(found), tuple(remarks))


def _newest(entries: Iterable[object]) -> dict[str, float]:
    """Return the mean over zones of the newest price of each instance type of the catalogue."""
    zones: dict[tuple[str, str], tuple[str, float]] = {}
    for entry in list_of(list(entries)):
        one = mapping_of(entry) or {}
        name, zone, time = (str(one.get(key)) for key in ("InstanceType", "AvailabilityZone", "Timestamp"))
        try:
            usd = float(str(one.get("SpotPrice")))
        except ValueError:
            continue
        if name in instances() and one.get("ProductDescription") == _SYSTEM and usd > 0:
            zones[name, zone] = max(zones.get((name, zone), ("", 0.0)), (time, usd))
    by_name: dict[str, list[float]] = {}
    for (name, _), (_, usd) in zones.items():
        by_name.setdefault(name, []).append(usd)
    return {name: mean(prices) for name, prices in by_name.items()}
