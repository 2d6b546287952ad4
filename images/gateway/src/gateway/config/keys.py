"""Where are the clients' keys, and what may a key use where it does not say?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.section import Count, PositiveSeconds, Section, Text, allowed

Usd = Annotated[float, Field(gt=0, json_schema_extra=allowed("an amount in USD, more than 0"))]


class KeyTerms(Section):
    """What a key may use. Rates and concurrency hold in each replica of the gateway, money in all of them together."""

    requests_per_minute: Count | None = None
    """Requests in a minute, all of them at once if need be. Omitted: no limit."""
    tokens_per_minute: Count | None = None
    """Prompt and answer tokens in a minute: reserved by an estimate, settled by what the engine counted. Omitted: no
    limit."""
    concurrency: Count | None = None
    """Requests at the same time. Omitted: no limit."""
    usd_per_month: Usd | None = None
    """What its requests may cost in a calendar month (UTC); needs a `price` on each upstream. Omitted: no limit."""
    models: tuple[Text, ...] | None = Field(
        default=None, json_schema_extra=allowed("a list of model names as clients send them")
    )
    """The models that it may ask for; a model's name allows its templates, too. Omitted: every model."""
    may_wake: bool = Field(default=False, json_schema_extra=allowed("true or false"))
    """Whether its requests wake a service that sleeps. Omitted: they do not."""


class KeysConfig(Section):
    """The keys, where they are not in `client_keys`, and what they have in common."""

    file: Text | None = Field(default=None, json_schema_extra=allowed("the path of a mounted file"))
    """Path of a mounted file with the keys, read again when it has changed. Omitted: they are elsewhere, or there are
    none."""
    secret: Text | None = Field(default=None, json_schema_extra=allowed("the name or ARN of a secret"))
    """Name or ARN of a secret in Secrets Manager that holds them, asked for again in turns. Omitted: they are
    elsewhere, or there are none."""
    refresh_seconds: PositiveSeconds = 60.0
    """How often to look for other keys. Omitted: 60."""
    defaults: KeyTerms = KeyTerms()
    """What holds for each key that does not say otherwise; without keys, for all callers together. Omitted: no
    limits."""
    estimated_output_tokens: Count = 512
    """What is reserved for an answer whose request does not say how long it may become. Omitted: 512."""

    @model_validator(mode="after")
    def _in_one_place(self) -> KeysConfig:
        if self.file is not None and self.secret is not None:
            raise PydanticCustomError("choice", 'name either a mounted "file" or a "secret"')
        return self


class BudgetConfig(Section):
    """Where the replicas share what each key has spent."""

    table: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]{3,255}$")] | None = Field(
        default=None, json_schema_extra=allowed("the name of a DynamoDB table")
    )
    """DynamoDB table with the partition key `id` (text) and the TTL attribute `expires`. Omitted: each replica counts
    for itself, in memory, and forgets at its end."""
    when_unreachable: Literal["refuse", "serve"] = Field(default="refuse", json_schema_extra=allowed("refuse or serve"))
    """What happens to requests of keys with a budget while the table cannot be asked. `refuse`: they are served from
    what this replica has on lease, then refused with 503. `serve`: each replica lets them spend up to the whole
    budget. Omitted: refuse."""
