"""A load balancer hands requests to workers, or says why not: nothing is queued for long, nothing tried again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "acme/llama"
CHAT = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}]}
SAID = "This is the sandbox, no GPU was harmed. You said: hello"
PORTS = {"env": {"PORT": "8080", "PORT_HEALTH": "8081"}, "ports": ["8080/http", "8081/http"]}


@pytest.fixture
def made(runpod) -> Callable[..., Any]:
    """A new endpoint behind a load balancer, as a worker of ours is told; keywords replace its fields."""
    own = {
        "type": "LOAD_BALANCER",
        "scaling": {"type": "REQUEST_COUNT", "requestCount": 4},
        "args": f"{MODEL} --served-model-name={MODEL} --max-model-len=64 --seed=1",
        **PORTS,
    }
    return lambda **changes: runpod.endpoint(**{**own, **changes})


@pytest.fixture
def base(runpod, made) -> str:
    """Path of a load balancer's host."""
    return made()["requestUrls"]["base"].removeprefix(runpod.url)


def test_a_request_goes_to_the_workers_own_route(runpod, base: str):
    """It starts a worker; the engine is that of the arguments, which refuses in its own words."""
    answer = runpod.post(f"{base}/v1/chat/completions", CHAT)
    assert answer["choices"][0]["message"]["content"] == SAID
    (model,) = runpod.get(f"{base}/v1/models")["data"]
    assert (model["id"], model["max_model_len"]) == (MODEL, 64)
    refused = runpod.call("POST", f"{base}/v1/chat/completions", CHAT | {"model": "other"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, 404)


def test_a_stream_comes_as_it_is_made(runpod, base: str):
    """Server-sent events, the last of them [DONE]."""
    response = runpod.call("POST", f"{base}/v1/chat/completions", CHAT | {"stream": True})
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.text.endswith("data: [DONE]\n\n")


def test_the_addresses_are_those_of_a_load_balancer(made):
    """A base and a health route, which follows its variable; no queue's."""
    urls = made()["requestUrls"]
    assert sorted(urls) == ["base", "health"]
    assert urls["health"] == f"{urls['base']}/ping"
    other = made(env=PORTS["env"] | {"HEALTH_CHECK_PATH": "/alive"})["requestUrls"]
    assert other["health"] == f"{other['base']}/alive"


def test_health_is_204_while_no_worker_is_ready_and_200_then(runpod, made):
    """204 says initialising; a worker that idled out is gone again."""
    made_ = made(workers={"min": 0, "max": 1, "idleTimeout": 5})
    base = made_["requestUrls"]["base"].removeprefix(runpod.url)
    assert runpod.call("GET", f"{base}/ping").status_code == 204
    runpod.post(f"{base}/v1/chat/completions", CHAT)
    assert runpod.call("GET", f"{base}/ping").status_code == 200
    runpod.advance(60)
    assert runpod.call("GET", f"{base}/ping").status_code == 204


def test_who_finds_no_worker_in_time_is_answered_400(runpod, base: str):
    """Two minutes on RunPod; the request waits for nobody afterwards."""
    assert runpod.get("/sandbox/settings")["balancer_wait_seconds"] == 120
    runpod.settings(balancer_wait_seconds=0.05, cold_start_seconds=30)
    response = runpod.call("POST", f"{base}/v1/chat/completions", CHAT)
    assert (response.status_code, response.json()) == (400, {"error": "no workers available"})
    runpod.settings(cold_start_seconds=0.02)
    endpoint = base.split("/")[3]
    runpod.patch(f"/v2/serverless/{endpoint}", {"workers": {"max": 0}})
    assert runpod.call("POST", f"{base}/v1/chat/completions", CHAT).status_code == 400


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_takes_too_long_is_cut_with_524(runpod, base: str, stream: bool):
    """Five and a half minutes on RunPod; a stream that has begun just ends."""
    assert runpod.get("/sandbox/settings")["balancer_limit_seconds"] == 330
    runpod.settings(balancer_limit_seconds=0.9, token_seconds=0.2 if stream else 1)
    response = runpod.call("POST", f"{base}/v1/chat/completions", CHAT | {"stream": stream})
    assert response.status_code == (200 if stream else 524)
    assert "[DONE]" not in response.text


def test_a_payload_over_30_mb_is_refused(runpod, base: str):
    """As large as that it would be 413, whatever is in it."""
    body = CHAT | {"padding": "x" * 30_000_000}
    assert runpod.call("POST", f"{base}/v1/chat/completions", body).status_code == 413


@pytest.mark.parametrize(
    ("changes", "port"),
    [
        ({"ports": ["8080/http"]}, "8081"),
        ({"ports": ["8080/tcp", "8081/http"]}, "8080"),
        ({"env": {"PORT": "8080"}, "ports": ["8080/http"]}, "80"),
    ],
)
def test_ports_that_are_not_exposed_are_a_502(runpod, made, changes: dict[str, Any], port: str):
    """The worker listens where nobody reaches it."""
    base = made(**changes)["requestUrls"]["base"].removeprefix(runpod.url)
    response = runpod.call("POST", f"{base}/v1/chat/completions", CHAT)
    assert (response.status_code, response.json()) == (
        502,
        {"error": f"the worker cannot be reached: {port} is not exposed"},
    )


def test_ports_that_nobody_names_are_runpods_own(runpod, made):
    """It sets both to 80, and exposes that."""
    base = made(env={}, ports=[])["requestUrls"]["base"].removeprefix(runpod.url)
    assert runpod.post(f"{base}/v1/chat/completions", CHAT)["choices"]


def test_a_worker_takes_whatever_comes(runpod, made):
    """No limit of its own, as a queue's worker has: forty requests at once are with the one worker."""
    endpoint = made(workers={"min": 1, "max": 1, "idleTimeout": 5}, env=PORTS["env"] | {"MAX_CONCURRENCY": "1"})
    base = endpoint["requestUrls"]["base"].removeprefix(runpod.url)
    runpod.post(f"{base}/v1/chat/completions", CHAT)
    runpod.settings(token_seconds=0.5)
    begun = time.monotonic()
    asking = [threading.Thread(target=runpod.post, args=(f"{base}/v1/chat/completions", CHAT)) for _ in range(4)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert time.monotonic() - begun < 4 * 0.5


def test_a_key_of_the_account_is_asked_for(runpod, base: str):
    """Before a worker hears anything."""
    assert runpod.call("POST", f"{base}/v1/chat/completions", CHAT, key=None).status_code == 401
    assert runpod.call("GET", f"{base}/ping", key="wrong").status_code == 401


def test_it_has_no_queue(runpod, base: str):
    """Neither the job API nor its OpenAI route, and no scaling by a queue's delay."""
    endpoint = base.split("/")[3]
    for path in ("run", "openai/v1/chat/completions", "health"):
        assert runpod.call("POST", f"/ai/v2/{endpoint}/{path}", CHAT).status_code == 400
    delay = {"type": "QUEUE_DELAY", "queueDelay": 4}
    assert runpod.call("PATCH", f"/v2/serverless/{endpoint}", {"scaling": delay}).status_code == 400
