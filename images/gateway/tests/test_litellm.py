"""Does LiteLLM work as a client? What 1.106.2 sent is sent again; `bench/litellm_client.py` asks with the real one."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from background import RawAnswer, exchange
from fake_vllm import FakeVllm
from running_gateway import running_gateway

KEYS = json.dumps({"team-a": hashlib.sha256(b"sk-client-1").hexdigest()})
RECORDED = json.loads((Path(__file__).parent / "recorded" / "litellm.json").read_text(encoding="utf-8"))


def sent_again(name: str) -> tuple[RawAnswer, list[bytes]]:
    """The answer to a recorded request, and the bodies that the engine got."""
    (asked,) = (one for one in RECORDED if one["name"] == name)
    raw = "\r\n".join([*asked["head"], "", asked["body"]]).replace("Connection: keep-alive", "Connection: close")

    async def run() -> tuple[RawAnswer, list[bytes]]:
        vllm = FakeVllm()
        async with vllm.engine.running(), running_gateway(vllm.engine.url, BERTH_CLIENT_KEYS=KEYS) as gateway:
            answer = await asyncio.to_thread(exchange, gateway.port, raw.encode())
            return answer, [request.body for request in vllm.engine.seen]

    answer, bodies = asyncio.run(run())
    assert bodies in ([asked["body"].encode()], [])
    assert answer.whole
    return answer, bodies


def document_of(name: str) -> tuple[int, Any, int]:
    answer, bodies = sent_again(name)
    return answer.status, json.loads(answer.body), len(bodies)


def test_plain_answers_tools_and_json_mode():
    """The engine gets the body byte for byte, and LiteLLM what it reads of the answer."""
    status, answer, asked = document_of("plain")
    assert (status, asked, answer["choices"][0]["message"]["content"]) == (200, 1, "Hello from the engine")
    assert answer["usage"]["completion_tokens"] == 4
    _, answer, _ = document_of("tools")
    assert answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "get_weather"
    _, answer, _ = document_of("json_mode")
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"answer": 42}


def test_a_stream_ends_with_usage_and_done():
    """LiteLLM asks for usage by itself, and takes it from the last chunk."""
    answer, _ = sent_again("stream")
    *chunks, done = [line.removeprefix(b"data: ") for line in answer.body.split(b"\n\n") if line]
    assert (answer.status, done) == (200, b"[DONE]")
    assert json.loads(chunks[-1])["usage"]["completion_tokens"] == 4


def test_embeddings():
    """The other route that LiteLLM calls."""
    status, answer, _ = document_of("embeddings")
    assert (status, answer["data"][0]["embedding"]) == (200, [0.25, -0.5, 1.0])


@pytest.mark.parametrize(
    ("name", "status", "code", "asked"), [("wrong_key", 401, "invalid_api_key", 0), ("wrong_model", 404, 404, 1)]
)
def test_errors_are_those_that_litellm_turns_into_its_own(name: str, status: int, code: Any, asked: int):
    """Status and words decide: AuthenticationError and NotFoundError."""
    got, answer, requests = document_of(name)
    assert (got, answer["error"]["code"], requests) == (status, code, asked)
    assert answer["error"]["message"].startswith({401: "Incorrect API key provided", 404: "The model `"}[status])
