"""Which settings does the gateway have? One object, checked as a whole before anything starts."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.checks import ChecksConfig
from gateway.config.keys import BudgetConfig, KeysConfig
from gateway.config.limits import LimitsConfig
from gateway.config.routes import BreakerConfig, RouteConfig
from gateway.config.section import Count, PositiveSeconds, Seconds, Section, Text, allowed
from gateway.config.sleep import SleepConfig  # noqa: TC001 (pydantic reads it)
from gateway.config.templates import TemplateConfig, TemplateName
from gateway.config.upstreams import UpstreamConfig  # noqa: TC001 (pydantic reads it)
from gateway.keys import ClientKeys, KeysError

HIGHEST_PORT = 65535


def _client_keys(value: Any) -> ClientKeys:
    if isinstance(value, ClientKeys):
        return value
    try:
        return ClientKeys.parse(value if isinstance(value, str) else "")
    except KeysError as error:
        raise PydanticCustomError("problem", "{text}", {"text": str(error)}) from None


class GatewayConfig(Section):
    """Everything that the gateway is told from outside."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    stack: Text = Field(json_schema_extra=allowed("the name of the stack"))
    """First dimension of the metrics."""
    service: Text = Field(json_schema_extra=allowed("the name of the service"))
    """Second dimension of the metrics."""
    model_name: Text = Field(json_schema_extra=allowed("the model's name as clients send it"))
    """Shown by /readyz, in the metrics, and in /v1/models where no upstream can be asked."""
    max_request_seconds: PositiveSeconds
    """From a request's first byte in to its answer's last byte out."""
    drain_seconds: Seconds
    """How long running answers may go on after SIGTERM."""
    upstreams: tuple[UpstreamConfig, ...] = Field(
        min_length=1, json_schema_extra=allowed("the URL of one upstream, or list 'upstreams' in a document")
    )
    """Where requests can be sent."""
    routes: tuple[RouteConfig, ...] = Field(default=(), json_schema_extra=allowed("a list of routes"))
    """Which model goes where; the first route that names a model takes it, and requests that name none. Omitted: every
    model is shared among all upstreams."""
    breaker: BreakerConfig = BreakerConfig()
    """When a failing upstream is left alone. Omitted: after 5 failures in a row."""
    limits: LimitsConfig = LimitsConfig()
    """How large and how slow requests may be. Omitted: the defaults of each."""
    port: Annotated[int, Field(ge=1, le=HIGHEST_PORT)] = Field(
        default=8080, json_schema_extra=allowed("a port from 1 to 65535")
    )
    """Where to listen. Omitted: 8080."""
    host: Text = Field(default="0.0.0.0", json_schema_extra=allowed("an address of this machine"))  # noqa: S104 the load balancer comes from outside the task
    """Address to listen at; 127.0.0.1 leaves out other machines. Omitted: every address."""
    metrics_namespace: Text = Field(default="Berth", json_schema_extra=allowed("a CloudWatch namespace such as Berth"))
    """CloudWatch namespace of the metrics. Omitted: Berth."""
    client_keys: Annotated[ClientKeys, BeforeValidator(_client_keys)] | None = None
    """The accepted keys, read once. Omitted: they are where `keys` says, or the gateway is open to everybody who can
    reach it."""
    cors_origins: tuple[Annotated[str, Field(pattern=r"^(\*|https?://[^/\s]+)$")], ...] = Field(
        default=(), json_schema_extra=allowed("a list of origins such as https://app.example.com, or *")
    )
    """Origins of the pages that may call from a browser, or `*`. Omitted: the gateway says nothing about that."""
    keys: KeysConfig = KeysConfig()
    """Keys that can be exchanged while the gateway runs, and what each of them may use. Omitted: no limits."""
    budget: BudgetConfig = BudgetConfig()
    """Where replicas share what each key has spent in the month. Omitted: each counts for itself."""
    templates: dict[TemplateName, TemplateConfig] = Field(
        default_factory=dict[TemplateName, TemplateConfig],
        json_schema_extra=allowed("templates by name, of letters, digits, dots and dashes"),
    )
    """Named prompts: `support` is used by asking for the model `chat@support`. Omitted: none."""
    checks: ChecksConfig = ChecksConfig()
    """What looks at requests and answers before they are passed on. Omitted: nothing does."""
    sleep: SleepConfig | None = None
    """How requests are answered while the service sleeps. Omitted: it never does."""
    region: Text | None = Field(default=None, json_schema_extra=allowed("an AWS region such as us-east-1"))
    """Where Secrets Manager, SSM and DynamoDB are asked. Omitted: AWS_REGION or AWS_DEFAULT_REGION."""

    log_prompts: bool = Field(default=False, json_schema_extra=allowed("true or false"))
    """Whether the log has what was asked and answered, up to `log_prompt_characters` of each. Omitted: it has not."""
    log_prompt_characters: Count = 1000
    """How much of them. Omitted: 1000."""
    max_metric_series: Count = 100
    """How many pairs of key and model have metrics of their own; all further ones are counted together, as `other`.
    Omitted: 100."""

    @model_validator(mode="after")
    def _consistent(self) -> GatewayConfig:
        problems = _repeated_names(self) + _unknown_names(self) + _two_places(self) + _sleep_problems(self)
        if problems:
            raise PydanticCustomError("problems", "{lines}", {"lines": "\n".join(problems)})
        return self

    def all_routes(self) -> tuple[RouteConfig, ...]:
        """The routes as written, or the one that shares everything among all upstreams."""
        return self.routes or (RouteConfig(upstreams=tuple(upstream.name for upstream in self.upstreams)),)


def _repeated_names(config: GatewayConfig) -> list[str]:
    counts = Counter(upstream.name for upstream in config.upstreams)
    return [
        f"upstreams: {name!r} is the name of {count} upstreams; give each a name of its own"
        for name, count in counts.items()
        if count > 1
    ]


def _unknown_names(config: GatewayConfig) -> list[str]:
    known = {upstream.name for upstream in config.upstreams}
    return [
        f"routes[{number}].{field}[{place}]: {name!r} is not an upstream; use one of: {', '.join(sorted(known))}"
        for number, route in enumerate(config.routes)
        for field, names in (("upstreams", route.upstreams), ("fallback", route.fallback))
        for place, name in enumerate(names)
        if name not in known
    ]


def _two_places(config: GatewayConfig) -> list[str]:
    if config.client_keys is None or (config.keys.file is None and config.keys.secret is None):
        return []
    return ["client_keys: set beside keys.file or keys.secret; keep the keys in one place"]


def _sleep_problems(config: GatewayConfig) -> list[str]:
    if config.sleep is None:
        return []
    known = {upstream.name for upstream in config.upstreams}
    problems = [
        f"sleep.upstreams[{place}]: {name!r} is not an upstream; use one of: {', '.join(sorted(known))}"
        for place, name in enumerate(config.sleep.upstreams)
        if name not in known
    ]
    if config.sleep.hold_seconds >= config.max_request_seconds:
        problems.append(
            f"sleep.hold_seconds: {config.sleep.hold_seconds:g} leaves no time for an answer within"
            f" max_request_seconds, {config.max_request_seconds:g}; hold for less"
        )
    return problems
