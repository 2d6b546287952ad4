"""Which upstreams can be configured? One section for each kind."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, Tag

from gateway.config.price import PriceConfig  # noqa: TC001 (pydantic reads it)
from gateway.config.secret import SecretSource
from gateway.config.section import PositiveSeconds, Section, Text, allowed

UNIX = "unix://"


def _base_url(value: str) -> str:
    if value.startswith(UNIX):
        if not value.removeprefix(UNIX).startswith("/"):
            raise ValueError
        return value
    url = urlsplit(value)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment or "@" in url.netloc:
        raise ValueError
    if url.port == 0 or any(part in {".", ".."} for part in url.path.split("/")):
        raise ValueError
    return value.rstrip("/")


BaseUrl = Annotated[Text, AfterValidator(_base_url)]
BASE_URL = "http(s)://host[:port][/path] or unix:///path/of/a.sock"
HEADER_NAME = r"^[a-z0-9-]+$"
HeaderName = Annotated[str, Field(pattern=HEADER_NAME)]


class _Upstream(Section):
    name: Text = Field(json_schema_extra=allowed("a name of its own, for logs, metrics and routes"))
    """How logs, metrics and `routes` call it."""
    model: str | None = Field(default=None, json_schema_extra=allowed("what the upstream calls the model"))
    """Written into a request's `model` on its way. Omitted: what the client wrote."""
    first_byte_seconds: PositiveSeconds | None = None
    """How long to wait for an answer's first byte before the request goes to a fallback. Omitted: as long as the
    request may take."""
    price: PriceConfig | None = None
    """What it costs. Omitted: nobody knows, and keys with `usd_per_month` are refused."""

    def secrets(self) -> list[tuple[str, SecretSource]]:
        """The secrets that it needs, each with the field that names it."""
        return []


class OpenAiConfig(_Upstream):
    """vLLM, TGI, or any server or hosted API that speaks OpenAI's protocol."""

    kind: Literal["openai"] = "openai"
    """openai. Omitted: openai."""
    url: BaseUrl = Field(json_schema_extra=allowed(BASE_URL))
    """Base URL as an OpenAI SDK takes it, such as https://api.example.com/openai/v1; without a path it is an engine's
    own address, and /v1 is understood."""
    key: SecretSource | None = Field(default=None, json_schema_extra=allowed('{"env": NAME} or {"file": PATH}'))
    """Sent as a bearer token. Omitted: no key is sent; the client's own never is."""
    headers: dict[HeaderName, SecretSource] = Field(
        default_factory=dict[HeaderName, SecretSource],
        json_schema_extra=allowed('lower-case header names with {"env": NAME} or {"file": PATH}'),
    )
    """Further headers with secret values, for proxies that ask for their own. Omitted: none."""
    health_path: Annotated[str, Field(pattern=r"^/\S*$")] | None = Field(
        default=None, json_schema_extra=allowed("an absolute path such as /health")
    )
    """What answers 200 when the server is healthy. Omitted: /health for an engine (a URL without a path), nothing for
    a hosted API. null: nothing is asked, and it counts as healthy."""
    metrics_path: Annotated[str, Field(pattern=r"^/\S*$")] | None = Field(
        default=None, json_schema_extra=allowed("an absolute path such as /metrics")
    )
    """Where an engine (vLLM, TGI, llama.cpp) shows its metrics, read every 15 s. Omitted: /metrics for an engine,
    nothing for a hosted API. null: nothing is read; for a load balancer, where asking counts as traffic."""

    def asked_path(self, field: Literal["health_path", "metrics_path"], of_engine: str) -> str | None:
        """What was written, else what engines have."""
        if field in self.model_fields_set:
            path: str | None = getattr(self, field)
            return path
        is_engine = self.url.startswith(UNIX) or urlsplit(self.url).path in {"", "/"}
        return of_engine if is_engine else None

    def secrets(self) -> list[tuple[str, SecretSource]]:
        headers = [(f"headers.{name}", source) for name, source in self.headers.items()]
        return [*([("key", self.key)] if self.key else []), *headers]


class SageMakerConfig(_Upstream):
    """A SageMaker real-time endpoint, called with the AWS credentials of this process."""

    kind: Literal["sagemaker"]
    """sagemaker."""
    endpoint: Annotated[str, Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")] = Field(
        json_schema_extra=allowed("the endpoint's name")
    )
    """The endpoint's name."""
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z0-9]+)+-\d$")] = Field(
        json_schema_extra=allowed("its AWS region such as us-east-1")
    )
    """The endpoint's region."""
    route: Literal["invoke", "openai"] = Field(default="invoke", json_schema_extra=allowed("invoke or openai"))
    """`invoke`: InvokeEndpoint, or InvokeEndpointWithResponseStream where a stream is asked for, signed. `openai`: the
    endpoint's own OpenAI route with a bearer token made from the credentials; chat completions only. Omitted:
    invoke."""
    inference_component: Annotated[str, Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")] | None = Field(
        default=None, json_schema_extra=allowed("the inference component's name")
    )
    """Name of the inference component behind the endpoint. Omitted: the endpoint has none."""
    url: BaseUrl | None = Field(default=None, json_schema_extra=allowed(BASE_URL))
    """Address of the SageMaker runtime. Omitted: AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME, AWS_ENDPOINT_URL, or AWS's own."""


class RunPodConfig(_Upstream):
    """A RunPod serverless endpoint."""

    kind: Literal["runpod"]
    """runpod."""
    endpoint_id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = Field(json_schema_extra=allowed("the endpoint's id"))
    """The endpoint's id."""
    mode: Literal["queue", "load_balancer"] = Field(
        default="queue", json_schema_extra=allowed("queue or load_balancer")
    )
    """`queue`: the platform's OpenAI route. `load_balancer`: straight to a worker. Omitted: queue."""
    key: SecretSource = Field(json_schema_extra=allowed('{"env": "RUNPOD_API_KEY"} or {"file": PATH}'))
    """The RunPod key."""
    url: BaseUrl | None = Field(default=None, json_schema_extra=allowed(BASE_URL))
    """The endpoint's address up to its id (queue) or its own host (load_balancer). Omitted: RUNPOD_ENDPOINT_BASE_URL
    for the queue, or RunPod's own."""

    def secrets(self) -> list[tuple[str, SecretSource]]:
        return [("key", self.key)]


def _kind(value: Any) -> str:
    return str(value.get("kind", "openai")) if isinstance(value, dict) else "openai"


UpstreamConfig = Annotated[
    Annotated[OpenAiConfig, Tag("openai")]
    | Annotated[SageMakerConfig, Tag("sagemaker")]
    | Annotated[RunPodConfig, Tag("runpod")],
    Discriminator(_kind),
]
KINDS = ("openai", "sagemaker", "runpod")
