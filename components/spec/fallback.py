"""One entry of `gateway.fallback`: an API, or another service of the stack."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from components.spec.group import Group
from components.spec.secret import SecretReference  # noqa: TC001 (pydantic reads it)
from components.spec.values import refusal


class FallbackSpec(Group):
    """Who takes a request over before the first byte of an answer; give either `url` or `service`."""

    url: str | None = None
    """Base URL of an API that speaks OpenAI's protocol, as https://api.groq.com/openai/v1. Omitted: `service` says
    who."""
    service: str | None = None
    """Another service of the stack, on SageMaker or RunPod. Omitted: `url` says who."""
    model: str | None = None
    """What it calls the model. Omitted: what the client wrote, or the model of `service`."""
    key_secret: SecretReference | None = None
    """Secret with the key that it asks for, as plain text. Omitted: no key; refused for a service on RunPod, which
    wants a key of its account."""

    usd_per_million_input: Annotated[float, Field(gt=0)] | None = None
    """What the API charges for a million tokens of prompts, in USD, counted against `gateway.usd_per_month`. Omitted:
    unknown; refused beside usd_per_month. A service of the stack has its hourly price."""
    usd_per_million_output: Annotated[float, Field(gt=0)] | None = None
    """What the API charges for a million tokens of answers, in USD. Omitted: unknown; refused beside usd_per_month."""

    @field_validator("url")
    @classmethod
    def _is_a_base_url(cls, value: str | None) -> str | None:
        # The firewall of a gateway lets it out to port 443 alone.
        if value is not None and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:443)?(/[^\s?#]*)?", value):
            raise refusal(
                "is not the base URL of an API over HTTPS on port 443",
                "write it as an OpenAI SDK takes it, without a key in it: https://api.groq.com/openai/v1",
            )
        return value

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.url is None) == (self.service is None):
            both = "both url and service" if self.url else "neither url nor service"
            raise refusal(f"has {both}", "give the url of an API, or the name of a service of the stack")
        return self

    @model_validator(mode="after")
    def _has_one_price(self) -> Self:
        if (self.usd_per_million_input is None) != (self.usd_per_million_output is None):
            raise refusal("has a price for prompts or for answers alone", "give both, or neither")
        if self.service is not None and self.has_price:
            raise refusal("has a price by tokens and is a service of the stack, which has one by the hour", "remove it")
        return self

    @property
    def has_price(self) -> bool:
        """Whether the spec says what its tokens cost."""
        return self.usd_per_million_input is not None
