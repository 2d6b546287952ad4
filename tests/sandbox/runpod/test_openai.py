"""OpenAI's protocol on an endpoint: whole answers, streams, limits, and refusals in vLLM's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

MODEL = "acme/llama"
CHAT = {
    "model": MODEL,
    "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hello there"}],
}
LONGER_THAN_THE_CONTEXT = (
    "This model's maximum context length is 64 tokens. However, you requested 65 tokens "
    "(4 in the prompt, 61 for the answer)."
)
SAID = "This is the sandbox, no GPU was harmed. You said: Be kind. hello there"


@pytest.fixture
def base(runpod) -> str:
    return f"/ai/v2/{runpod.endpoint(env={'MODEL_NAME': MODEL, 'MAX_MODEL_LEN': '64'})['id']}/openai/v1"


def events(response: Any) -> list[Any]:
    """The documents of an event stream, up to [DONE]."""
    assert response.headers["Content-Type"] == "text/event-stream"
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def test_the_model_is_named(runpod, base: str):
    """By the worker's environment, with its context; an override comes first."""
    (model,) = runpod.get(f"{base}/models")["data"]
    assert (model["id"], model["object"], model["max_model_len"]) == (MODEL, "model", 64)
    other = runpod.endpoint(env={"MODEL_NAME": MODEL, "OPENAI_SERVED_MODEL_NAME_OVERRIDE": "chat"})["id"]
    assert runpod.get(f"/ai/v2/{other}/openai/v1/models")["data"][0]["id"] == "chat"


def test_a_chat_is_answered_whole(runpod, base: str):
    """The same text for the same messages, with its usage."""
    answer = runpod.post(f"{base}/chat/completions", CHAT)
    assert answer["choices"] == [
        {"index": 0, "finish_reason": "stop", "logprobs": None, "message": {"role": "assistant", "content": SAID}}
    ]
    assert answer["usage"] == {"prompt_tokens": 4, "completion_tokens": 14, "total_tokens": 18}
    assert (answer["object"], answer["model"]) == ("chat.completion", MODEL)
    assert answer["id"].startswith("chatcmpl-")
    assert runpod.post(f"{base}/chat/completions", CHAT)["choices"] == answer["choices"]


def test_a_chat_is_streamed_token_by_token(runpod, base: str):
    """Role first, reason and usage last."""
    body = CHAT | {"stream": True, "stream_options": {"include_usage": True}, "max_tokens": 3}
    role, *tokens, reason, usage = events(runpod.call("POST", f"{base}/chat/completions", body))
    assert role["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [event["choices"][0]["delta"]["content"] for event in tokens] == ["This", " is", " the"]
    assert reason["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "length"}
    assert (usage["choices"], usage["usage"]["completion_tokens"]) == ([], 3)
    assert {event["object"] for event in tokens} == {"chat.completion.chunk"}


def test_a_stream_comes_as_it_is_made(runpod, base: str):
    """The first token is there long before the last one could be."""
    runpod.settings(token_seconds=0.15)
    body = CHAT | {"stream": True}
    with runpod.call("POST", f"{base}/chat/completions", body, stream=True) as response:
        first = next(response.iter_content(None))
        assert first.count(b"data: ") < 3
    endpoint = base.split("/")[3]
    while runpod.get(f"/ai/v2/{endpoint}/health")["jobs"]["inProgress"]:
        pass  # a client that leaves ends the job
    assert runpod.get(f"/ai/v2/{endpoint}/health")["jobs"]["completed"] == 0


def test_a_completion_has_sixteen_tokens_unless_told(runpod, base: str):
    """VLLM's default, which surprises everybody once."""
    body = {"model": MODEL, "prompt": "one two three four five six seven"}
    answer = runpod.post(f"{base}/completions", body)
    assert (
        answer["choices"][0]["text"] == "This is the sandbox, no GPU was harmed. You said: one two three four five six"
    )
    assert (answer["choices"][0]["finish_reason"], answer["usage"]["completion_tokens"]) == ("length", 16)
    streamed = events(runpod.call("POST", f"{base}/completions", body | {"stream": True, "max_tokens": 40}))
    assert "".join(event["choices"][0]["text"] for event in streamed).endswith(" six seven")
    assert streamed[-1]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "limit", [{"max_tokens": 2}, {"max_completion_tokens": 2}, {"max_tokens": 9, "max_completion_tokens": 2}]
)
def test_a_limit_cuts_the_answer(runpod, base: str, limit: dict[str, int]):
    """The newer name goes before the older one."""
    (choice,) = runpod.post(f"{base}/chat/completions", CHAT | limit)["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("This is", "length")


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("chat/completions", CHAT | {"model": "gpt-4"}, 404, "The model `gpt-4` does not exist."),
        ("chat/completions", {"model": MODEL}, 400, "messages must be a list with at least one message"),
        ("chat/completions", CHAT | {"messages": [{"role": "user"}]}, 400, "every message must have a content"),
        ("chat/completions", CHAT | {"max_tokens": 0}, 400, "max_tokens must be at least 1, got 0."),
        ("chat/completions", CHAT | {"max_tokens": "9"}, 400, "max_tokens must be a whole number, got '9'."),
        (
            "chat/completions",
            CHAT | {"max_tokens": 61, "stream": True},
            400,
            LONGER_THAN_THE_CONTEXT,
        ),
        ("completions", {"model": MODEL}, 400, "prompt must be a text"),
        ("embeddings", {"model": MODEL}, 404, "Not Found: /v1/embeddings"),
        ("completions", [], 400, "the request body must be a JSON object"),
    ],
)
def test_requests_that_vllm_would_refuse(runpod, base: str, path: str, body: Any, status: int, message: str):
    """With its status and form, streaming or not."""
    response = runpod.call("POST", f"{base}/{path}", body)
    assert (response.status_code, response.json()["error"]["code"], response.json()["error"]["message"]) == (
        status,
        status,
        message,
    )


def test_a_worker_s_failure_is_a_500(runpod, base: str):
    """With the reason in OpenAI's form."""
    runpod.settings(fail_jobs=1)
    response = runpod.call("POST", f"{base}/chat/completions", CHAT)
    assert (response.status_code, response.json()["error"]["message"]) == (500, "the worker failed, as it was told to")


def test_nobody_waits_for_ever(runpod, base: str):
    """Without workers, 504 after the time that is set; nothing is left in the queue."""
    runpod.settings(openai_wait_seconds=0.05)
    endpoint = base.split("/")[3]
    runpod.patch(f"/v2/serverless/{endpoint}", {"workers": {"max": 0}})
    response = runpod.call("POST", f"{base}/chat/completions", CHAT)
    assert (response.status_code, response.json()) == (504, {"error": "no worker answered within 0 seconds"})
    assert runpod.get(f"/ai/v2/{endpoint}/health")["jobs"]["inQueue"] == 0


def test_an_image_of_a_message_is_passed_over(runpod, base: str):
    """The texts of a message in parts are joined."""
    parts = [{"type": "text", "text": "hello"}, {"type": "image_url", "image_url": {"url": "x"}}]
    answer = runpod.post(f"{base}/chat/completions", {"messages": [{"role": "user", "content": parts}]})
    assert answer["choices"][0]["message"]["content"].endswith("You said: hello")
