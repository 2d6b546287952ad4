"""What hosted APIs charge for tokens: the rival of every GPU that is rented to serve the same model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from components.catalogue.models import find_model
from components.catalogue.tables import as_of_date, read_table

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class ApiPrice:
    """One row of `api_prices.csv`, list prices without discounts for caching or batches.

    `serves` is the catalogue's id, in lower case, of the model of which this is a hosted copy; None for a model that
    is only sold behind an API. `retires` is the last day that the provider has announced, as 2027-03-30.
    """

    provider: str
    model: str
    serves: str | None
    usd_per_million_input: float
    usd_per_million_output: float
    named: bool
    retires: str | None
    source: str
    as_of: str

    def usd(self, input_tokens: float, output_tokens: float) -> float:
        """Return what so many tokens cost, in USD.

        >>> gpt_4o = next(api for api in named_apis() if api.model == "gpt-4o")
        >>> gpt_4o.usd(1_000_000, 500_000)
        7.5
        """
        return (input_tokens * self.usd_per_million_input + output_tokens * self.usd_per_million_output) / 1e6


@cache
def api_prices() -> tuple[ApiPrice, ...]:
    """Return every row, by provider and model."""
    return tuple(
        ApiPrice(
            provider=row["provider"],
            model=row["model"],
            serves=row["serves"].lower() or None,
            usd_per_million_input=float(row["usd_per_million_input"]),
            usd_per_million_output=float(row["usd_per_million_output"]),
            named=row["named"] == "yes",
            retires=row["retires"] or None,
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("api_prices")
    )


def hosted_copies(model_id: str) -> tuple[ApiPrice, ...]:
    """Return the APIs that host a model, cheapest first at three input tokens for each output token.

    A quantized copy of a known model, or another owner's copy, has the hosts of that model.

    >>> copies = hosted_copies("meta-llama/Llama-3.3-70B-Instruct")
    >>> len(copies) > 3, copies[0].usd(3, 1) <= copies[-1].usd(3, 1)
    (True, True)
    >>> hosted_copies("acme/own-model")
    ()
    """
    known = find_model(model_id)
    wanted = (known.base_id if known else model_id).lower()
    found = [price for price in api_prices() if price.serves == wanted]
    return tuple(sorted(found, key=lambda price: (price.usd(3, 1), price.provider, price.model)))


def named_apis() -> tuple[ApiPrice, ...]:
    """Return the short list of well-known APIs that a reader expects in a comparison."""
    return tuple(price for price in api_prices() if price.named)


@cache
def api_price_date() -> date:
    """Return the day of the oldest row."""
    return min(as_of_date(price.as_of) for price in api_prices())
