"""What is written down about a request, and what never, unless the operator wants it?"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import logging
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from background import exchange, in_background
from fake_engine import FakeEngine, events, whole
from finished import finished
from gateway import logs
from gateway.logs import RequestLog
from gateway.transcript import Transcript
from gateway.usage import Tokens
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_gateway import RunningGateway, configured_gateway, running_gateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

KEY = "sk-live-8d20f1"
DIGEST = hashlib.sha256(KEY.encode()).hexdigest()
USAGE = {"prompt_tokens": 7, "completion_tokens": 3}
STREAM = [
    b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
    b'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\ndata: {"choices":[{"delta":{"content":"lo"}}]}\n\n',
    b"data: [DONE]\n\n",
]


def fields(exchange: Any) -> dict[str, Any]:
    lines: list[str] = []
    RequestLog(lines.append)(exchange, "org/model")
    (line,) = lines
    assert "\n" not in line
    return json.loads(line)


def test_a_line_has_these_fields():
    """What nobody knows is null."""
    line = fields(finished(key="team-a", tokens=Tokens(7, 3), began=time.monotonic()))
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "gateway",
        "message": "request",
        "request_id": "r-1",
        "key": "team-a",
        "method": "POST",
        "path": "/v1/chat/completions",
        "model": "org/model",
        "upstream": None,
        "tries": 1,
        "status": 200,
        "outcome": "complete",
        "duration_ms": 0,
        "first_byte_ms": None,
        "tokens_in": 7,
        "tokens_out": 3,
    }


def test_a_line_has_cost_and_says_when_tokens_are_an_estimate():
    """What is not known is left out, never 0: a line without a price has no cost."""
    priced = fields(finished(tokens=Tokens(0, 3, estimated=True), cost_usd=0.000123456789))
    assert (priced["cost_usd"], priced["tokens_estimated"]) == (0.000123457, True)


@given(st.text(), st.text(), st.text(), st.text(min_size=1), st.none() | st.floats(0, 1e6), st.booleans())
def test_every_line_is_json_whatever_it_holds(
    key: str, upstream: str, path: str, asked: str, cost_usd: float | None, estimated: bool
):
    """The line is put together past the json module for speed, and reads as what went in."""
    exchange = finished(key=key, cost_usd=cost_usd, tokens=Tokens(1, 2, estimated=estimated))
    exchange.upstream, exchange.path = upstream, path
    exchange.transcript = Transcript(100)
    exchange.body = asked.encode()
    line = fields(exchange)
    assert (line["key"], line["upstream"], line["path"]) == (key, upstream, path[:200])
    assert (line["prompt"], line.get("tokens_estimated", False)) == (asked, estimated)
    assert line.get("cost_usd") == (None if cost_usd is None else round(cost_usd, 9))


def test_the_model_is_the_one_that_the_body_names_where_somebody_looked():
    """Otherwise it is the one that is served."""
    assert fields(finished(model="chat@support"))["model"] == "chat@support"
    assert fields(finished())["model"] == "org/model"


@pytest.fixture(scope="module")
def watched() -> Iterator[tuple[FakeEngine, RunningGateway, io.StringIO]]:
    """A gateway with keys whose log, at its most talkative, goes into a text."""
    written = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(written)
    root.setLevel(logging.DEBUG)

    @asynccontextmanager
    async def both() -> AsyncIterator[tuple[FakeEngine, RunningGateway]]:
        async with AsyncExitStack() as stack:
            engine = await stack.enter_async_context(FakeEngine(whole(b"{}")).running())
            document = {
                "upstreams": [{"name": "engine", "url": engine.url}],
                "routes": [{"models": ["m"], "upstreams": ["engine"]}],
            }
            keys = json.dumps({"team-a": DIGEST})
            yield engine, await stack.enter_async_context(configured_gateway(document, BERTH_CLIENT_KEYS=keys))

    with in_background(both) as (engine, gateway):
        yield engine, gateway, written
    root.handlers[:] = handlers
    root.setLevel(level)


SECRETS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=12, max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prompt=SECRETS,
    answered=SECRETS,
    header=SECRETS,
    model=st.sampled_from(["m", "unknown", None]),
    stream=st.booleans(),
    status=st.sampled_from([200, 400, 500]),
    known=st.booleans(),
)
def test_no_prompt_answer_header_or_key_is_ever_written(
    watched: tuple[FakeEngine, RunningGateway, io.StringIO],
    prompt: str,
    answered: str,
    header: str,
    model: str | None,
    stream: bool,
    status: int,
    known: bool,
):
    """Whatever happens to a request: not in its line, in no other line, and not in the metrics."""
    engine, gateway, written = watched
    answer = json.dumps({"choices": [{"text": answered}], "usage": USAGE}).encode()
    engine.script = events([b"data: " + answer + b"\n\n"]) if stream else whole(answer, status)
    key = KEY if known else "sk-" + header
    body = json.dumps({"model": model, "prompt": prompt, "stream": stream, "user": prompt}).encode()
    lines = [b"POST /v1/completions?q=%s HTTP/1.1" % header.encode(), b"host: x", b"connection: close"]
    lines += [b"authorization: Bearer " + key.encode(), b"x-secret: " + header.encode()]
    lines += [b"content-length: %d" % len(body), b"", b""]
    before = len(gateway.lines)
    exchange(gateway.port, b"\r\n".join(lines) + body)
    asked = [b"GET /metrics HTTP/1.1", b"host: x", b"connection: close", b"authorization: Bearer " + KEY.encode()]
    page = exchange(gateway.port, b"\r\n".join([*asked, b"", b""]))
    assert page.status == 200
    assert len(gateway.lines) > before
    text = "\n".join(gateway.lines[before:]) + written.getvalue() + page.body.decode()
    for secret in (prompt, answered, header, KEY, DIGEST):
        assert secret not in text


def transcribed(body: bytes, engine: FakeEngine, **variables: str) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        async with engine.running(), running_gateway(engine.url, **variables) as gateway:
            await (await gateway.client.post(gateway.url + "/v1/chat/completions", data=body)).read()
        return gateway.requests[0]

    return asyncio.run(run())


def test_prompts_are_written_where_the_operator_wants_them():
    """With BERTH_LOG_PROMPTS a line has what was asked and the text of what was answered, of a stream, too."""
    line = transcribed(b'{"messages":[]}', FakeEngine(events(STREAM)), BERTH_LOG_PROMPTS="true")
    assert (line["prompt"], line["answer"]) == ('{"messages":[]}', "Hello")
    line = transcribed(b"{}", FakeEngine(whole(b'{"choices":[]}')), BERTH_LOG_PROMPTS="true")
    assert (line["prompt"], line["answer"]) == ("{}", '{"choices":[]}')


def test_what_is_long_is_cut():
    """A thousand characters of each, however long the request and its answer are."""
    engine = FakeEngine(whole(b"a" * 200_000))
    line = transcribed(b"p" * 2000, engine, BERTH_LOG_PROMPTS="true")
    assert (line["prompt"], line["answer"]) == ("p" * 1000 + "...", "a" * 1000 + "...")


def test_nothing_of_it_is_written_without_the_switch():
    """Omitted means no."""
    line = transcribed(b'{"messages":[]}', FakeEngine(events(STREAM)))
    assert {"prompt", "answer"} & set(line) == set()
