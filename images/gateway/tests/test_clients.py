"""Do OpenAI's SDK and LangChain work with only base URL and key changed?"""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import openai
import pytest
from fake_engine import whole
from fake_vllm import FakeVllm
from langchain_openai import ChatOpenAI
from running_gateway import running_gateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from running_gateway import RunningGateway

KEY = "sk-client-1"
KEYS = json.dumps({"team-a": hashlib.sha256(KEY.encode()).hexdigest()})
MODEL = "org/model"
TEXT = "Hello from the engine"
ASK: list[Any] = [{"role": "user", "content": "Hi"}]
WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}


@asynccontextmanager
async def client_of(
    vllm: FakeVllm, key: str = KEY, **variables: str
) -> AsyncIterator[tuple[openai.AsyncOpenAI, RunningGateway]]:
    async with (
        vllm.engine.running(),
        running_gateway(vllm.engine.url, BERTH_CLIENT_KEYS=KEYS, **variables) as gateway,
        openai.AsyncOpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0, timeout=10) as client,
    ):
        yield client, gateway


def test_chat_with_usage_logprobs_tools_and_json_mode():
    """All that a chat answer can hold arrives in the SDK's own types, and the gateway counts its tokens."""

    async def run() -> None:
        async with client_of(FakeVllm()) as (client, gateway):
            answer = await client.chat.completions.create(model=MODEL, messages=ASK, logprobs=True)
            assert answer.choices[0].message.content == TEXT
            assert answer.usage is not None
            assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (7, 4)
            logprobs = answer.choices[0].logprobs
            assert logprobs is not None
            assert [token.token for token in logprobs.content or []] == ["Hello", " from", " the", " engine"]
            called = await client.chat.completions.create(model=MODEL, messages=ASK, tools=[WEATHER])
            (call,) = called.choices[0].message.tool_calls or []
            assert called.choices[0].finish_reason == "tool_calls"
            assert call.model_dump()["function"] == {"name": "get_weather", "arguments": '{"city": "Berlin"}'}
            json_mode = await client.chat.completions.create(
                model=MODEL, messages=ASK, response_format={"type": "json_object"}
            )
            assert json.loads(json_mode.choices[0].message.content or "") == {"answer": 42}
            assert [(line["key"], line["tokens_out"]) for line in gateway.requests] == [("team-a", 4)] * 3

    asyncio.run(run())


def test_a_stream_with_usage_at_its_end():
    """Every delta comes on its own, the usage last; tools stream too."""

    async def run() -> None:
        async with client_of(FakeVllm()) as (client, gateway):
            stream = await client.chat.completions.create(
                model=MODEL, messages=ASK, stream=True, stream_options={"include_usage": True}
            )
            chunks = [chunk async for chunk in stream]
            assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
            assert len(chunks) == 6
            usage = chunks[-1].usage
            assert usage is not None
            assert usage.completion_tokens == 4
            stream = await client.chat.completions.create(model=MODEL, messages=ASK, stream=True, tools=[WEATHER])
            arguments = ""
            async for chunk in stream:
                for call in chunk.choices[0].delta.tool_calls or []:
                    arguments += (call.function.arguments if call.function else None) or ""
            assert json.loads(arguments) == {"city": "Berlin"}
            # Without usage, its chunks with text: one less than there are, for the one that says who speaks.
            assert [line["tokens_out"] for line in gateway.requests] == [4, 1]
            assert [line.get("tokens_estimated") for line in gateway.requests] == [None, True]

    asyncio.run(run())


def test_completions_embeddings_models_and_responses():
    """The other routes of the API, plain and streamed."""

    async def run() -> None:
        async with client_of(FakeVllm()) as (client, gateway):
            completion = await client.completions.create(model=MODEL, prompt="Hi")
            assert completion.choices[0].text == TEXT
            stream = await client.completions.create(model=MODEL, prompt="Hi", stream=True)
            assert "".join([chunk.choices[0].text async for chunk in stream]) == TEXT
            embedding = await client.embeddings.create(model=MODEL, input="Hi", encoding_format="float")
            assert embedding.data[0].embedding == [0.25, -0.5, 1.0]
            assert [model.id async for model in client.models.list()] == [MODEL]
            response = await client.responses.create(model=MODEL, input="Hi")
            assert response.output_text == TEXT
            events = await client.responses.create(model=MODEL, input="Hi", stream=True)
            kinds = [event.type async for event in events]
            assert kinds == ["response.created", *["response.output_text.delta"] * 4, "response.completed"]
            assert [line["tokens_in"] for line in gateway.requests] == [7, 0, 7, 0, 7, 7]

    asyncio.run(run())


async def chat(client: openai.AsyncOpenAI) -> Any:
    return await client.chat.completions.create(model=MODEL, messages=ASK)


def test_each_error_is_the_sdks_own_exception():
    """401, 404, 413, 400, 429, 503 and 502 raise what user code already catches, with the gateway's words in it."""

    async def run() -> None:
        vllm = FakeVllm()
        async with client_of(vllm, "sk-wrong") as (client, _):
            with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided"):
                await chat(client)
        async with client_of(vllm, BERTH_MAX_BODY_BYTES="200") as (client, _):
            with pytest.raises(openai.NotFoundError, match=r"The model `other` does not exist\."):
                await client.chat.completions.create(model="other", messages=ASK)
            with pytest.raises(openai.APIStatusError, match="larger than 200 bytes") as too_large:
                await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "x" * 300}])
            assert too_large.value.status_code == 413
            vllm.fail_with = (400, "too long")
            with pytest.raises(openai.BadRequestError, match="too long"):
                await chat(client)
            vllm.fail_with = (429, "busy")
            with pytest.raises(openai.RateLimitError, match="busy"):
                await chat(client)
            vllm.fail_with, vllm.sleeping = None, True
            with pytest.raises(openai.InternalServerError, match="sleeping") as asleep:
                await chat(client)
            assert asleep.value.status_code == 503
            vllm.engine.script = whole(b"<html>", 502)
            with pytest.raises(openai.InternalServerError, match="bad gateway"):
                await chat(client)

    asyncio.run(run())


def test_a_stream_that_breaks_raises_in_the_sdk():
    """The text so far is kept, then an APIError says that the engine broke off: it is not taken for a whole answer."""

    async def run() -> None:
        vllm = FakeVllm(drop_after_chunks=2, gap_seconds=0.02)
        async with client_of(vllm) as (client, _):
            stream = await client.chat.completions.create(model=MODEL, messages=ASK, stream=True)
            text = ""

            async def read() -> None:
                nonlocal text
                async for chunk in stream:
                    text += chunk.choices[0].delta.content or ""

            with pytest.raises(openai.APIError, match="the engine broke off"):
                await read()
            assert text == "Hello from"

    asyncio.run(run())


def test_closing_a_stream_in_the_sdk_stops_the_engine():
    """`stream.close()` is a client that leaves."""

    async def run() -> None:
        vllm = FakeVllm(gap_seconds=30)
        async with client_of(vllm) as (client, _):
            stream = await client.chat.completions.create(model=MODEL, messages=ASK, stream=True)
            await anext(aiter(stream))
            await stream.close()
            await asyncio.wait_for(vllm.engine.left.wait(), 1)
            assert vllm.engine.left.is_set()

    asyncio.run(run())


def test_langchains_chat_model_invokes_streams_and_calls_tools():
    """ChatOpenAI needs base_url and api_key, and nothing else."""

    async def run() -> None:
        async with client_of(FakeVllm()) as (_, gateway):
            model = ChatOpenAI(model=MODEL, base_url=gateway.url + "/v1", api_key=KEY, stream_usage=True)  # pyright: ignore[reportArgumentType]
            answer = await model.ainvoke("Hi")
            assert answer.content == TEXT
            assert (answer.usage_metadata or {})["output_tokens"] == 4
            pieces = [piece async for piece in model.astream("Hi")]
            assert "".join(str(piece.content) for piece in pieces) == TEXT
            assert sum((piece.usage_metadata or {}).get("output_tokens", 0) for piece in pieces) == 4
            called = await model.bind_tools([WEATHER]).ainvoke("Hi")
            assert [(call["name"], call["args"]) for call in called.tool_calls] == [("get_weather", {"city": "Berlin"})]

    asyncio.run(run())
