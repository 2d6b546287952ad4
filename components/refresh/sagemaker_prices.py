"""What an hour of SageMaker hosting costs, by instance type and region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.catalogue.instances import instances, known_regions
from components.catalogue.sagemaker import sagemaker_instances
from components.refresh.ec2_prices import findings
from components.refresh.price_list import SOURCE, attributes_of, on_demand_usd, one_price, products
from components.refresh.source import Answer, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_COMPONENT = "Hosting"
_FROM = f"{SOURCE}, AmazonSageMaker: component Hosting, on demand"


def ask(client: Any, instance_types: Iterable[str]) -> Iterator[Mapping[str, object]]:
    """Yield the products of instance types in all regions."""
    for name in instance_types:
        yield from products(client, "AmazonSageMaker", {"component": _COMPONENT, "instanceName": name})


def sagemaker_answer(found: Iterable[Mapping[str, object]]) -> Answer:
    """Return the prices of products; training, notebooks and other components are passed over."""
    prices: dict[tuple[str, str], set[float]] = {}
    for product in found:
        attributes = attributes_of(product)
        name, region = str(attributes.get("instanceName")), str(attributes.get("regionCode"))
        if attributes.get("component") != _COMPONENT or name not in sagemaker_instances():
            continue
        if region not in known_regions() or (usd := on_demand_usd(product)) is None:
            continue
        prices.setdefault((name, region), set()).add(usd)
    clear, remarks = one_price(prices)
    return Answer(tuple(map(_with_ratio, findings(clear, "sagemaker_instances", _FROM))), tuple(remarks))


def _with_ratio(finding: Finding) -> Finding:
    """Add how many times the EC2 price of the catalogue a price of us-east-1 is."""
    if finding.table != "sagemaker_instances":
        return finding
    ec2 = instances()[finding.values["instance_type"].removeprefix("ml.")].usd_per_hour
    ratio = f"{float(finding.values['usd_per_hour']) / ec2:.2f}".rstrip("0").rstrip(".") if ec2 else ""
    return Finding(finding.table, {**finding.values, "ratio_to_ec2": ratio}, finding.source)
