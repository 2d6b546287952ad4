"""What does an upstream cost?"""

from __future__ import annotations

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gateway.config.keys import Usd  # noqa: TC001 (pydantic reads it)
from gateway.config.section import Count, Section


class PriceConfig(Section):
    """By the hour, as a replica is billed, or by tokens, as a hosted API is."""

    usd_per_hour: Usd | None = None
    """What one replica costs while it runs. Omitted: the price is by tokens."""
    requests_per_replica: Count | None = None
    """How many requests in flight there are for each replica, where several stand behind one address: what scaling
    aims at. Omitted: there is one replica."""
    gateways: Count = 1
    """How many gateways share these replicas, each with a part of their requests: the others are taken to have as many
    in flight as this one has had on average. Omitted: this one alone."""
    usd_per_million_input: Usd | None = None
    """Price of a million prompt tokens. Omitted: the price is by the hour."""
    usd_per_million_output: Usd | None = None
    """Price of a million generated tokens. Omitted: the price is by the hour."""

    @model_validator(mode="after")
    def _one_kind(self) -> PriceConfig:
        by_token = [self.usd_per_million_input is not None, self.usd_per_million_output is not None]
        if any(by_token) != all(by_token) or (self.usd_per_hour is not None) == any(by_token):
            raise PydanticCustomError(
                "choice", 'set either "usd_per_hour" or both "usd_per_million_input" and "usd_per_million_output"'
            )
        for name in ("requests_per_replica", "gateways"):
            if any(by_token) and name in self.model_fields_set:
                raise PydanticCustomError("choice", f'"{name}" belongs to "usd_per_hour"; leave it out')
        return self
