"""Is a SageMaker endpoint an OpenAI server once the gateway stands before it?"""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.credentials import Credentials
from fake_sagemaker import ACCESS_KEY, CREDENTIALS, REGION, SECRET_KEY, FakeSageMaker, frame
from gateway.upstreams.aws import bearer_token
from running_gateway import RunningGateway, configured_gateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STREAM = b'data: {"choices":[{"delta":{"content":"\xc3\xa4"}}]}\n\ndata: [DONE]\n\n'
EVENT = STREAM.partition(b"data: [DONE]")[0]
ASK, ASK_STREAM = b'{"messages":[]}', b'{"messages":[],"stream":true}'


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    """The AWS SDK's own variables, as a task has them."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@asynccontextmanager
async def gateway_before(sagemaker: FakeSageMaker, **settings: Any) -> AsyncIterator[RunningGateway]:
    upstream = {"name": "sm", "kind": "sagemaker", "endpoint": "chat", "region": REGION, **settings}
    async with (
        sagemaker.engine.running(),
        configured_gateway(
            {"upstreams": [upstream]}, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=sagemaker.engine.url
        ) as gateway,
    ):
        yield gateway


async def ask(gateway: RunningGateway, body: bytes = ASK, path: str = "/v1/chat/completions") -> tuple[int, bytes]:
    async with gateway.client.post(gateway.url + path, data=body) as got:
        return got.status, await got.read()


def test_a_request_is_signed_and_its_answer_is_the_containers():
    """The body is sent as it came, the signature is the one that AWS computes, and AWS's own headers stay behind."""

    async def run() -> None:
        sagemaker = FakeSageMaker(body=b'{ "usage":{"prompt_tokens":5,"completion_tokens":4} }')
        async with gateway_before(sagemaker, inference_component="base") as gateway:
            headers = {"authorization": "Bearer the-clients-own"}
            got = await gateway.client.post(gateway.url + "/v1/chat/completions", data=ASK, headers=headers)
            assert (got.status, await got.read()) == (200, sagemaker.body)
            assert {name.lower() for name in got.headers} - {"date"} == {
                "content-type",
                "content-length",
                "x-request-id",
            }
            (line,) = gateway.requests
            assert (line["tokens_in"], line["tokens_out"]) == (5, 4)
        (seen,) = sagemaker.engine.seen
        assert (seen.target, seen.body) == ("/endpoints/chat/invocations", ASK)
        assert seen.headers["x-amzn-sagemaker-inference-component"] == "base"
        assert seen.headers["authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/")

    asyncio.run(run())


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_stream_is_taken_out_of_its_frames(size: int):
    """Wherever SageMaker cuts the container's bytes, in a character or a line, the client gets them as one stream."""

    async def run() -> None:
        pieces = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
        async with gateway_before(FakeSageMaker(pieces=pieces)) as gateway:
            got = await gateway.client.post(gateway.url + "/v1/chat/completions", data=ASK_STREAM)
            assert got.headers["content-type"] == "text/event-stream"
            assert await got.read() == STREAM

    asyncio.run(run())


BROKEN = {
    "an exception": frame(b'{"Message":"x"}', message_type="exception", exception_type="ModelStreamError"),
    "an error": frame(b"", message_type="error", error_code="InternalStreamFailure"),
    "half a frame": frame(STREAM)[:20],
    "a wrong checksum": frame(STREAM)[:-1] + b"\x00",
}


@pytest.mark.parametrize("last_frame", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("cut", [False, True], ids=["closed", "cut"])
def test_a_stream_that_breaks_ends_with_an_error_event(last_frame: bytes, cut: bool):
    """After the first event it is an error event, and of half an event nothing; before it, a 502."""

    async def run() -> None:
        sagemaker = FakeSageMaker(pieces=[EVENT, b'data: {"half":'], last_frame=last_frame, cut=cut)
        async with gateway_before(sagemaker) as gateway:
            status, text = await ask(gateway, ASK_STREAM)
            assert (status, text[: len(EVENT)]) == (200, EVENT)
            assert json.loads(text[len(EVENT) :].strip().removeprefix(b"data: "))["error"]["code"] == "upstream_error"
            sagemaker.pieces = []
            status, text = await ask(gateway, ASK_STREAM)
            assert (status, json.loads(text)["error"]["code"]) == (502, "upstream_error")

    asyncio.run(run())


VLLM_ERROR = '{"error":{"message":"too long","type":"BadRequestError","param":null,"code":400}}'
ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/Endpoints/chat"


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (
            (424, "ModelError", {"OriginalStatusCode": 400, "OriginalMessage": VLLM_ERROR, "LogStreamArn": ARN}),
            400,
            "too long",
        ),
        (
            (424, "ModelError", {"OriginalStatusCode": 422, "OriginalMessage": '{"error":"Input validation error"}'}),
            422,
            "Input validation error",
        ),
        (
            (424, "ModelError", {"OriginalStatusCode": 0, "OriginalMessage": "Your invocation timed out"}),
            504,
            "Your invocation timed out",
        ),
        ((424, "ModelError", {"Message": "lost"}), 502, "bad gateway"),
        (
            (400, "ThrottlingException", {"Message": "Rate exceeded"}),
            429,
            "SageMaker takes no more requests at the moment; try again",
        ),
        (
            (400, "ValidationError", {"Message": "Endpoint chat of account 123456789012 not found."}),
            503,
            "the engine accepts no connection; it may be restarting, try again soon",
        ),
        (
            (429, "ModelNotReadyException", {}),
            429,
            "SageMaker takes no more requests at the moment; try again",
        ),
        (
            (413, "RequestEntityTooLarge", {}),
            413,
            "the request is larger than SageMaker takes; send less",
        ),
        ((400, "ValidationError", {"Message": f"see {ARN}"}), 400, "SageMaker refused the request (ValidationError)"),
        (
            (403, "AccessDeniedException", {"Message": f"User: {ARN} is not authorized"}),
            502,
            "the upstream does not accept the gateway's own credentials; the operator must renew them",
        ),
        ((503, "ServiceUnavailable", {}), 503, "service unavailable"),
        ((530, "InternalDependencyException", {}), 502, "bad gateway"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_what_sagemaker_refuses_is_told_in_openais_shape(error: tuple, status: int, message: str):
    """The container's own status and words come out; account numbers, log names and AWS's wrapping stay inside."""

    async def run() -> None:
        async with gateway_before(FakeSageMaker(error=error)) as gateway:
            for body in (ASK, ASK_STREAM):
                got, text = await ask(gateway, body)
                assert (got, json.loads(text)["error"]["message"]) == (status, message)
                assert b"123456789012" not in text

    asyncio.run(run())


def test_routes_that_the_container_cannot_tell_apart_are_404():
    """/invocations knows chat, completions and embeddings by their fields; /v1/responses would be taken for another."""

    async def run() -> None:
        sagemaker = FakeSageMaker()
        async with gateway_before(sagemaker) as gateway:
            for path in ("/v1/completions", "/v1/embeddings"):
                assert (await ask(gateway, path=path))[0] == 200
            status, text = await ask(gateway, path="/v1/responses")
            assert (status, json.loads(text)["error"]["code"]) == (404, "route_not_served")
            async with gateway.client.get(gateway.url + "/v1/models") as got:
                assert [model["id"] for model in (await got.json())["data"]] == ["org/model"]
        assert len(sagemaker.engine.seen) == 2

    asyncio.run(run())


def test_the_openai_route_gets_a_bearer_token_made_from_the_credentials():
    """Chat completions only; the model's name is what `model` says, an empty one here, as vLLM behind it wants."""

    async def run() -> None:
        sagemaker = FakeSageMaker(body=b'{"ok":true}')
        async with gateway_before(sagemaker, route="openai", model="") as gateway:
            assert await ask(gateway, b'{"model":"org/model"}') == (200, b'{"ok":true}')
            assert await ask(gateway, b'{"model":"org/model"}') == (200, b'{"ok":true}')
            assert (await ask(gateway, path="/v1/completions"))[0] == 404
        assert [seen.body for seen in sagemaker.engine.seen] == [b'{"model":""}'] * 2
        assert len(set(sagemaker.tokens)) == 1
        assert "X-Amz-Security-Token=session-token" in sagemaker.tokens[0]

    asyncio.run(run())


def test_the_token_has_the_form_that_the_sagemaker_sdk_makes():
    """Prefix, host, action, 12 hours and version, with only host signed, after sagemaker.core.token_generator 3.27."""
    token = bearer_token(REGION, Credentials(ACCESS_KEY, SECRET_KEY))
    url = base64.b64decode(token.removeprefix("sagemaker-api-key-")).decode()
    query = parse_qs(urlsplit("https://" + url).query)
    assert url.startswith("sagemaker.amazonaws.com/?Action=CallWithBearerToken&")
    assert url.endswith("&Version=1")
    assert (query["X-Amz-Expires"], query["X-Amz-SignedHeaders"]) == (["43200"], ["host"])
    assert query["X-Amz-Credential"][0].endswith(f"/{REGION}/sagemaker/aws4_request")


def test_a_gateway_without_credentials_says_503_and_falls_back(monkeypatch):
    """Nothing can be sent unsigned: the client hears that the upstream is away, the log says why."""
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    async def run() -> None:
        sagemaker = FakeSageMaker()
        async with gateway_before(sagemaker) as gateway:
            status, text = await ask(gateway)
            assert (status, json.loads(text)["error"]["code"]) == (503, "upstream_unavailable")
        assert sagemaker.engine.seen == []

    asyncio.run(run())


def test_botocore_is_loaded_only_where_sagemaker_is_an_upstream():
    """A gateway before vLLM does not pay 30 MB and 200 ms for AWS."""
    source = str(Path(__file__).parent.parent / "src")
    code = (
        f"import sys; sys.path.insert(0, {source!r}); import gateway.__main__, gateway.upstreams.sagemaker; "
        "print('botocore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
