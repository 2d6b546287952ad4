"""Does nothing of a worker outlive its supervisor, even one that was killed and could end nobody?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from fake_queue import FakeQueue
from runpod_worker.guard import Guard, end
from worker_process import IMAGES, WorkerProcess, await_true, is_alive, post

if TYPE_CHECKING:
    from collections.abc import Iterator


def below(pid: int) -> Iterator[int]:
    """Everything that a process has started, and what that has started."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield int(child)
        yield from below(int(child))


def killed(worker: WorkerProcess) -> list[int]:
    """Kill the supervisor alone, as nothing can be caught by it; what ran below it."""
    assert worker.process is not None
    pids = list(below(worker.process.pid))
    worker.process.kill()
    worker.wait()
    return pids


def await_all_gone(pids: list[int], seconds: float = 30) -> None:
    await_true(lambda: not any(map(is_alive, pids)), seconds, lambda: str([pid for pid in pids if is_alive(pid)]))


def test_a_killed_supervisor_takes_engine_gateway_and_guard_with_it(tmp_path: Path):
    """Engine, its own child, gateway, guard: four, and none is left to hold a GPU or a port."""
    with WorkerProcess(tmp_path) as worker:
        worker.await_ping(200)
        pids = killed(worker)
        assert len(pids) == 4
        await_all_gone(pids)


def test_a_killed_supervisor_takes_the_handler_of_the_queue_with_it(tmp_path: Path):
    """The SDK would go on to ask for jobs, and fail each for want of an engine."""
    with FakeQueue().running() as queue:
        variables = {"BERTH_WORKER_MODE": "queue", **queue.environment}
        with WorkerProcess(tmp_path, variables) as worker:
            queue.put("first", openai_route="/v1/chat/completions", openai_input={"messages": []})
            queue.result("first")
            pids = killed(worker)
            assert len(pids) >= 4
            await_all_gone(pids)


def test_running_answers_finish_although_the_supervisor_was_killed(tmp_path: Path):
    """The guard ends the gateway before the engine, and the gateway takes SIGTERM as its drain."""
    with WorkerProcess(tmp_path) as worker:
        worker.await_ping(200)
        answers: list[bytes] = []
        reader = threading.Thread(target=lambda: answers.append(post(worker, model="slow", stream=True)))
        reader.start()
        asked = f"http://127.0.0.1:{worker.engine_port}/requests"
        await_true(lambda: b"slow" in urllib.request.urlopen(asked, timeout=5).read(), 60, lambda: worker.out)
        pids = killed(worker)
        reader.join(30)
        assert answers[0].decode().endswith("data: [DONE]\n\n")
        await_all_gone(pids)


def test_what_ignores_the_first_signal_is_killed_after_its_time():
    """A group that does not end on SIGTERM has its seconds, and then no more."""
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, process_group=0) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.read(1)
        began = time.monotonic()
        end(stubborn.pid, 0.5)
        assert stubborn.wait(10) == -signal.SIGKILL
        assert time.monotonic() - began >= 0.5


def test_a_group_that_is_gone_is_not_waited_for():
    """Nobody hears SIGTERM, so nobody needs the time."""
    with subprocess.Popen([sys.executable, "-c", ""], process_group=0) as gone:
        gone.wait(30)
        began = time.monotonic()
        end(gone.pid, 30)
        assert time.monotonic() - began < 5


def test_a_guard_whose_supervisor_ends_in_order_ends_nobody():
    """All have ended by then, and their numbers may be somebody else's."""
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleeping, process_group=0) as other:
        with Guard({"PYTHONPATH": str(IMAGES / "runpod_worker" / "src")}) as guard:
            guard.watch(other.pid, 5)
        assert other.poll() is None
        other.kill()


def test_a_guard_that_was_killed_ends_nobody(tmp_path: Path):
    """The worker serves on without it, and ends in order."""
    with WorkerProcess(tmp_path) as worker:
        worker.await_ping(200)
        [guard] = [one for one in worker.children if b"runpod_worker.guard" in (one / "cmdline").read_bytes()]
        os.kill(int(guard.name), signal.SIGKILL)
        await_true(lambda: not is_alive(int(guard.name)), 10, lambda: "the guard lives")
        assert json.loads(post(worker))["object"] == "chat.completion"
        worker.terminate()
        assert worker.wait() == 0
        assert worker.err == ""
        assert [is_alive(pid) for pid in worker.engine_pids] == [False, False]


def test_a_guard_has_no_secret(tmp_path: Path):
    """Of the worker's environment it gets what Python needs to find it."""
    secrets = {"HF_TOKEN": "hf_secret", "BERTH_CLIENT_KEYS": json.dumps({"me": "0" * 64})}
    with WorkerProcess(tmp_path, secrets) as worker:
        worker.await_ping(200)
        [guard] = [one for one in worker.children if b"runpod_worker.guard" in (one / "cmdline").read_bytes()]
        variables = (guard / "environ").read_bytes().rstrip(b"\0").split(b"\0")
        assert {one.partition(b"=")[0] for one in variables} <= {b"PATH", b"PYTHONPATH", b"LC_CTYPE"}
