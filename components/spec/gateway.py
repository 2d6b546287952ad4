"""Group `gateway`: who may call how much, what takes over, and whether a gateway stands before the service."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from components.spec.fallback import FallbackSpec  # noqa: TC001 (pydantic reads it)
from components.spec.group import Group
from components.spec.secret import SecretReference  # noqa: TC001 (pydantic reads it)
from components.spec.template import TemplateSpec
from components.spec.values import Duration, refusal

LIMITS = ("requests_per_minute", "tokens_per_minute", "concurrency", "usd_per_month")
"""The fields that bound what one key may use."""

_LONGEST_REQUEST_SECONDS = 3600
_MOST_TEMPLATE_CHARACTERS = 12_000
"""Of all system texts together: ECS takes 64 KiB for a task definition, and JSON in JSON grows."""
_ORIGIN = r"\*|https?://[a-z0-9.-]+(:\d{1,5})?"

Count = Annotated[int, Field(ge=1)]


class GatewaySpec(Group):
    """The server in front of the engine."""

    front: bool = False
    """true runs the gateway on a CPU (Fargate) before the target: one address, one kind of key and the same limits on
    every target, and somebody who answers while the service sleeps. Omitted: false, on ECS a gateway beside each
    engine, on SageMaker and RunPod none."""
    keys_secret: SecretReference | None = None
    """Secret with the clients' keys, a JSON object of name to sha256 of the key. Omitted: everyone who reaches the
    service may use it; refused when it is public."""
    max_request: Duration = Duration(600)
    """Longest time one request may take. Omitted: 10m."""
    requests_per_minute: Count | None = None
    """Requests that one key may send in a minute. Omitted: as many as it likes."""
    tokens_per_minute: Count | None = None
    """Tokens, in and out, that one key may use in a minute. Omitted: as many as it likes."""
    concurrency: Count | None = None
    """Requests of one key that may run at once. Omitted: as many as it likes."""
    usd_per_month: Annotated[float, Field(gt=0)] | None = None
    """What the requests of one key may cost in a calendar month (UTC): those that run at once share the hourly price of
    the hardware. Omitted: no limit."""
    fallback: tuple[FallbackSpec, ...] = ()
    """Who takes a request over when the service cannot answer it, one after the other. Omitted: nobody."""
    templates: dict[str, TemplateSpec] = Field(default_factory=dict[str, TemplateSpec])
    """Prompts by name: a client that asks for the model `MODEL@NAME` gets NAME's put before its own. Omitted: none."""
    cors_origins: tuple[str, ...] = ()
    """Origins of web pages whose scripts may call, as https://app.example.com. Omitted: none."""
    log_prompts: bool = False
    """true writes prompts and answers to the gateway's log. Omitted: false, the log has neither."""
    hold_seconds: Annotated[int, Field(ge=0)] = 0
    """How long a front keeps a request waiting while the service wakes, before it answers 503. Omitted: 0, it answers
    at once."""

    @field_validator("max_request")
    @classmethod
    def _within_what_a_load_balancer_waits(cls, value: Duration) -> Duration:
        if not 1 <= value.seconds <= _LONGEST_REQUEST_SECONDS:
            raise refusal("is not between 1s and 1h", "set it to 1h or less: the load balancer waits 4000 s at most")
        return value

    @field_validator("templates")
    @classmethod
    def _are_named_and_fit(cls, value: dict[str, TemplateSpec]) -> dict[str, TemplateSpec]:
        for name in value:
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", name):
                raise refusal(f"has the name {name!r}", "use up to 32 lower-case letters, digits, - and _, as support")
        length = sum(template.length for template in value.values())
        if length > _MOST_TEMPLATE_CHARACTERS:
            raise refusal(
                f"has {length:,} characters together, a task definition has room for {_MOST_TEMPLATE_CHARACTERS:,}",
                "shorten the system texts, or let clients send the longest themselves",
            )
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not re.fullmatch(_ORIGIN, origin):
                raise refusal(
                    f"has {origin}, which is not an origin", 'write "https://app.example.com", or "*" for all'
                )
        if "*" in value and len(value) > 1:
            raise refusal('has "*" beside others', 'write ["*"] alone, or name each origin')
        return value

    @model_validator(mode="after")
    def _limits_have_keys(self) -> Self:
        if self.limits_given and self.keys_secret is None:
            raise refusal(
                f"has {', '.join(self.limits_given)} and no keys_secret: a limit holds for each key",
                "store the clients' keys in Secrets Manager and write the secret's name as keys_secret",
            )
        return self

    @model_validator(mode="after")
    def _money_is_counted_everywhere(self) -> Self:
        free = [one.url for one in self.fallback if one.url and not one.has_price]
        if self.usd_per_month is not None and free:
            raise refusal(
                f"has usd_per_month and a fallback without a price, {', '.join(free)}, that keys could use for nothing",
                "give it usd_per_million_input and usd_per_million_output",
            )
        return self

    @model_validator(mode="after")
    def _a_held_request_has_time_left(self) -> Self:
        if self.hold_seconds >= self.max_request.seconds:
            raise refusal(
                f"has hold_seconds {self.hold_seconds} and max_request {self.max_request}, which would be over by then",
                "lower hold_seconds, or raise max_request",
            )
        return self

    @property
    def limits_given(self) -> tuple[str, ...]:
        """The names of the limits that are set."""
        return tuple(name for name in LIMITS if getattr(self, name) is not None)
