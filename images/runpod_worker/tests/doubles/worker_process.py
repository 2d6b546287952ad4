"""How does a test run a worker? As the image does, with an engine that is scripted and ports that are free."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

IMAGES = Path(__file__).resolve().parents[3]
ENGINE = IMAGES / "runpod_worker" / "tests" / "doubles" / "scripted_engine.py"
# Below 32768, where systems begin to hand ports to connections; tests side by side count in thousands of their own.
PORTS = count(20_000 + os.getpid() % 12 * 1_000)


@dataclass
class WorkerProcess:
    """A worker; `with` starts it and ends whatever is left of it."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("org/model",)
    engine_port: int = 0
    port: int = 0
    health_port: int = 0
    process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.engine_port, self.port, self.health_port = free_port(), free_port(), free_port()
        with (self.folder / "out").open("w") as out, (self.folder / "err").open("w") as err:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=out, stderr=err, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever a failed test left: a supervisor that is killed ends nobody else."""
        assert self.process is not None
        started = [int(child.name) for child in self.children] if self.process.poll() is None else []
        self.process.kill()
        self.process.wait()
        for pid in [*started, *self.engine_pids]:
            kill(pid)

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "runpod_worker", *self.arguments]

    @property
    def environment(self) -> dict[str, str]:
        sources = os.pathsep.join(str(IMAGES / image / "src") for image in ("runpod_worker", "gateway"))
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("BERTH_", "RUNPOD_", "PYTHON"))
        }
        own = {
            "PYTHONPATH": sources,
            "PORT": str(self.port),
            "PORT_HEALTH": str(self.health_port),
            "BERTH_ENGINE_COMMAND": f"{sys.executable} {ENGINE} --port {self.engine_port}",
            "BERTH_ENGINE_URL": f"http://127.0.0.1:{self.engine_port}",
            "BERTH_GATEWAY_COMMAND": f"{sys.executable} -m gateway",
            "BERTH_HEALTH_SCRIPT": str(IMAGES / "engine" / "engine_health.py"),
            "BERTH_STACK": "dev",
            "BERTH_SERVICE": "chat",
            "BERTH_MODEL_NAME": "org/model",
            "BERTH_MAX_REQUEST_SECONDS": "30",
            "BERTH_DRAIN_SECONDS": "20",
            "ENGINE_PIDS": str(self.folder / "pids"),
        }
        return {**inherited, **own, **self.variables}

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text()

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text()

    @property
    def engine_pids(self) -> list[int]:
        pids = self.folder / "pids"
        return [int(pid) for pid in pids.read_text().split()] if pids.exists() else []

    @property
    def children(self) -> list[Path]:
        """Folders below /proc of what the worker has started itself."""
        assert self.process is not None
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [Path("/proc") / pid for pid in pids]

    def ping(self, path: str = "/ping") -> int | None:
        return status_of(f"http://127.0.0.1:{self.health_port}{path}")

    def await_ping(self, status: int, seconds: float = 90) -> None:
        await_true(lambda: self.ping() == status, seconds, lambda: f"{self.ping()}\n{self.out}{self.err}")

    def await_out(self, text: str, seconds: float = 90) -> None:
        await_true(lambda: text in self.out, seconds, lambda: self.out + self.err)

    def terminate(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = 90) -> int:
        assert self.process is not None
        return self.process.wait(seconds)


def post(worker: WorkerProcess, **body: Any) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{worker.port}/v1/chat/completions",
        json.dumps({"model": "org/model", **body}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 a socket of this test
        return answer.read()


def await_true(condition, seconds, told) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


def status_of(url: str) -> int | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 a socket of this test
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


def free_port() -> int:
    """A port that nothing listens on, another one with each call."""
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("the numbers do not end")


def is_alive(pid: int) -> bool:
    """Neither gone nor a zombie that nobody took away."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
