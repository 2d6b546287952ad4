"""Does a worker, as the image runs it, serve behind RunPod's load balancer, and leave nothing behind when it ends?"""

from __future__ import annotations

import json
import os
import signal
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from runpod_worker.ping import PingServer, Readiness
from worker_process import WorkerProcess, await_true, free_port, is_alive, post, status_of

if TYPE_CHECKING:
    from pathlib import Path


def environment_of(worker: WorkerProcess) -> dict[str, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{worker.engine_port}/environment", timeout=5) as answer:
        return json.load(answer)


def test_a_worker_is_initializing_until_its_engine_serves_and_then_answers_through_the_gateway(tmp_path: Path):
    """RunPod hears 204 while the engine loads and 200 afterwards; the gateway's port opens no sooner."""
    with WorkerProcess(tmp_path, {"ENGINE_LOADS_SECONDS": "1.5"}) as worker:
        worker.await_ping(204)
        assert status_of(f"http://127.0.0.1:{worker.port}/healthz") is None
        worker.await_ping(200)
        assert worker.ping("/ping?x=1") == 200
        assert worker.ping("/v1/models") == 404
        assert json.loads(post(worker))["object"] == "chat.completion"
        streamed = post(worker, stream=True).decode()
        assert streamed.endswith("data: [DONE]\n\n")
        assert "Grüße" in streamed
        worker.terminate()
        assert worker.wait() == 0
        assert worker.err == ""


def test_each_process_gets_only_the_secrets_that_are_its_own(tmp_path: Path):
    """The engine has the model's token and no client keys; the gateway takes keys and is told where the engine is."""
    keys = json.dumps({"me": "0" * 64})
    variables = {"BERTH_CLIENT_KEYS": keys, "HF_TOKEN": "hf_secret", "RUNPOD_API_KEY": "rp_secret"}
    with WorkerProcess(tmp_path, variables) as worker:
        worker.await_ping(200)
        engines = environment_of(worker)
        assert engines["HF_TOKEN"] == "hf_secret"
        assert not {"BERTH_CLIENT_KEYS", "RUNPOD_API_KEY"} & set(engines)
        with pytest.raises(urllib.error.HTTPError) as refused:
            post(worker)
        assert refused.value.code == 401
        refused.value.close()
        gateways = [
            (process / "environ").read_bytes()
            for process in worker.children
            if b"-m\0gateway" in (process / "cmdline").read_bytes()
        ]
        assert [(b"HF_TOKEN" in one, b"BERTH_CLIENT_KEYS" in one) for one in gateways] == [(False, True)]
    assert "secret" not in worker.out + worker.err


def test_sigterm_lets_a_running_answer_finish_and_ends_all_processes(tmp_path: Path):
    """503 at once, the stream whole, exit 0; of the engine's own children none is left, not even as a zombie."""
    with WorkerProcess(tmp_path) as worker:
        worker.await_ping(200)
        answers: list[bytes] = []
        reader = threading.Thread(target=lambda: answers.append(post(worker, model="slow", stream=True)))
        reader.start()
        asked = f"http://127.0.0.1:{worker.engine_port}/requests"
        await_true(lambda: b"slow" in urllib.request.urlopen(asked, timeout=5).read(), 60, lambda: worker.out)
        worker.terminate()
        await_true(lambda: worker.ping() == 503, 60, lambda: str(worker.ping()))
        reader.join(20)
        assert worker.wait() == 0
        assert answers[0].decode().endswith("data: [DONE]\n\n")
        assert [is_alive(pid) for pid in worker.engine_pids] == [False, False]


def test_an_engine_that_dies_takes_the_worker_with_it(tmp_path: Path):
    """Nothing answers in its place: RunPod starts another worker. The line says who ended, and how."""
    with WorkerProcess(tmp_path) as worker:
        worker.await_ping(200)
        with pytest.raises(urllib.error.HTTPError) as refused:
            post(worker, model="die")
        refused.value.close()
        assert worker.wait() == 1
        assert worker.err == (
            "runpod_worker: engine ended with exit code 9; ending all, so that RunPod starts a new worker\n"
        )
        assert worker.ping() is None
        assert [is_alive(pid) for pid in worker.engine_pids] == [False, False]


def test_a_gateway_that_cannot_start_takes_the_engine_with_it(tmp_path: Path):
    """Its own line about the environment stands in the log, above the worker's."""
    with WorkerProcess(tmp_path, {"BERTH_MAX_REQUEST_SECONDS": "no"}) as worker:
        assert worker.wait() == 1
        first, *_, last = worker.err.splitlines()
        assert first.startswith("gateway: BERTH_MAX_REQUEST_SECONDS: ")
        assert last == "runpod_worker: gateway ended with exit code 2; ending all, so that RunPod starts a new worker"
        assert [is_alive(pid) for pid in worker.engine_pids] == [False, False]


def test_an_engine_that_dies_while_it_loads_is_not_waited_for(tmp_path: Path):
    """At once, not after the start budget."""
    with WorkerProcess(tmp_path, {"ENGINE_DIES_AT_START": "3"}) as worker:
        assert worker.wait() == 1
        assert "engine ended with exit code 3" in worker.err


def test_an_engine_that_never_serves_is_given_up(tmp_path: Path):
    """Exit 4, and nothing of it is left to hold the GPU."""
    with WorkerProcess(tmp_path, {"ENGINE_LOADS_SECONDS": "60", "BERTH_START_SECONDS": "1"}) as worker:
        assert worker.wait() == 4
        assert worker.err == (
            f"runpod_worker: engine: no 200 from http://127.0.0.1:{worker.engine_port}/health within 1 s\n"
        )
        assert [is_alive(pid) for pid in worker.engine_pids] == [False, False]


def test_a_worker_that_is_ended_while_it_loads_ends_at_once(tmp_path: Path):
    """A new release may replace it before it ever served."""
    with WorkerProcess(tmp_path, {"ENGINE_LOADS_SECONDS": "60"}) as worker:
        worker.await_ping(204)
        worker.terminate()
        assert worker.wait() == 0
        assert worker.out == (
            "runpod_worker: weights: on the container's disk, there is no network volume\n"
            "runpod_worker: asked to stop: running answers may finish\n"
        )


def test_a_second_signal_does_not_wait(tmp_path: Path):
    """An engine that ignores the first is killed within seconds of the second."""
    with WorkerProcess(tmp_path, {"ENGINE_IGNORES_SIGTERM": "1"}) as worker:
        worker.await_ping(200)
        worker.terminate()
        worker.await_out("asked to stop")
        await_true(lambda: status_of(f"http://127.0.0.1:{worker.port}/healthz") is None, 60, lambda: worker.out)
        worker.terminate()
        assert worker.wait() == 0
        assert "engine did not end in time: killing it" in worker.out
        assert [is_alive(pid) for pid in worker.engine_pids] == [False, False]


def test_other_gpus_than_planned_end_the_worker_before_the_engine_starts(tmp_path: Path):
    """Exit 3 and what is there; nothing was loaded onto the wrong card."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'Tesla T4, 15360'\n")
    program.chmod(0o755)
    expected = {"BERTH_EXPECT_GPUS": "1", "BERTH_EXPECT_GPU_MEMORY_MIB": "22888"}
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    with WorkerProcess(tmp_path, {**expected, **path}) as worker:
        assert worker.wait() == 3
        assert worker.err == "runpod_worker: GPU 0 (Tesla T4) has 15360 MiB, the plan is for 22888\n"
        assert worker.engine_pids == []


def test_a_program_that_is_not_there_is_one_line(tmp_path: Path):
    """Exit 2, as for everything else that is wrong with the environment."""
    with WorkerProcess(tmp_path, {"BERTH_ENGINE_COMMAND": "no-such-engine"}) as worker:
        assert worker.wait() == 2
        assert worker.err == ("runpod_worker: engine: 'no-such-engine' cannot be started (No such file or directory)\n")


def test_a_port_that_is_taken_is_one_line(tmp_path: Path):
    """The supervisor's own; the gateway tells its own."""
    port = free_port()
    holder = PingServer(port, "/ping", Readiness("http://127.0.0.1:9/readyz"))
    with holder, WorkerProcess(tmp_path, {"PORT_HEALTH": str(port)}) as worker:
        assert worker.wait() == 2
        assert worker.err == f"runpod_worker: PORT_HEALTH: cannot listen on {port} (Address already in use)\n"


@pytest.mark.parametrize(("answer", "status"), [(200, 200), (503, 503), (None, 503)])
def test_once_it_serves_the_gateways_answer_decides(answer: int | None, status: int):
    """A gateway whose engine hangs, or that is gone, is out of the pool; it is asked once a second at most."""
    asked: list[str] = []

    def ask(url: str) -> int | None:
        asked.append(url)
        return answer

    readiness = Readiness("http://gateway/readyz", ask)
    assert (readiness.status(), asked) == (204, [])
    readiness.serving = True
    assert [readiness.status(), readiness.status()] == [status, status]
    assert asked == ["http://gateway/readyz"]
    readiness.ending = True
    assert readiness.status() == 503


def test_the_test_engine_is_ended_by_its_worker_alone(tmp_path: Path):
    """The fake leaves its child behind on SIGTERM, so that the tests above can fail."""
    with WorkerProcess(tmp_path) as worker:
        worker.await_ping(200)
        engine, child = worker.engine_pids
        os.kill(engine, signal.SIGTERM)
        assert worker.wait() == 1
        assert "engine ended with exit code 0" in worker.err
        assert not is_alive(child)
