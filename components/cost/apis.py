"""What would the same tokens cost at an API: a hosted copy of the same model, or a well-known other one?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.apis import ApiPrice, hosted_copies, named_apis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.break_even import CostCurve
    from components.cost.traffic import Traffic

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class ApiRow:
    """One API at the expected tokens; list prices, without discounts for caching, batches or reserved throughput.

    `break_even_million_tokens` is the month's load from which on the own deployment is cheaper, in the declared shape
    and share of prompts; None when that is more than its most replicas can answer, or when an own price is unknown.
    """

    provider: str
    model: str
    hosts_this_model: bool
    usd_per_month: float
    usd_per_million_tokens: float
    break_even_million_tokens: float | None
    retires: str | None
    as_of: str


@dataclass(frozen=True, slots=True)
class ApiComparison:
    """The own deployment against APIs at the expected load of a month.

    `rows` are hosted copies of the same model, cheapest first, then well-known APIs of other models, cheapest first.
    `verdict` is a sentence; `caveats` are what a number cannot say.
    """

    million_input_tokens: float
    million_output_tokens: float
    own_usd_per_month: float | None
    own_usd_per_million_tokens: float | None
    capacity_million_tokens: float | None
    rows: tuple[ApiRow, ...]
    verdict: str
    caveats: tuple[str, ...]

    @property
    def hosted_copies(self) -> tuple[ApiRow, ...]:
        """The APIs that serve the same model."""
        return tuple(row for row in self.rows if row.hosts_this_model)


def against_apis(
    model_id: str,
    traffic: Traffic | None,
    own_usd: float | None,
    curve: CostCurve | None,
    *,
    private_weights: bool = False,
) -> ApiComparison | None:
    """Return the comparison at the expected tokens; None where no token is expected.

    `own_usd` is the expected cost of a month, None when it is unknown; `private_weights` says that the weights are the
    user's own copy, which may be a fine-tune that nobody hosts.
    """
    if traffic is None or traffic.million_tokens <= 0:
        return None
    copies = hosted_copies(model_id)
    known = {(price.provider, price.model) for price in copies}
    others = [price for price in named_apis() if (price.provider, price.model) not in known]
    rows = tuple(
        [_row(price, traffic, curve, same=True) for price in _by_cost(copies, traffic)]
        + [_row(price, traffic, curve, same=False) for price in _by_cost(others, traffic)]
    )
    return ApiComparison(
        million_input_tokens=traffic.input_tokens / 1e6,
        million_output_tokens=traffic.output_tokens / 1e6,
        own_usd_per_month=own_usd,
        own_usd_per_million_tokens=None if own_usd is None else round(own_usd / traffic.million_tokens, _DIGITS),
        capacity_million_tokens=None if curve is None else curve.capacity_million_tokens,
        rows=rows,
        verdict=_verdict(rows, own_usd, private_weights=private_weights),
        caveats=tuple(_caveats(model_id, rows, private_weights=private_weights)),
    )


def _by_cost(prices: list[ApiPrice] | tuple[ApiPrice, ...], traffic: Traffic) -> list[ApiPrice]:
    return sorted(
        prices, key=lambda price: (price.usd(traffic.input_tokens, traffic.output_tokens), price.provider, price.model)
    )


def _row(price: ApiPrice, traffic: Traffic, curve: CostCurve | None, *, same: bool) -> ApiRow:
    usd = price.usd(traffic.input_tokens, traffic.output_tokens)
    per_million = usd / traffic.million_tokens
    return ApiRow(
        provider=price.provider,
        model=price.model,
        hosts_this_model=same,
        usd_per_month=round(usd, 2),
        usd_per_million_tokens=round(per_million, _DIGITS),
        break_even_million_tokens=None if curve is None else curve.break_even(per_million),
        retires=price.retires,
        as_of=price.as_of,
    )


def _verdict(rows: tuple[ApiRow, ...], own_usd: float | None, *, private_weights: bool) -> str:
    """Return who is cheaper: against the cheapest hosted copy, or against each other model where nobody hosts it."""
    if own_usd is None:
        return "no verdict: what the own deployment costs is unknown"
    copy = next((row for row in rows if row.hosts_this_model), None)
    if copy is None:
        return _verdict_on_others(rows, own_usd)
    what = "the base model" if private_weights else "the same model"
    if copy.usd_per_month < own_usd:
        return (
            f"the API is cheaper: {copy.usd_per_month:,.2f} USD a month for {what} at {copy.provider}, "
            f"against {own_usd:,.2f} here"
        )
    return (
        f"the own deployment is cheaper: {own_usd:,.2f} USD a month, against {copy.usd_per_month:,.2f} for {what} at "
        f"{copy.provider}, the cheapest API"
    )


def _verdict_on_others(rows: tuple[ApiRow, ...], own_usd: float) -> str:
    cheaper = [row for row in rows if row.usd_per_month < own_usd]
    text = "no API of the catalogue hosts this model"
    if not rows:
        return text
    if not cheaper:
        return f"{text}, and {own_usd:,.2f} USD a month here is less than every well-known API of another model costs"
    return (
        f"{text}; of other models the API of {cheaper[0].model} is cheaper: {cheaper[0].usd_per_month:,.2f} USD a "
        f"month, against {own_usd:,.2f} here"
    )


def _caveats(model_id: str, rows: tuple[ApiRow, ...], *, private_weights: bool) -> Iterator[str]:
    if private_weights and any(row.hosts_this_model for row in rows):
        yield (
            f"the weights come from your bucket: APIs host {model_id} as published, and no fine-tune of it; if yours "
            "is one, the comparison is with the base model alone"
        )
    if any(not row.hosts_this_model for row in rows):
        yield "other models answer otherwise, and count tokens otherwise: their rows are an orientation"
    yield "list prices of the APIs, without their discounts for cached prompts and batches"
