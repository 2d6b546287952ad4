"""Who gets in, and what is written down about it?"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import logging

import pytest
from fake_engine import FakeEngine, broken, whole
from gateway import logs
from running_gateway import RunningGateway, running_gateway

KEY = "sk-live-3f9c0d"
WRONG_KEY = "sk-wrong-77aa"
PROMPT = "my very private prompt"
KEYS = json.dumps({"team-a": hashlib.sha256(KEY.encode()).hexdigest()})


@pytest.fixture
def log_text():
    """Everything the process logs, through the formatter it uses in production."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(stream)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.handlers[:] = handlers
    root.setLevel(level)


async def post(gateway: RunningGateway, key: str | None, target: str = "/v1/chat/completions") -> int:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with gateway.client.post(gateway.url + target, data=PROMPT.encode(), headers=headers) as got:
        await got.read()
        return got.status


def test_only_a_known_key_reaches_the_engine():
    """No key and a wrong key are 401 in OpenAI's shape; the engine sees only the third request."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=KEYS) as gateway:
            assert [await post(gateway, key) for key in (None, WRONG_KEY, KEY)] == [401, 401, 200]
            async with gateway.client.get(gateway.url + "/v1/models", headers={"x-request-id": "r-1"}) as got:
                assert got.headers["www-authenticate"] == "Bearer"
                assert got.headers["x-request-id"] == "r-1"
                assert (await got.json())["error"] == {
                    "message": "Incorrect API key provided, or none; send one that this service knows as "
                    "'Authorization: Bearer <key>'",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": "invalid_api_key",
                }
        assert len(engine.seen) == 1

    asyncio.run(run())


def test_of_two_keys_in_one_request_the_first_counts():
    """A known one that a proxy has put behind the client's own lets nobody in."""

    async def run() -> None:
        keys = json.dumps({"team-a": hashlib.sha256(b"sk-right").hexdigest()})
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=keys) as gateway:
            for first, second, status in (("right", "wrong", 200), ("wrong", "right", 401)):
                both = [("authorization", f"Bearer sk-{key}") for key in (first, second)]
                async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}", headers=both) as got:
                    assert got.status == status

    asyncio.run(run())


def test_metrics_need_a_key_where_there_are_keys_and_probes_never_do():
    """How much is used is not for everybody; the load balancer has no key."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=KEYS) as gateway:
            statuses = {}
            for path in ("/healthz", "/readyz", "/metrics"):
                async with gateway.client.get(gateway.url + path) as got:
                    statuses[path] = got.status
            assert statuses == {"/healthz": 200, "/readyz": 200, "/metrics": 401}
            headers = {"authorization": f"Bearer {KEY}"}
            async with gateway.client.get(gateway.url + "/metrics", headers=headers) as got:
                assert got.status == 200

    asyncio.run(run())


def test_no_key_and_no_prompt_is_ever_logged(log_text):
    """At the most talkative level, over success, refusal, a failing engine and a key in the query by mistake."""

    async def run() -> list[str]:
        engine = FakeEngine(whole(json.dumps({"text": PROMPT}).encode()))
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=KEYS) as gateway:
            for key in (KEY, WRONG_KEY, None):
                await post(gateway, key)
            await post(gateway, KEY, f"/v1/models?api_key={KEY}")
            engine.script = broken("application/json", b"{", 100)
            await post(gateway, KEY)
        async with running_gateway(BERTH_CLIENT_KEYS=KEYS) as closed:
            await post(closed, KEY)
        return gateway.lines + closed.lines

    lines = asyncio.run(run())
    assert [json.loads(line).get("message") for line in lines].count("request") == 6
    assert [line["message"] for line in map(json.loads, log_text().splitlines())].count("upstream failed") == 2
    text = log_text() + "\n".join(lines)
    for secret in (KEY, WRONG_KEY, PROMPT, hashlib.sha256(KEY.encode()).hexdigest()):
        assert secret not in text


def test_a_request_leaves_one_line_with_what_operators_ask_for():
    """Request id, key name, status, outcome, duration and tokens: enough for a bill and for a complaint."""

    async def run() -> list[dict]:
        engine = FakeEngine(whole(b'{"usage":{"prompt_tokens":7,"completion_tokens":3}}'))
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=KEYS) as gateway:
            headers = {"authorization": f"Bearer {KEY}", "x-request-id": "r-1"}
            await (await gateway.client.post(gateway.url + "/v1/completions?x=1", headers=headers)).read()
        return gateway.requests

    (line,) = asyncio.run(run())
    assert line.pop("duration_ms") >= line.pop("first_byte_ms") >= 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "gateway",
        "message": "request",
        "request_id": "r-1",
        "key": "team-a",
        "method": "POST",
        "path": "/v1/completions",
        "model": "org/model",
        "upstream": "engine",
        "tries": 1,
        "status": 200,
        "outcome": "complete",
        "tokens_in": 7,
        "tokens_out": 3,
    }


def test_an_open_gateway_says_so_once(log_text):
    """Without keys everybody may call, and the log has one warning about it."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url) as gateway:
            assert [await post(gateway, key) for key in (None, WRONG_KEY)] == [200, 200]

    asyncio.run(run())
    warnings = [line for line in map(json.loads, log_text().splitlines()) if line["level"] == "warning"]
    assert [line["message"] for line in warnings] == [
        "no client keys are configured: everybody who reaches this port may use the model"
    ]


def test_a_request_id_that_a_log_could_not_hold_is_replaced():
    """The client's id is kept only if it is short and plain."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url) as gateway:
            for given in ("a b", "x" * 129, "a/b", ""):
                async with gateway.client.get(gateway.url + "/v1/models", headers={"x-request-id": given}) as got:
                    assert got.headers["x-request-id"] == engine.seen[-1].headers["x-request-id"]
                    assert len(got.headers["x-request-id"]) == 32

    asyncio.run(run())
