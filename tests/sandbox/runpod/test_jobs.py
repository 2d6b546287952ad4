"""The job API over HTTP: states, waits, streams, and what it refuses."""

from __future__ import annotations

import re

import pytest

HELLO = {"input": {"prompt": "hello there"}}
SAID = "This is the sandbox, no GPU was harmed. You said: hello there"


def test_a_job_from_queue_to_result(runpod):
    """`run` answers at once; `status` has the times, the worker and the output."""
    endpoint = runpod.endpoint()["id"]
    made = runpod.post(f"/ai/v2/{endpoint}/run", HELLO)
    assert made.keys() == {"id", "status"}
    assert made["status"] == "IN_QUEUE"
    assert re.fullmatch(r"[0-9a-f-]{36}-u1", made["id"])
    ended = runpod.ended(endpoint, made["id"])
    assert ended == {
        "id": made["id"],
        "status": "COMPLETED",
        "delayTime": ended["delayTime"],
        "executionTime": ended["executionTime"],
        "workerId": ended["workerId"],
        "output": [{"choices": [{"tokens": [SAID]}], "usage": {"input": 2, "output": 12}}],
    }
    assert runpod.post(f"/ai/v2/{endpoint}/status/{made['id']}") == ended
    assert ended["delayTime"] >= 20


def test_run_sync_waits_for_the_result(runpod):
    """Its id says so; after a minute it is forgotten."""
    endpoint = runpod.endpoint()["id"]
    ended = runpod.post(f"/ai/v2/{endpoint}/runsync", HELLO)
    assert ended["status"] == "COMPLETED"
    assert ended["id"].startswith("sync-")
    runpod.advance(61)
    assert runpod.call("GET", f"/ai/v2/{endpoint}/status/{ended['id']}").status_code == 404


def test_run_sync_gives_up_and_the_job_goes_on(runpod):
    """Without workers it answers the present state after its wait."""
    endpoint = runpod.endpoint(workers={"max": 0})["id"]
    waiting = runpod.post(f"/ai/v2/{endpoint}/runsync?wait=1000", HELLO)
    assert waiting == {"id": waiting["id"], "status": "IN_QUEUE"}
    runpod.patch(f"/v2/serverless/{endpoint}", {"workers": {"max": 1}})
    assert runpod.ended(endpoint, waiting["id"])["status"] == "COMPLETED"


def test_jobs_wait_for_workers_for_a_day(runpod):
    """A maximum of 0 keeps them in the queue until their time to live is over."""
    endpoint = runpod.endpoint(workers={"max": 0})["id"]
    job = runpod.job(endpoint)
    runpod.advance(86_390)
    assert runpod.get(f"/ai/v2/{endpoint}/status/{job}") == {"id": job, "status": "IN_QUEUE"}
    assert runpod.get(f"/ai/v2/{endpoint}/health")["jobs"]["inQueue"] == 1
    runpod.advance(20)
    assert runpod.call("GET", f"/ai/v2/{endpoint}/status/{job}").status_code == 404


def test_a_stream_hands_out_each_part_once(runpod):
    """`stream` is there when nothing is left, too."""
    endpoint = runpod.endpoint()["id"]
    job = runpod.job(endpoint, prompt="hello", stream=True)
    texts: list[str] = []
    while True:
        answer = runpod.get(f"/ai/v2/{endpoint}/stream/{job}")
        texts += [part["output"]["choices"][0]["tokens"][0] for part in answer["stream"]]
        if answer["status"] == "COMPLETED" and not answer["stream"]:
            break
    assert "".join(texts) == SAID.removesuffix(" there")
    assert len(texts) == 11
    assert runpod.get(f"/ai/v2/{endpoint}/stream/{job}") == {"status": "COMPLETED", "stream": []}


def test_a_cancelled_job_says_so_for_ever(runpod):
    """From queue and from work; a second cancel and one after the end change nothing."""
    runpod.settings(token_seconds=20)
    endpoint = runpod.endpoint()["id"]
    job = runpod.job(endpoint)
    path = f"/ai/v2/{endpoint}/cancel/{job}"
    assert runpod.post(path) == {"id": job, "status": "CANCELLED"}
    assert runpod.post(path) == {"id": job, "status": "CANCELLED"}
    assert runpod.get(f"/ai/v2/{endpoint}/stream/{job}") == {"status": "CANCELLED", "stream": []}
    runpod.settings(token_seconds=0)
    done = runpod.job(endpoint)
    runpod.ended(endpoint, done)
    assert runpod.post(f"/ai/v2/{endpoint}/cancel/{done}")["status"] == "COMPLETED"


def test_a_failed_job_is_tried_again(runpod):
    """Only one that failed; the health counts all of it."""
    endpoint = runpod.endpoint()["id"]
    runpod.settings(fail_jobs=1)
    job = runpod.job(endpoint)
    failed = runpod.ended(endpoint, job)
    assert (failed["status"], failed["error"]) == ("FAILED", "the worker failed, as it was told to")
    assert runpod.post(f"/ai/v2/{endpoint}/retry/{job}") == {"id": job, "status": "IN_QUEUE"}
    assert runpod.ended(endpoint, job)["retries"] == 1
    refused = runpod.call("POST", f"/ai/v2/{endpoint}/retry/{job}")
    assert refused.status_code == 400
    assert refused.json() == {"error": "only a job that is FAILED or TIMED_OUT can be retried, this one is COMPLETED"}
    assert runpod.get(f"/ai/v2/{endpoint}/health") == {
        "jobs": {"completed": 1, "failed": 1, "inProgress": 0, "inQueue": 0, "retried": 1},
        "workers": {"idle": 1, "running": 0, "initializing": 0, "throttled": 0, "unhealthy": 0, "ready": 1},
    }


def test_a_job_stops_at_its_limit(runpod):
    """The endpoint's, or a shorter one of its own."""
    runpod.settings(token_seconds=3600)
    endpoint = runpod.endpoint(timeout=60_000)["id"]
    body = {"input": {"prompt": "a"}, "policy": {"executionTimeout": 5000}}
    own = runpod.post(f"/ai/v2/{endpoint}/run", body)["id"]
    common = runpod.job(endpoint)
    runpod.advance(90)
    ended = [runpod.get(f"/ai/v2/{endpoint}/status/{job}") for job in (own, common)]
    assert [(job["status"], job["executionTime"]) for job in ended] == [("TIMED_OUT", 5000), ("TIMED_OUT", 60_000)]


def test_purging_empties_the_queue(runpod):
    """What was removed is unknown afterwards."""
    endpoint = runpod.endpoint(workers={"max": 0})["id"]
    jobs = [runpod.job(endpoint) for _ in range(3)]
    assert runpod.post(f"/ai/v2/{endpoint}/purge-queue") == {"removed": 3, "status": "completed"}
    assert runpod.call("GET", f"/ai/v2/{endpoint}/status/{jobs[0]}").status_code == 404


def test_deleting_an_endpoint_ends_its_jobs(runpod):
    """Whoever waits gets an answer, whoever asks later a 404."""
    from concurrent.futures import ThreadPoolExecutor

    endpoint = runpod.endpoint(workers={"max": 0})["id"]
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(runpod.post, f"/ai/v2/{endpoint}/runsync", HELLO)
        while not runpod.get(f"/ai/v2/{endpoint}/health")["jobs"]["inQueue"]:
            pass
        runpod.delete(f"/v2/serverless/{endpoint}")
        assert waiting.result(timeout=5)["status"] == "CANCELLED"
    assert runpod.call("GET", f"/ai/v2/{endpoint}/health").status_code == 404


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"text": "a"}, "input must have prompt, messages, openai_route or route"),
        ({"messages": []}, "messages must be a list with at least one message"),
        ({"prompt": "a", "sampling_params": {"max_tokens": 0}}, "max_tokens must be at least 1, got 0."),
        ({"openai_route": "/v1/embeddings", "openai_input": {}}, "Not Found: /v1/embeddings"),
    ],
)
def test_input_that_no_worker_understands_fails(runpod, given: dict, reason: str):
    """The job says why."""
    endpoint = runpod.endpoint()["id"]
    failed = runpod.ended(endpoint, runpod.job(endpoint, **given))
    assert (failed["status"], failed["error"]) == ("FAILED", reason)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        ("POST", "run", {"prompt": "a"}, 400, "the request body must be an object with 'input'"),
        ("POST", "run", [], 400, "the request body must be an object with 'input'"),
        (
            "POST",
            "run",
            HELLO | {"policy": {"ttl": 9999}},
            400,
            "policy.ttl must be from 10000 to 604800000 milliseconds",
        ),
        (
            "POST",
            "run",
            HELLO | {"policy": {"executionTimeout": 4999}},
            400,
            "policy.executionTimeout must be from 5000 to 604800000 milliseconds",
        ),
        ("POST", "runsync?wait=999", HELLO, 400, "wait must be from 1000 to 300000 milliseconds, got 999"),
        ("GET", "run", None, 405, "GET is not allowed here, POST is"),
        ("GET", "status/nobody", None, 404, "job not found"),
        ("GET", "status", None, 404, "not found"),
        ("POST", "run", {"input": "x" * 10_000_000}, 413, "the request has 10000013 bytes, 10000000 are allowed"),
    ],
)
def test_calls_that_are_refused(runpod, method: str, path: str, body, status: int, text: str):
    """In the job API's own form."""
    endpoint = runpod.endpoint()["id"]
    response = runpod.call(method, f"/ai/v2/{endpoint}/{path}", body)
    assert (response.status_code, response.json()) == (status, {"error": text})


def test_an_unknown_endpoint_is_404(runpod):
    """With its id."""
    response = runpod.call("POST", "/ai/v2/4m7x2k9q/run", HELLO)
    assert (response.status_code, response.json()) == (404, {"error": "endpoint '4m7x2k9q' not found"})


def test_workers_are_listed_as_they_are(runpod):
    """Placed in the first pool that has one, not on an excluded type, where the data centers allow."""
    endpoint = runpod.endpoint(
        workers={"min": 1, "max": 1}, dataCenterIds=["US-KS-2"], gpu={"pools": ["ADA_24", "AMPERE_24"], "count": 2}
    )["id"]
    while runpod.get(f"/ai/v2/{endpoint}/health")["workers"]["idle"] == 0:
        pass
    answer = runpod.get(f"/v2/serverless/{endpoint}/workers")
    (worker,) = answer["workers"]
    assert worker == {
        "id": worker["id"],
        "status": "IDLE",
        "isStale": False,
        "version": 1,
        "gpuCount": 2,
        "image": "runpod/worker-v1-vllm:v2.25.2",
        "uptimeSeconds": worker["uptimeSeconds"],
        "gpuTypeId": "NVIDIA GeForce RTX 4090",
        "dataCenterId": "US-KS-2",
        "startedAt": worker["startedAt"],
    }
    assert answer["summary"] == {
        "running": 0,
        "idle": 1,
        "initializing": 0,
        "throttled": 0,
        "unhealthy": 0,
        "total": 1,
    }


@pytest.mark.parametrize("gpu", [{"pools": ["ADA_24"], "minCudaVersion": "14.0"}, {"pools": ["HOPPER_141"]}])
def test_a_worker_without_a_machine_is_throttled(runpod, gpu: dict):
    """A driver that no machine has, or a pool that is sold out: it waits and costs nothing."""
    runpod.settings(out_of_stock=["HOPPER_141"])
    endpoint = runpod.endpoint(workers={"min": 1}, gpu=gpu)["id"]
    (worker,) = runpod.get(f"/v2/serverless/{endpoint}/workers")["workers"]
    assert (worker["status"], worker["gpuTypeId"], worker["startedAt"]) == ("THROTTLED", None, None)
    runpod.advance(3600)
    assert runpod.get("/v2/billing/serverless", lastN=2)["metadata"]["totals"]["totalAmount"] == 0
