"""How is a request passed to a SageMaker endpoint? As a signed InvokeEndpoint, or on its own OpenAI route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from multidict import CIMultiDict

from gateway.document import Document, DocumentError
from gateway.upstreams.aws import AwsCredentials, BearerToken, signed
from gateway.upstreams.http import HttpAnswer, HttpClient
from gateway.upstreams.openai import OpenAiUpstream
from gateway.upstreams.sagemaker_answers import EventStreamAnswer, PlainAnswer, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from gateway.config.upstreams import SageMakerConfig
    from gateway.upstreams.upstream import Answer, Outgoing, Upstream

JSON = "application/json"
CHAT = "/v1/chat/completions"
# TGI and vLLM tell the bodies of these apart on /invocations by their fields; of other routes they do not.
INVOKED = frozenset({CHAT, "/v1/completions", "/v1/embeddings"})
FIRST_ERROR_STATUS = 400


def sagemaker_upstream(config: SageMakerConfig, environment: Mapping[str, str]) -> Upstream:
    """The upstream that `route` asks for."""
    origin = (
        config.url
        or environment.get("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME")
        or environment.get("AWS_ENDPOINT_URL")
        or f"https://runtime.sagemaker.{config.region}.amazonaws.com{'.cn' if config.region.startswith('cn-') else ''}"
    ).rstrip("/")
    credentials = AwsCredentials()
    if config.route == "invoke":
        return SageMakerUpstream(config, origin, credentials)
    component = f"/inference-components/{config.inference_component}" if config.inference_component else ""
    return OpenAiUpstream(
        config.name,
        f"{origin}/endpoints/{config.endpoint}{component}/openai/v1",
        credentials=BearerToken(config.region, credentials),
        serves=lambda path: path == CHAT,
    )


class SageMakerUpstream:
    """InvokeEndpoint, and InvokeEndpointWithResponseStream where the body asks for a stream."""

    has_health = False
    has_readings = False

    def __init__(self, config: SageMakerConfig, origin: str, credentials: AwsCredentials) -> None:
        self.name = config.name
        self._region = config.region
        self._path = f"/endpoints/{config.endpoint}"
        self._component = config.inference_component
        self._credentials = credentials
        self._client = HttpClient(origin)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    def serves(self, path: str) -> bool:
        return path in INVOKED

    async def healthy(self) -> bool:
        """An endpoint cannot be asked without waking or billing anything: it counts as healthy."""
        return True

    async def readings(self) -> None:
        """SageMaker does not say."""

    async def send(self, outgoing: Outgoing) -> Answer:
        body = outgoing.body or b""
        streams = _streams(outgoing, body)
        path = self._path + ("/invocations-response-stream" if streams else "/invocations")
        headers = {"content-type": JSON, "x-amzn-sagemaker-accept" if streams else "accept": JSON}
        if streams:
            headers["x-amzn-sagemaker-accept"] = "text/event-stream"
        if self._component:
            headers["x-amzn-sagemaker-inference-component"] = self._component
        credentials = await self._credentials.current()
        signed_headers = signed(self._client.origin + path, self._region, headers, body, credentials)
        answer = await self._client.request("POST", path, CIMultiDict(signed_headers), body)
        if answer.status >= FIRST_ERROR_STATUS:
            return await _refused(answer)
        return EventStreamAnswer(answer) if streams else PlainAnswer(answer)


async def _refused(answer: HttpAnswer) -> Answer:
    try:
        return refusal(answer.status, answer.headers, await answer.whole())
    finally:
        answer.close()


def _streams(outgoing: Outgoing, body: bytes) -> bool:
    """Whether the body asks for a stream; a body that cannot be read is left to the engine to refuse."""
    try:
        document = outgoing.document or Document(body)
    except DocumentError:
        return False
    return document["stream"] is True
