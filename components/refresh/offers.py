"""Which GPU instance types a region offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.catalogue.instances import instances
from components.refresh.price_list import reason
from components.refresh.source import Answer, Finding, RefreshError
from components.refresh.table import natural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FROM = "EC2 DescribeInstanceTypeOfferings, location type region"


def ask(client: Any, instance_types: Iterable[str]) -> list[str]:
    """Return which of the instance types the client's region offers."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (heavy, and only a refresh needs it)

    filters = [{"Name": "instance-type", "Values": list(instance_types)}]
    pages = client.get_paginator("describe_instance_type_offerings").paginate(LocationType="region", Filters=filters)
    try:
        return [offer["InstanceType"] for page in pages for offer in page.get("InstanceTypeOfferings", [])]
    except (BotoCoreError, ClientError) as error:
        raise RefreshError(f"EC2 offerings: {reason(error)}") from error


def offers_answer(offered: Mapping[str, Iterable[str]]) -> Answer:
    """Return what regions offer, family by family."""
    found: list[Finding] = []
    for region, names in offered.items():
        families: dict[str, list[str]] = {}
        for name in sorted({*names} & {*instances()}, key=natural):
            families.setdefault(name.partition(".")[0], []).append(name)
        for family, types in families.items():
            values = {"region": region, "family": family, "instance_types": " ".join(types)}
            found.append(Finding("aws_availability", values, _FROM, may_add=True))
    return Answer(tuple(found))
