"""Do a key's rates hold, and is what a refused caller is told right?"""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import openai
import pytest
from fake_engine import FakeEngine, events, gated, whole
from fake_vllm import FakeVllm
from running_gateway import RunningGateway, running_gateway

KEY = "sk-limited"
ASK: list[Any] = [{"role": "user", "content": "Hi"}]
USAGE = b'{"usage":{"prompt_tokens":7,"completion_tokens":3}}'


def keys(**terms: Any) -> str:
    return json.dumps({"team-a": {"sha256": hashlib.sha256(KEY.encode()).hexdigest(), **terms}})


async def post(
    gateway: RunningGateway, body: Any = None, path: str = "/v1/chat/completions"
) -> tuple[int, dict[str, str], dict[str, Any]]:
    data = json.dumps({"max_tokens": 10} if body is None else body)
    headers = {"authorization": f"Bearer {KEY}"}
    async with gateway.client.post(gateway.url + path, data=data, headers=headers) as got:
        return got.status, {name.lower(): value for name, value in got.headers.items()}, json.loads(await got.read())


def test_requests_per_minute_and_their_headers():
    """The fourth of three is refused with OpenAI's code, the time to wait, and the headers that OpenAI sends."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}", headers={"x-ratelimit-limit-requests": "9", "x-other": "1"}))
        async with (
            engine.running(),
            running_gateway(engine.url, BERTH_CLIENT_KEYS=keys(requests_per_minute=3)) as gateway,
        ):
            headers = {"authorization": f"Bearer {KEY}"}
            async with gateway.client.get(gateway.url + "/v1/models", headers=headers) as got:
                assert got.headers.getall("x-ratelimit-limit-requests") == ["3"]
            first, second, third = [await post(gateway) for _ in range(3)]
            assert [answer[0] for answer in (first, second, third)] == [200, 200, 429]
            assert first[1]["x-ratelimit-limit-requests"] == "3"
            assert first[1]["x-ratelimit-remaining-requests"] == "1"
            assert first[1]["x-other"] == "1"
            assert 39 < float(first[1]["x-ratelimit-reset-requests"].removesuffix("s")) <= 40
            assert third[1]["x-ratelimit-remaining-requests"] == "0"
            assert third[1]["retry-after"] == "20"
            assert third[2] == {
                "error": {
                    "message": "this key may send 3 requests per minute; try again in 20 s",
                    "type": "requests",
                    "param": None,
                    "code": "rate_limit_exceeded",
                }
            }
        assert len(engine.seen) == 3
        assert [line["outcome"] for line in gateway.requests] == ["complete"] * 3 + ["rate_limit_exceeded"]

    asyncio.run(run())


def test_tokens_are_reserved_by_estimate_and_settled_by_usage():
    """22 bytes are 6 tokens, and 50 may be answered: 56 are reserved, 10 are used, so a second one passes."""

    async def run() -> None:
        engine = FakeEngine(whole(USAGE))
        async with (
            engine.running(),
            running_gateway(engine.url, BERTH_CLIENT_KEYS=keys(tokens_per_minute=100)) as gateway,
        ):
            body = {"max_tokens": 50, "n": 1}
            assert len(json.dumps(body)) == 26
            remaining = []
            for _ in range(2):
                status, headers, _ = await post(gateway, body)
                assert status == 200
                remaining.append(int(headers["x-ratelimit-remaining-tokens"]))
            # 100 - 57; then 57 given back less 10 used, and 57 reserved again, with what came in meanwhile.
            assert remaining[0] == 43
            assert 33 <= remaining[1] <= 34
            status, headers, answer = await post(gateway, {"max_tokens": 80})
            assert status == 429
            assert answer["error"]["type"] == "tokens"
            assert answer["error"]["code"] == "rate_limit_exceeded"
            assert 3 <= int(headers["retry-after"]) <= 5

    asyncio.run(run())


def test_a_stream_without_usage_is_counted_by_its_chunks():
    """Whoever leaves `include_usage` out pays by the chunk, not nothing."""

    async def run() -> None:
        chunk = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'
        engine = FakeEngine(events([chunk] * 61))
        async with (
            engine.running(),
            running_gateway(engine.url, BERTH_CLIENT_KEYS=keys(tokens_per_minute=1000)) as gateway,
        ):
            headers = {"authorization": f"Bearer {KEY}"}
            data = b'{"stream":true,"max_tokens":300}'
            async with gateway.client.post(gateway.url + "/v1/chat/completions", data=data, headers=headers) as got:
                assert got.headers["x-ratelimit-remaining-tokens"] == "692"
                await got.read()
            engine.script = whole(b"{}")
            _, answered, _ = await post(gateway, {"max_tokens": 0})
            # 8 for the prompt and 60 for the chunks behind the opening one; then 5 for this one.
            assert 927 <= int(answered["x-ratelimit-remaining-tokens"]) <= 929

    asyncio.run(run())


def test_more_than_a_minutes_tokens_pass_when_the_bucket_is_full():
    """An estimate may be far too high: such a request is served, and others wait until its debt is worked off."""

    async def run() -> None:
        engine = FakeEngine(whole(USAGE))
        async with (
            engine.running(),
            running_gateway(engine.url, BERTH_CLIENT_KEYS=keys(tokens_per_minute=100)) as gateway,
        ):
            assert [(await post(gateway, {"max_tokens": 5000}))[0] for _ in range(2)] == [200, 429]

    asyncio.run(run())


def test_concurrency_is_counted_until_the_last_byte():
    """A stream holds its place; with its end the next one is served. Another key has places of its own."""

    async def run() -> None:
        script, gate = gated(b"data: 1\n\n", [b"data: [DONE]\n\n"])
        engine = FakeEngine(script)
        other = hashlib.sha256(b"sk-other").hexdigest()
        both = json.dumps({**json.loads(keys(concurrency=1)), "team-b": other})
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=both) as gateway:
            headers = {"authorization": f"Bearer {KEY}"}
            url = gateway.url + "/v1/chat/completions"
            async with gateway.client.post(url, data=b"{}", headers=headers) as held:
                await held.content.readany()
                status, answered, error = await post(gateway)
                assert (status, answered["retry-after"], error["error"]["code"]) == (429, "1", "rate_limit_exceeded")
                async with gateway.client.post(url, data=b"{}", headers={"authorization": "Bearer sk-other"}) as got:
                    assert got.status == 200
                    gate.set()
                await held.read()
            async with gateway.client.post(url, data=b"{}", headers=headers) as got:
                assert got.status == 200

    asyncio.run(run())


def test_a_refusal_for_tokens_takes_no_request_from_the_rate():
    """Only what was let in counts, so the time that a refusal names stays true."""

    async def run() -> None:
        engine = FakeEngine(whole(USAGE))
        terms = keys(requests_per_minute=3, tokens_per_minute=100)
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=terms) as gateway:
            await post(gateway, {"max_tokens": 50})
            for _ in range(5):
                assert (await post(gateway, {"max_tokens": 95}))[0] == 429
            assert (await post(gateway, {"max_tokens": 1}))[1]["x-ratelimit-remaining-requests"] == "1"

    asyncio.run(run())


def test_a_key_with_models_may_use_no_other():
    """403 for another model, for none, and for a body that hides it; a list of models needs none."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=keys(models=["chat"])) as gateway:
            for body, status in (
                ({"model": "chat"}, 200),
                ({"model": "chat@any"}, 200),
                ({"model": "other"}, 403),
                ({"model": 7}, 403),
                ({}, 403),
            ):
                assert (await post(gateway, body))[0] == status
            _, _, error = await post(gateway, {"model": "other"})
            assert error["error"] == {
                "message": "this key may not use the model 'other'; use one of: chat",
                "type": "invalid_request_error",
                "param": "model",
                "code": "model_not_allowed",
            }
            headers = {"authorization": f"Bearer {KEY}"}
            async with gateway.client.get(gateway.url + "/v1/models", headers=headers) as got:
                assert got.status == 200
            multipart = headers | {"content-type": "multipart/form-data; boundary=x"}
            async with gateway.client.post(
                gateway.url + "/v1/audio", data=b'{"model":"chat"}', headers=multipart
            ) as got:
                assert got.status == 403

    asyncio.run(run())


def test_without_keys_the_defaults_hold_for_all_callers_together():
    """An open gateway can still be protected."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        config = json.dumps({"keys": {"defaults": {"requests_per_minute": 1}}})
        async with engine.running(), running_gateway(engine.url, BERTH_CONFIG=config) as gateway:
            assert [(await post(gateway))[0] for _ in range(2)] == [200, 429]
            assert gateway.requests[0]["key"] is None

    asyncio.run(run())


def test_openais_sdk_sees_a_rate_limit_with_its_retry_after():
    """As from OpenAI itself: RateLimitError, its code, and the header that the SDK's own retries wait for."""

    async def run() -> None:
        vllm = FakeVllm()
        async with (
            vllm.engine.running(),
            running_gateway(vllm.engine.url, BERTH_CLIENT_KEYS=keys(requests_per_minute=1)) as gateway,
            openai.AsyncOpenAI(base_url=gateway.url + "/v1", api_key=KEY, max_retries=0) as client,
        ):
            raw = await client.chat.completions.with_raw_response.create(model="org/model", messages=ASK)
            assert raw.headers["x-ratelimit-remaining-requests"] == "0"
            with pytest.raises(openai.RateLimitError) as caught:
                await client.chat.completions.create(model="org/model", messages=ASK)
            assert caught.value.code == "rate_limit_exceeded"
            assert caught.value.type == "requests"
            assert caught.value.response.headers["retry-after"] == "60"

    asyncio.run(run())
