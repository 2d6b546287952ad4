"""Does a client see every upstream's error in OpenAI's shape, and an error that has it untouched?"""

from __future__ import annotations

import asyncio
import json

import pytest
from fake_engine import FakeEngine, whole
from gateway.upstream_errors import MOST_ERROR_BYTES, in_openai_shape
from hypothesis import given
from hypothesis import strategies as st
from running_gateway import running_gateway


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":"Model is overloaded","error_type":"overloaded"}', "Model is overloaded"),
        (b'{"object":"error","message":"too long","type":"BadRequestError","code":400}', "too long"),
        (b'{"detail":"Not Found"}', "Not Found"),
        (b'{"detail":[{"loc":["body"],"msg":"field required"}]}', '[{"loc": ["body"], "msg": "field required"}]'),
        (b'{"Message":"no"}', "no"),
        (b'{"error":{"detail":"deep"}}', "deep"),
        (b"plain words", "plain words"),
        (b'"a JSON string"', "a JSON string"),
        (b"<html><body>502</body></html>", "conflict"),
        (b"", "conflict"),
        (b"{}", "conflict"),
        (b"[1]", "conflict"),
        (b'{"half":', "conflict"),
    ],
    ids=[
        "TGI",
        "older vLLM",
        "FastAPI",
        "FastAPI's list",
        "AWS",
        "nested",
        "text",
        "string",
        "HTML",
        "empty",
        "{}",
        "[]",
        "half",
    ],
)
def test_other_shapes_are_translated(body: bytes, message: str):
    """TGI's, FastAPI's, AWS's and a load balancer's errors become OpenAI's, with the status and the words they had."""
    error = in_openai_shape(409, [(b"retry-after", b"3"), (b"server", b"x")], body)
    assert error is not None
    assert (error.status, error.message, error.headers) == (409, message, (("retry-after", "3"),))
    assert error.type == "invalid_request_error"


@given(st.integers(200, 599), st.binary(max_size=200))
def test_any_bytes_become_an_error_that_clients_parse(status: int, body: bytes):
    """Whatever an upstream writes, the client's parser finds `error.message`."""
    error = in_openai_shape(status, [], body)
    document = json.loads(body if error is None else error.body())
    assert isinstance(document["error"]["message"], str)


def test_an_error_in_openais_shape_and_one_that_is_too_long_pass_untouched():
    """Their bytes, spacing and fields of their own are the engine's; a long document is no error message."""
    right = b'{ "error":{"message":"no","code":400,"own":1} }'
    assert in_openai_shape(400, [], right) is None
    assert in_openai_shape(400, [], b" " * (MOST_ERROR_BYTES + 1)) is None

    async def run() -> None:
        engine = FakeEngine(whole(right, 400, {"x-own": "1"}))
        async with engine.running(), running_gateway(engine.url) as gateway:
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                assert (got.status, got.headers["x-own"], await got.read()) == (400, "1", right)
            engine.script = whole(b"x" * (2 * MOST_ERROR_BYTES), 400)
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                assert (got.status, len(await got.read())) == (400, 2 * MOST_ERROR_BYTES)
            engine.script = whole(b"<html>nginx</html>", 502)
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                assert (got.status, await got.json()) == (
                    502,
                    {"error": {"message": "bad gateway", "type": "server_error", "param": None, "code": "bad_gateway"}},
                )

    asyncio.run(run())
