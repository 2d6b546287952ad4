"""The AWS Price List API: how products are asked for, and what an hour of one costs on demand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from components.catalogue.hub.keys import mapping_of
from components.refresh.source import RefreshError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REGION = "us-east-1"
"""One of the three regions that answer; each of them knows the prices of all."""
SOURCE = "AWS Price List API"


def products(client: Any, service: str, filters: Mapping[str, str]) -> Iterator[Mapping[str, object]]:
    """Yield the products that match all filters, page by page; `RefreshError` when AWS does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (heavy, and only a refresh needs it)

    terms = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in filters.items()]
    pages = client.get_paginator("get_products").paginate(ServiceCode=service, Filters=terms, FormatVersion="aws_v1")
    try:
        for page in pages:
            yield from (_product(text) for text in page.get("PriceList", []))
    except (BotoCoreError, ClientError) as error:
        raise RefreshError(f"{SOURCE}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Return why AWS did not answer, and what to do: code and message, never a header or a key."""
    known: dict[str, Any] = getattr(error, "response", {}).get("Error", {})
    code = str(known.get("Code", type(error).__name__))
    said = str(known.get("Message", error)).rstrip(".")
    fixes = {
        "AccessDeniedException": "give these credentials pricing:GetProducts",
        "UnauthorizedOperation": "give these credentials the right to describe instances in EC2",
        "NoCredentialsError": "log in to AWS, or leave this source out with --only",
        "ExpiredTokenException": "log in to AWS again",
        "UnrecognizedClientException": "log in to AWS again",
        "ThrottlingException": "try again in a minute",
    }
    fix = fixes.get(code)
    return f"{code}: {said}; {fix}" if fix else f"{code}: {said}"


def attributes_of(product: Mapping[str, object]) -> Mapping[str, object]:
    """Return the attributes of a product, none when it has none."""
    return mapping_of((mapping_of(product.get("product")) or {}).get("attributes")) or {}


def on_demand_usd(product: Mapping[str, object]) -> float | None:
    """Return what an hour costs on demand in USD; None without such a term, or with the zero of a placeholder.

    Terms of reservations, other units than hours and other currencies are not looked at.
    """
    terms = mapping_of((mapping_of(product.get("terms")) or {}).get("OnDemand")) or {}
    for term in terms.values():
        dimensions = mapping_of((mapping_of(term) or {}).get("priceDimensions")) or {}
        for one in dimensions.values():
            dimension = mapping_of(one) or {}
            usd = (mapping_of(dimension.get("pricePerUnit")) or {}).get("USD")
            if str(dimension.get("unit", "")).lower() in ("hrs", "hours") and (price := _price(usd)):
                return price
    return None


def one_price(found: Mapping[tuple[str, str], set[float]]) -> tuple[dict[tuple[str, str], float], list[str]]:
    """Split what was found for an instance type and a region: where it is one price, and remarks where it is not."""
    clear = {key: next(iter(prices)) for key, prices in found.items() if len(prices) == 1}
    remarks = [
        f"{name} in {region} has {len(prices)} prices ({', '.join(f'{price:g}' for price in sorted(prices))}), so its"
        " row is left as it is"
        for (name, region), prices in sorted(found.items())
        if len(prices) > 1
    ]
    return clear, remarks


def _product(text: object) -> Mapping[str, object]:
    try:
        found = mapping_of(json.loads(text) if isinstance(text, str) else text)
    except ValueError:
        found = None
    if found is None:
        raise RefreshError(f"{SOURCE}: a product is no JSON object; try again later")
    return found


def _price(text: object) -> float | None:
    try:
        price = float(str(text))
    except ValueError:
        return None
    return price if 0 < price < float("inf") else None
