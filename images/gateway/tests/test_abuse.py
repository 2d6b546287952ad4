"""Whatever comes from either side: a documented status or a clean error event, and no leak?"""

from __future__ import annotations

import hashlib
import json
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from background import RawAnswer, exchange, in_background
from fake_engine import FakeEngine, whole
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_upstream import RawUpstream
from running_gateway import RunningGateway, configured_gateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

KEY = "sk-fuzz-1"
SECRET_PROMPT = "the prompt of a fuzzed request"
KEYS = json.dumps({"a": hashlib.sha256(KEY.encode()).hexdigest()})
DOCUMENTED = {200, 400, 401, 404, 405, 408, 413, 431, 502, 503, 504}
EVENTS = b'data: {"choices":[]}\n\ndata: {"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\ndata: [DONE]\n\n'
DOCUMENT = b'{"choices":[{"text":"Hello"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\n"
ANSWERS = {
    "a document of known length": HEAD % b"application/json" + b"content-length: %d\r\n\r\n" % len(DOCUMENT) + DOCUMENT,
    "a stream in chunks": HEAD % b"text/event-stream"
    + b"transfer-encoding: chunked\r\n\r\n"
    + b"".join(b"%x\r\n%s\n\n\r\n" % (len(event) + 2, event) for event in EVENTS.removesuffix(b"\n\n").split(b"\n\n"))
    + b"0\r\n\r\n",
}


@pytest.mark.parametrize("cut", [False, True], ids=["closed", "cut"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_an_upstream_may_die_at_any_byte(kind: str, cut: bool):
    """For each length of what it still sent: the whole answer, or a 502, or a stream that ends with an error event.

    A document is never cut for the client, since it is taken whole before it is passed on; a stream is.
    """
    answer = ANSWERS[kind]

    @asynccontextmanager
    async def both() -> AsyncIterator[tuple[RawUpstream, RunningGateway]]:
        async with AsyncExitStack() as stack:
            upstream = await stack.enter_async_context(RawUpstream(cut=cut).running())
            engine = {"name": "engine", "url": upstream.url, "metrics_path": None}
            document = {"upstreams": [engine], "breaker": {"enabled": False}}
            yield upstream, await stack.enter_async_context(configured_gateway(document))

    with in_background(both) as (upstream, gateway):
        for length in range(len(answer) + 1):
            upstream.answer = answer[:length]
            got = exchange(gateway.port, b"POST /v1/completions HTTP/1.0\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
            if length == len(answer):
                assert (got.status, got.body) == (200, EVENTS if b"event-stream" in answer else DOCUMENT)
            elif got.status == 502:
                assert json.loads(got.body)["error"]["code"] == "upstream_error"
            else:
                assert got.status == 200
                _assert_ended_with_an_error(got)
        statuses = [line["status"] for line in gateway.requests]
        assert {200, 502} == set(statuses)
        assert (len(statuses), upstream.requests) == (len(answer) + 1, len(answer) + 1)


def _assert_ended_with_an_error(got: RawAnswer) -> None:
    """Whole events, each of them JSON as an SDK parses it, and the error as the last."""
    events = [event.strip() for event in got.body.split(b"\n\n") if event.strip()]
    parsed = [json.loads(event.removeprefix(b"data: ")) for event in events if event != b"data: [DONE]"]
    assert parsed[-1]["error"]["code"] == "upstream_error"
    assert events[-1] != b"data: [DONE]"


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[tuple[FakeEngine, RunningGateway]]:
    """One gateway for all examples, with keys, two routes (so that bodies are parsed), and tight limits."""

    @asynccontextmanager
    async def both() -> AsyncIterator[tuple[FakeEngine, RunningGateway]]:
        async with AsyncExitStack() as stack:
            engine = await stack.enter_async_context(FakeEngine(whole(b"{}")).running())
            document = {
                "upstreams": [{"name": "engine", "url": engine.url, "model": "served"}],
                "routes": [{"models": ["m"], "upstreams": ["engine"]}, {"models": ["n"], "upstreams": ["engine"]}],
                "limits": {
                    "max_body_bytes": 2000,
                    "max_head_bytes": 4000,
                    "max_head_seconds": 2,
                    "max_body_seconds": 2,
                },
            }
            yield engine, await stack.enter_async_context(configured_gateway(document, BERTH_CLIENT_KEYS=KEYS))

    with in_background(both) as found:
        yield found


BODIES = st.one_of(
    st.binary(max_size=3000),
    st.dictionaries(st.sampled_from(["model", "stream", "messages", "n"]), st.text() | st.integers() | st.none()).map(
        lambda members: json.dumps(members).encode()
    ),
    st.sampled_from([b'{"model":"m"}', b"[" * 1500, b'{"model":"m"', b'{"model":"\\ud800"}', b'{"model":1e999}']),
)
HEADER_BYTES = st.binary(max_size=200).filter(lambda value: b"\n" not in value and b"\r" not in value)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                b"content-type",
                b"x-request-id",
                b"accept",
                b"connection",
                b"expect",
                b"te",
                b"x-y",
                b"upgrade",
                b"cookie",
            ]
        )
        | st.from_regex(rb"[A-Za-z0-9!#$%&'*+.^_|~-]{1,30}", fullmatch=True),
        HEADER_BYTES,
    ),
    max_size=8,
)
PATHS = st.sampled_from(["/v1/completions", "/v1/models", "/v1/models/m", "/healthz", "/v1/", "/v1"]) | st.from_regex(
    r"/v1/[a-z%./?&=;0-9-]{0,40}", fullmatch=True
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["POST", "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]),
    path=PATHS,
    headers=HEADERS,
    body=BODIES,
)
def test_fuzzed_requests_get_a_documented_answer(
    fuzzed: tuple[FakeEngine, RunningGateway],
    method: str,
    path: str,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
):
    """Any path, headers and body: a documented status, errors in OpenAI's shape, and the next request still works."""
    _, gateway = fuzzed
    lines = [b"%s %s HTTP/1.1" % (method.encode(), path.encode()), b"host: x", b"authorization: Bearer " + KEY.encode()]
    lines += [name + b": " + value for name, value in headers]
    # "connection: close" last: a client that asks for more than that gets it.
    lines += [b"content-length: %d" % len(body), b"connection: close", b"", b""]
    got = exchange(gateway.port, b"\r\n".join(lines) + body)
    assert got.status in DOCUMENTED, got.data
    if got.status >= 400 and method != "HEAD":
        assert isinstance(json.loads(got.body)["error"]["message"], str)
    after = (
        b"POST /v1/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer %s\r\n" % KEY.encode()
    )
    assert exchange(gateway.port, after + b'content-length: 13\r\n\r\n{"model":"m"}').status == 200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.binary(min_size=1, max_size=2000))
def test_bytes_that_are_no_http_get_400_or_nothing(fuzzed: tuple[FakeEngine, RunningGateway], sent: bytes):
    """Noise is answered with a JSON 400, 404 or 408, or the connection is closed; the engine never hears it."""
    engine, gateway = fuzzed
    before = len(engine.seen)
    got = exchange(gateway.port, sent, leave=True)
    if got.data:
        assert got.status in {400, 401, 404, 405, 408, 431}
        assert b'{"error": {"message"' in got.data
    assert len(engine.seen) == before


def test_the_log_of_all_that_holds_neither_key_nor_prompt(fuzzed: tuple[FakeEngine, RunningGateway], caplog):
    """After hundreds of odd requests the lines are JSON, and none quotes a key, a header or a body."""
    _, gateway = fuzzed
    body = json.dumps({"model": "m", "prompt": SECRET_PROMPT}).encode()
    lines = [b"POST /v1/completions?api_key=%s HTTP/1.1" % KEY.encode(), b"host: x", b"connection: close"]
    lines += [b"authorization: Bearer " + KEY.encode(), b"content-length: %d" % len(body), b"", b""]
    assert exchange(gateway.port, b"\r\n".join(lines) + body).status == 200
    text = "\n".join(gateway.lines) + caplog.text
    assert len(gateway.requests) > 0
    for secret in (KEY, SECRET_PROMPT, hashlib.sha256(KEY.encode()).hexdigest()):
        assert secret not in text
