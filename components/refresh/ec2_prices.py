"""What an hour of a GPU instance costs: on demand, Linux, shared tenancy, in every region of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.catalogue.instances import HOME_REGION, instances, known_regions
from components.refresh.price_list import SOURCE, attributes_of, on_demand_usd, one_price, products
from components.refresh.source import Answer, Finding, figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FILTERS = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
_FROM = f"{SOURCE}, AmazonEC2: Linux, shared, on demand"


def ask(client: Any, instance_types: Iterable[str]) -> Iterator[Mapping[str, object]]:
    """Yield the products of instance types in all regions."""
    for name in instance_types:
        yield from products(client, "AmazonEC2", {**_FILTERS, "instanceType": name})


def ec2_answer(found: Iterable[Mapping[str, object]]) -> Answer:
    """Return the prices of products; a product of another tenancy, system or state is passed over."""
    prices: dict[tuple[str, str], set[float]] = {}
    for product in found:
        attributes = attributes_of(product)
        name, region = str(attributes.get("instanceType")), str(attributes.get("regionCode"))
        if any(attributes.get(field) != value for field, value in _FILTERS.items()):
            continue
        if name not in instances() or region not in known_regions() or (usd := on_demand_usd(product)) is None:
            continue
        prices.setdefault((name, region), set()).add(usd)
    clear, remarks = one_price(prices)
    return Answer(tuple(findings(clear, "aws_instances", _FROM)), tuple(remarks))


def findings(prices: Mapping[tuple[str, str], float], home_table: str, source: str) -> Iterator[Finding]:
    """Yield the rows of prices: those of us-east-1 in the table of the types, others in that of the regions."""
    for (name, region), usd in prices.items():
        if region == HOME_REGION:
            yield Finding(home_table, {"instance_type": name, "usd_per_hour": figure(usd)}, source)
        else:
            values = {"instance_type": name, "region": region, "usd_per_hour": figure(usd)}
            yield Finding("aws_region_prices", values, source, may_add=True)
