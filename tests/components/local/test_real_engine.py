"""llama.cpp itself behind the real gateway, with a model of random weights: texts mean nothing, forms and counts do."""

from __future__ import annotations

import hashlib
import json

import pytest
import urllib3

from components.local.answers import status_of
from components.local.commands import command_of
from components.local.model_file import path_of
from components.local.settings import engine_settings, gateway_settings
from tests.ports import free_port

KEY = "a-long-random-key"
MODEL = "meta-llama/Llama-3.1-8B-Instruct"
BODY = {
    "model": MODEL,
    "messages": [{"role": "user", "content": "hello"}],
    "max_tokens": 8,
    "ignore_eos": True,
}


@pytest.fixture
def service(begin, inputs, plan_here, tiny, tmp_path):
    """The two processes of a plan; its address."""
    port = free_port()
    plan = plan_here({"local": {"port": port, "context": 512, "threads": 2, "gguf": str(tiny), "key_env": "K"}})
    local, url = plan.local, f"http://127.0.0.1:{port}"
    begin(
        inputs(
            port=local.engine_port,
            ready=f"http://127.0.0.1:{local.engine_port}/health",
            settings=engine_settings(plan, local),
            gguf=local.gguf,
        ),
        command_of,
    )
    hashed = hashlib.sha256(KEY.encode()).hexdigest()
    settings = gateway_settings(plan, plan.gateway, local, key_sha256=hashed, root=path_of(".", tmp_path))
    begin(inputs(role="gateway", port=port, ready=f"{url}/readyz", settings=settings), command_of)
    return url


def ask(service, body, key=KEY):
    headers = {"Authorization": f"Bearer {key}"}
    return urllib3.request("POST", f"{service}/v1/chat/completions", json=body, headers=headers, timeout=30)


def test_a_chat_a_stream_and_metrics(service):
    """The answers have the form of every target; the gateway counts their tokens, and refuses a wrong key."""
    whole = ask(service, BODY)
    assert whole.status == 200
    answer = whole.json()
    assert answer["model"] == MODEL
    assert answer["usage"]["completion_tokens"] == 8
    assert answer["choices"][0]["finish_reason"] == "length"

    streamed = ask(service, {**BODY, "stream": True, "stream_options": {"include_usage": True}})
    events = [line.removeprefix("data: ") for line in streamed.data.decode().splitlines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    assert json.loads(events[-2])["usage"]["completion_tokens"] == 8

    assert ask(service, BODY, key="another").status == 401
    # Bound to every address, it would answer at this one, too.
    assert status_of(service.replace("127.0.0.1", "127.0.0.2") + "/healthz") is None
    headers = {"Authorization": f"Bearer {KEY}"}
    metrics = urllib3.request("GET", f"{service}/metrics", headers=headers).data.decode()
    counted = [line for line in metrics.splitlines() if line.startswith("berth_tokens_out_total{") and "local" in line]
    assert [float(line.rpartition(" ")[2]) for line in counted] == [16.0]
