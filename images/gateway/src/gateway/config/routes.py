"""Which model is served by which upstreams, and what takes over when they fail?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.config.section import Count, PositiveSeconds, Section, Text, allowed

FALLBACK_STATUSES = (429, 500, 502, 503, 504)


class RouteConfig(Section):
    """Requests for `models` go to `upstreams`, and to `fallback` when those fail before the first byte."""

    models: tuple[Text, ...] = Field(
        default=(), json_schema_extra=allowed("a list of model names as clients send them")
    )
    """Names that clients send. Omitted: every model."""
    upstreams: tuple[Text, ...] = Field(min_length=1, json_schema_extra=allowed("a list of upstreams' names"))
    """Names of the upstreams that share these requests."""
    balance: Literal["least_loaded", "round_robin"] = Field(
        default="least_loaded", json_schema_extra=allowed("least_loaded or round_robin")
    )
    """Which of them takes the next request. Omitted: the one with the fewest requests in flight."""
    fallback: tuple[Text, ...] = Field(default=(), json_schema_extra=allowed("a list of upstreams' names, in order"))
    """Upstreams that are tried one after the other when none of the above has begun to answer. Omitted: none."""
    fallback_statuses: tuple[Annotated[int, Field(ge=400, le=599)], ...] = Field(
        default=FALLBACK_STATUSES, json_schema_extra=allowed("a list of statuses from 400 to 599")
    )
    """Answers that count as a failure while there is a fallback. Omitted: 429, 500, 502, 503 and 504."""


class BreakerConfig(Section):
    """When an upstream that keeps failing is left alone."""

    enabled: bool = Field(default=True, json_schema_extra=allowed("true or false"))
    """Omitted: on, for a single upstream too."""
    failures: Count = 5
    """Failures in a row that open it. Omitted: 5."""
    cooldown_seconds: PositiveSeconds = 5.0
    """How long it stays open the first time; doubled each time that it opens again. Omitted: 5."""
    longest_cooldown_seconds: PositiveSeconds = 60.0
    """Where doubling ends. Omitted: 60."""
