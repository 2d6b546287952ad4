"""Does a check of the operator's own stop what it must, and does its failure do what was decided in advance?"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import house_rules
import openai
import pytest
from aiohttp import web
from fake_engine import FakeEngine, broken, events, whole
from fake_vllm import FakeVllm
from gateway.checks.answer_text import text_of_document, text_of_events
from gateway.config.load import ConfigError, load_config
from running_gateway import RunningGateway, configured_gateway, environment, running_gateway

CHAT = "/v1/chat/completions"
ASK: list[Any] = [{"role": "user", "content": "Hi"}]
RULES = {"function": "house_rules:no_bombs"}


def chunk(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n"


def answer(text: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}}], "usage": {"prompt_tokens": 3}}).encode()


def config(**checks: Any) -> str:
    return json.dumps({"checks": checks})


async def post(gateway: RunningGateway, body: Any = None, path: str = CHAT) -> tuple[int, bytes]:
    async with gateway.client.post(gateway.url + path, data=json.dumps(body or {"messages": ASK})) as got:
        return got.status, await got.read()


def test_a_refused_request_never_reaches_the_engine():
    """400 with the code that OpenAI uses and the check's reason; what passes is passed on as it came."""

    async def run() -> None:
        engine = FakeEngine(whole(answer("fine")))
        async with engine.running(), running_gateway(engine.url, BERTH_CONFIG=config(input=RULES)) as gateway:
            house_rules.SEEN.clear()
            assert (await post(gateway))[0] == 200
            status, body = await post(gateway, {"messages": [{"role": "user", "content": "a bomb"}]})
            assert status == 400
            assert json.loads(body)["error"] == {
                "message": "the request was refused by the content policy: no bombs here",
                "type": "invalid_request_error",
                "param": None,
                "code": "content_policy_violation",
            }
            async with gateway.client.get(gateway.url + "/v1/models") as got:
                assert got.status == 200
        assert [seen.target for seen in engine.seen] == [CHAT, "/v1/models"]
        subject = house_rules.SEEN[0]
        assert (subject.stage, subject.key, subject.path, subject.request) == ("input", None, CHAT, {"messages": ASK})
        assert [line["outcome"] for line in gateway.requests][1] == "content_policy_violation"

    asyncio.run(run())


def test_a_refused_answer_is_not_passed_on():
    """Whole, or in pieces of unknown length: the client gets the refusal and no byte of the answer."""

    async def pieces(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        body = answer("a bomb") if "bomb" in request.query_string else answer("fine")
        for at in range(0, len(body), 10):
            await response.write(body[at : at + 10])
            await asyncio.sleep(0)
        return response

    async def run() -> None:
        engine = FakeEngine(whole(answer("how to build a bomb")))
        async with engine.running(), running_gateway(engine.url, BERTH_CONFIG=config(output=RULES)) as gateway:
            status, body = await post(gateway)
            assert (status, json.loads(body)["error"]["code"]) == (400, "content_policy_violation")
            assert b"bomb " not in body
            engine.script = pieces
            status, body = await post(gateway, path=CHAT + "?bomb")
            assert (status, json.loads(body)["error"]["code"]) == (400, "content_policy_violation")
            assert await post(gateway) == (200, answer("fine"))
            engine.script = whole(b'{"error":{"message":"a bomb"}}', 400)
            assert await post(gateway) == (400, b'{"error":{"message":"a bomb"}}')

    asyncio.run(run())


def test_a_stream_is_checked_window_by_window():
    """What has passed arrives while the engine goes on; what is refused becomes the stream's last event."""

    async def run() -> None:
        check = RULES | {"window_characters": 5}
        gate = asyncio.Event()

        async def script(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"content-type": "text/event-stream"})
            await response.prepare(request)
            for text in ("Hello", " wor", "ld"):
                await response.write(chunk(text))
            await gate.wait()
            await response.write(chunk(" bo") + chunk("mb!") + b"data: [DONE]\n\n")
            return response

        engine = FakeEngine(script)
        async with engine.running(), running_gateway(engine.url, BERTH_CONFIG=config(output=check)) as gateway:
            passed = chunk("Hello") + chunk(" wor") + chunk("ld")
            async with gateway.client.post(gateway.url + CHAT, data=b'{"stream":true}') as got:
                assert await got.content.readexactly(len(passed)) == passed
                gate.set()
                rest = await got.read()
            last = json.loads(rest.strip().removeprefix(b"data: "))
            assert last["error"]["code"] == "content_policy_violation"
            assert gateway.requests[0]["outcome"] == "content_policy_violation"

    asyncio.run(run())


def test_the_rest_of_a_stream_is_checked_at_its_end():
    """Less than a window is held back until the stream is over, byte for byte."""

    async def run() -> None:
        stream = [chunk("Hel"), chunk("lo"), b"data: [DONE]\n\n"]
        engine = FakeEngine(events(stream))
        async with engine.running(), running_gateway(engine.url, BERTH_CONFIG=config(output=RULES)) as gateway:
            house_rules.SEEN.clear()
            assert await post(gateway) == (200, b"".join(stream))
            assert [(seen.text, seen.complete) for seen in house_rules.SEEN] == [("Hello", True)]
            engine.script = events([chunk("bo"), chunk("mb")])
            status, body = await post(gateway)
            assert status == 200
            assert b'"bo"' not in body
            assert b"content_policy_violation" in body

    asyncio.run(run())


@pytest.mark.parametrize("function", ["house_rules:never_ends", "house_rules:is_broken"])
@pytest.mark.parametrize(("on_error", "status"), [("refuse", 503), ("pass", 200)])
@pytest.mark.parametrize("stage", ["input", "output"])
def test_a_check_that_fails_or_takes_too_long(function: str, on_error: str, status: int, stage: str, caplog):
    """Closed unless it was set open; the log names the kind of failure and never its text."""

    async def run() -> None:
        engine = FakeEngine(whole(answer("fine")))
        check = {"function": function, "timeout_seconds": 0.02, "on_error": on_error}
        async with engine.running(), running_gateway(engine.url, BERTH_CONFIG=config(**{stage: check})) as gateway:
            got, body = await post(gateway)
            assert got == status
            if status == 503:
                assert json.loads(body)["error"]["code"] == "check_unavailable"

    asyncio.run(run())
    (record,) = [record for record in caplog.records if record.name == "gateway.checks.guard"]
    assert record.__dict__["fields"]["refused"] is (on_error == "refuse")
    assert "private" not in str(record.__dict__)


def test_a_service_can_be_asked_instead(monkeypatch):
    """One POST with the subject and the operator's key; `allow` decides, and anything else is a failure."""

    async def run() -> None:
        engine = FakeEngine(whole(answer("fine")))
        service = FakeEngine(whole(b'{"allow": false, "reason": "not today"}'), base_path="")
        monkeypatch.setenv("CHECK_KEY", "ck-1")
        async with engine.running(), service.running():
            check = {"url": service.url + "/check?x=1", "key": {"env": "CHECK_KEY"}}
            document = {"upstreams": [{"name": "e", "url": engine.url}], "checks": {"input": check}}
            async with configured_gateway(document, CHECK_KEY="ck-1") as gateway:
                status, body = await post(gateway)
                assert (status, json.loads(body)["error"]["message"]) == (
                    400,
                    "the request was refused by the content policy: not today",
                )
                (seen,) = service.seen
                assert (seen.target, seen.headers["authorization"]) == ("/check?x=1", "Bearer ck-1")
                question = json.loads(seen.body)
                assert len(question.pop("request_id")) == 32
                assert question == {
                    "stage": "input",
                    "key": None,
                    "path": CHAT,
                    "request": {"messages": ASK},
                    "text": "",
                    "complete": True,
                }
                for said, status in ((b'{"allow": true}', 200), (b'{"allow": 1}', 503), (b"[]", 503), (b"x", 503)):
                    service.script = whole(said)
                    assert (await post(gateway))[0] == status
                service.script = whole(b'{"allow": true}', 500)
                assert (await post(gateway))[0] == 503

    asyncio.run(run())


def test_a_fallback_after_a_document_that_broke_off_is_checked_alone():
    """Nothing of the first answer was sent, so the second one may still be; what was held of the first is gone."""

    async def run() -> None:
        dying = FakeEngine(broken("application/json", b'{"choices":[{"mess'))
        healthy = FakeEngine(whole(answer("fine")))
        async with dying.running(), healthy.running():
            document = {
                "upstreams": [{"name": "a", "url": dying.url}, {"name": "b", "url": healthy.url}],
                "routes": [{"upstreams": ["a"], "fallback": ["b"]}],
                "checks": {"output": RULES},
            }
            async with configured_gateway(document) as gateway:
                assert await post(gateway) == (200, answer("fine"))
                healthy.script = events([chunk("fi"), chunk("ne")])
                assert await post(gateway) == (200, chunk("fi") + chunk("ne"))

    asyncio.run(run())


def test_openais_sdk_sees_a_refusal():
    """BadRequestError with the code, for an answer as for a request; a stream raises when it comes to it."""

    async def run() -> None:
        vllm = FakeVllm(words=("a ", "bomb"))
        async with (
            vllm.engine.running(),
            running_gateway(vllm.engine.url, BERTH_CONFIG=config(output=RULES)) as gateway,
            openai.AsyncOpenAI(base_url=gateway.url + "/v1", api_key="x", max_retries=0) as client,
        ):
            with pytest.raises(openai.BadRequestError) as caught:
                await client.chat.completions.create(model="org/model", messages=ASK)
            assert caught.value.code == "content_policy_violation"
            with pytest.raises(openai.APIError, match="no bombs here"):
                async for _ in await client.chat.completions.create(model="org/model", messages=ASK, stream=True):
                    pass

    asyncio.run(run())


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"choices": [{"text": "a"}, {"text": "b"}]}, "ab"),
        (
            {
                "choices": [
                    {
                        "message": {
                            "content": None,
                            "reasoning_content": "why",
                            "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}],
                        }
                    }
                ]
            },
            "why{}",
        ),
        ({"output": [{"type": "message", "content": [{"type": "output_text", "text": "hi"}]}]}, "hi"),
        ({"data": [{"embedding": [1.0]}]}, ""),
        ([1], ""),
    ],
)
def test_the_text_of_an_answer(document: Any, text: str):
    """Whatever the model wrote, in every API, and nothing else."""
    assert text_of_document(json.dumps(document).encode()) == text


def test_the_text_of_events():
    """Deltas of chat and of responses; the events that repeat the whole at the end say nothing new."""
    lines = [
        b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hi"}',
        b'data: {"type":"response.output_text.done","text":"Hi"}',
        b'data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}',
        b"data: {broken",
        b": comment",
    ]
    assert text_of_events(b"\n\n".join(lines)) == "Hi{}"


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        ({"function": "nowhere:check"}, "checks.input.function: nowhere cannot be imported (ModuleNotFoundError)"),
        ({"function": "house_rules:nothing"}, "checks.input.function: house_rules has no nothing"),
        ({"function": "house_rules:not_async"}, "checks.input.function: house_rules:not_async is no async function"),
        ({"function": "house_rules"}, "checks.input.function: 'house_rules' is not allowed"),
        ({}, 'checks.input: name either a "function" or a "url"'),
        ({"url": "http://x", "key": {"env": "NOT_SET"}}, "checks.input.key: the environment variable NOT_SET is not"),
        ({"url": "ftp://x"}, "checks.input.url: 'ftp://x' is not allowed; set it to http(s)://host"),
    ],
)
def test_a_check_that_is_not_there_is_refused_at_the_start(check: dict[str, Any], problem: str):
    """A gateway that could not check would refuse everything, or nothing."""
    with pytest.raises(ConfigError) as caught:
        load_config(environment(BERTH_CONFIG=config(input=check)))
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith("BERTH_CONFIG: " + problem)
