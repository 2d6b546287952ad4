"""Does the real SDK, started as the image starts it, answer jobs of a queue with what the engine says?"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from fake_queue import FakeQueue
from worker_process import WorkerProcess, await_true, free_port, is_alive, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHAT = "/v1/chat/completions"
QUEUE = {"BERTH_WORKER_MODE": "queue", "BERTH_MAX_CONCURRENCY": "3"}


@pytest.fixture(scope="module")
def queue() -> Iterator[FakeQueue]:
    with FakeQueue().running() as running:
        yield running


@pytest.fixture(scope="module")
def worker(queue: FakeQueue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """One worker for all jobs that it survives: the SDK takes seconds to load."""
    folder = tmp_path_factory.mktemp("worker")
    with WorkerProcess(folder, QUEUE | queue.environment) as running:
        yield running


@pytest.fixture
def own_queue() -> Iterator[FakeQueue]:
    """For a worker that does not survive its test."""
    with FakeQueue().running() as running:
        yield running


def openai(queue: FakeQueue, job_id: str, route: str = CHAT, **body: Any) -> dict[str, Any]:
    queue.put(job_id, openai_route=route, openai_input=body)
    return queue.result(job_id)


def test_an_answer_is_the_engines_json(worker: WorkerProcess, queue: FakeQueue):
    """The OpenAI route takes the first element; the model is filled in, everything else passes as it came."""
    result = openai(queue, "plain", messages=[], unknown_field={"a": 1})
    assert [answer["choices"] for answer in result["output"]] == [[{"message": {"content": "Grüße aus Bonn"}}]]
    with urllib.request.urlopen(f"http://127.0.0.1:{worker.engine_port}/requests", timeout=5) as answer:
        assert {"path": CHAT, "body": {"messages": [], "unknown_field": {"a": 1}, "model": "org/model"}} in json.load(
            answer
        )


def test_a_stream_arrives_in_whole_events(worker: WorkerProcess, queue: FakeQueue):
    """Cut by the engine in the middle of a character, they are whole here; chunks and result hold the same text."""
    result = openai(queue, "stream", messages=[], stream=True)
    expected = "".join(f'data: {{"word": "{word}"}}\n\n' for word in ("Grüße", "aus", "Bonn")) + "data: [DONE]\n\n"
    assert "".join(result["output"]) == expected
    assert queue.chunks["stream"] == result["output"]
    assert len(queue.chunks["stream"]) >= 3


def test_a_route_without_a_body_is_a_get(worker: WorkerProcess, queue: FakeQueue):
    """GET /v1/models of RunPod's OpenAI route."""
    queue.put("models", openai_route="/v1/models", openai_input={})
    assert queue.result("models") == {"output": [{"object": "list", "data": [{"id": "org/model"}]}]}


@pytest.mark.parametrize(
    ("job_id", "body", "error"),
    [
        ("unknown", {"model": "unknown"}, {"message": "no such model", "type": "NotFoundError", "code": 404}),
        (
            "audio",
            {"model": "audio"},
            {
                "message": "the engine's answer is not JSON, which is all that a job can carry",
                "type": "server_error",
                "param": None,
                "code": 502,
            },
        ),
    ],
)
def test_an_error_fails_the_job_with_openais_error_object(
    worker: WorkerProcess, queue: FakeQueue, job_id: str, body: dict[str, Any], error: dict[str, Any]
):
    """As JSON, with the engine's status; the worker goes on."""
    result = openai(queue, job_id, **body)
    assert set(result) == {"error"}
    assert json.loads(result["error"]) == error


def test_a_job_without_a_request_fails_alone(worker: WorkerProcess, queue: FakeQueue):
    """400, and what could have been written."""
    queue.put("empty", something="else")
    error = json.loads(queue.result("empty")["error"])
    assert (error["code"], error["type"]) == (400, "invalid_request_error")
    assert error["message"].startswith("input: has no request in it; write openai_route with openai_input")


def test_a_stream_that_breaks_off_says_so_to_the_client_and_fails_the_job(worker: WorkerProcess, queue: FakeQueue):
    """What came is kept, an error event ends it and no [DONE] follows; the engine is healthy, so the worker stays."""
    result = openai(queue, "broken", model="broken", stream=True)
    assert json.loads(result["error"])["code"] == 502
    *words, last = queue.chunks["broken"]
    assert "".join(words) == 'data: {"word": "Grüße"}\n\n'
    assert json.loads(last.removeprefix("data: "))["error"]["message"] == "the engine broke off (ClientPayloadError)"
    assert "stopPod" not in openai(queue, "after", messages=[])


def test_jobs_run_side_by_side_up_to_the_limit(worker: WorkerProcess, queue: FakeQueue):
    """Three at once, as BERTH_MAX_CONCURRENCY says: each has begun before the first has ended."""
    jobs = [f"slow{number}" for number in range(3)]
    for job in jobs:
        queue.put(job, openai_route=CHAT, openai_input={"model": "slow", "stream": True})
    assert [queue.result(job)["output"][-1].endswith("data: [DONE]\n\n") for job in jobs] == [True] * 3
    heard = [(kind, job) for kind, job in queue.heard if job in jobs]
    first_end = next(number for number, (kind, _) in enumerate(heard) if kind == "job-done")
    assert {job for _, job in heard[:first_end]} == set(jobs)


def test_a_cancelled_job_stops_at_the_engine(worker: WorkerProcess, queue: FakeQueue):
    """RunPod's stop channel reaches the running request; no result is sent for it."""
    queue.put("cancelled", openai_route=CHAT, openai_input={"model": "slow", "stream": True})
    queue.await_chunks("cancelled", 1)
    queue.stop("cancelled")
    await_true(lambda: "Job stopped." in worker.out, 60, lambda: worker.out)
    assert "cancelled" not in queue.results


def test_no_prompt_is_in_the_log(worker: WorkerProcess, queue: FakeQueue):
    """Neither of answers nor of failures."""
    openai(queue, "secret1", messages=[{"role": "user", "content": "Sesame"}])
    openai(queue, "secret2", model="unknown", messages=[{"role": "user", "content": "Sesame"}])
    assert "Sesame" not in worker.out + worker.err


def test_the_sdks_local_api_answers_without_runpod(worker: WorkerProcess):
    """How a handler is tried on a desk: started with `--rp_serve_api`, and a job posted to /runsync."""
    port = free_port()
    command = [sys.executable, "-m", "runpod_worker.queue_worker", "--rp_serve_api", "--rp_api_port", str(port)]
    environment = {name: value for name, value in worker.environment.items() if not name.startswith("RUNPOD_")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        await_true(lambda: status_of(f"{url}/docs") == 200, 90, lambda: str(process.poll()))
        body = json.dumps({"input": {"prompt": "Hi"}}).encode()
        request = urllib.request.Request(f"{url}/runsync", body, {"content-type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 a socket of this test
            told = json.load(answer)
        process.terminate()
    assert told["status"] == "COMPLETED"
    assert [one["choices"] for one in told["output"]] == [[{"message": {"content": "Grüße aus Bonn"}}]]


def test_sigterm_lets_a_running_job_finish(own_queue: FakeQueue, tmp_path: Path):
    """Its result still arrives, and nothing of the worker is left."""
    with WorkerProcess(tmp_path, QUEUE | own_queue.environment) as worker:
        own_queue.put("last", openai_route=CHAT, openai_input={"model": "slow", "stream": True})
        own_queue.await_chunks("last", 1)
        worker.terminate()
        assert own_queue.result("last")["output"][-1].endswith("data: [DONE]\n\n")
        assert worker.wait() == 0
        assert [is_alive(pid) for pid in worker.engine_pids] == [False, False]


def test_a_sick_engine_makes_runpod_start_another_worker(own_queue: FakeQueue, tmp_path: Path):
    """The job fails with the engine's error and `stopPod`, and the worker ends: its engine is of no use."""
    with WorkerProcess(tmp_path, QUEUE | own_queue.environment) as worker:
        result = openai(own_queue, "sick", model="sick")
        assert json.loads(result["error"]) == {"message": "engine died", "type": "InternalServerError", "code": 500}
        assert result["stopPod"] is True
        assert worker.wait() == 1
        assert "handler ended with exit code 0" in worker.err


def test_a_dead_engine_fails_the_job_and_ends_the_worker(own_queue: FakeQueue, tmp_path: Path):
    """Whether the handler or the supervisor notices first, a job that was running gets an error or is retried."""
    with WorkerProcess(tmp_path, QUEUE | own_queue.environment) as worker:
        own_queue.put("died", openai_route=CHAT, openai_input={"model": "die"})
        assert worker.wait() == 1
        assert "engine ended with exit code 9" in worker.err
        assert [is_alive(pid) for pid in worker.engine_pids] == [False, False]
