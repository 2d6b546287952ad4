"""Each image's entry point and health check run as its Dockerfile writes them, and write only where it says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dockerfile import IMAGES, Dockerfile

from tests.ports import free_port

sys.path.insert(0, str(IMAGES / "weight_cache" / "tests" / "doubles"))

from fake_hub import FakeHub

if TYPE_CHECKING:
    from collections.abc import Iterator

# Runs in each Python process before all else, and notes every path that is opened for writing, made, moved or removed.
WATCH = """
import os, sys
log = os.open(os.environ["WRITES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {f"os.{call}" for call in "mkdir rename remove rmdir link symlink truncate chmod utime".split()}
def watch(event, args):
    if event != "open" and event not in CHANGES or isinstance(args[0], int):
        return
    if event in CHANGES or args[2] & WRITING:
        inside = args[-1] if event in {"os.mkdir", "os.remove", "os.rmdir"} else -1
        folder = os.getcwd() if inside == -1 else os.readlink(f"/proc/self/fd/{inside}")
        os.write(log, os.path.join(os.fsencode(folder), os.fsencode(args[0])) + b"\\n")
sys.addaudithook(watch)
"""


def words(image: str, kind: str) -> list[str]:
    """An exec form of the image, with this interpreter in place of the image's own."""
    (instruction,) = Dockerfile.read(image).final(kind)
    found = instruction.words if kind == "ENTRYPOINT" else instruction.value.partition("CMD ")[2]
    program, *arguments = found if isinstance(found, list) else json.loads(found)
    assert program.endswith("/bin/python")
    return [sys.executable, *arguments]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What the image sets, and little else: no home, and a working directory where nothing may be written."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    return {"PATH": "/usr/bin:/bin", "WRITES": str(tmp_path / "writes"), "HOME": "/nonexistent"}


def started(environment: dict[str, str], tmp_path: Path, image: str) -> dict[str, str]:
    sources = [
        str(tmp_path / "watch"),
        *(str(IMAGES / one / "src") for one in ("gateway", "weight_cache", "runpod_worker")),
    ]
    return {**environment, **Dockerfile.read(image).environment, "PYTHONPATH": os.pathsep.join(sources)}


def writes(tmp_path: Path) -> set[str]:
    """Devices are no files; the log of the watch is its own."""
    lines = set((tmp_path / "writes").read_text().splitlines())
    return {line for line in lines if not line.startswith("/dev/") and line != str(tmp_path / "writes")}


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, env=environment, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def becomes_healthy(command: list[str], environment: dict[str, str], seconds: float = 90) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if subprocess.run(command, env=environment, cwd="/", capture_output=True, check=False).returncode == 0:
            return True
        time.sleep(0.2)
    return False


def test_the_gateway_starts_is_healthy_ends_and_writes_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    """Its label names no path: the root file system may be read-only, which ECS makes it."""
    assert Dockerfile.read("gateway").labels["berth.writable-paths"] == ""
    variables = started(environment, tmp_path, "gateway") | {
        "BERTH_STACK": "dev",
        "BERTH_SERVICE": "chat",
        "BERTH_MODEL_NAME": "org/model",
        "BERTH_UPSTREAM_URL": "http://127.0.0.1:9",
        "BERTH_MAX_REQUEST_SECONDS": "5",
        "BERTH_DRAIN_SECONDS": "0",
        "BERTH_PORT": str(free_port()),
    }
    health = words("gateway", "HEALTHCHECK")
    assert subprocess.run(health, env=variables, capture_output=True, check=False).returncode == 1
    with running(words("gateway", "ENTRYPOINT"), variables) as process:
        assert becomes_healthy(health, variables)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert writes(tmp_path) == set()


def test_the_weight_cache_writes_below_its_models_folder_alone(environment: dict[str, str], tmp_path: Path) -> None:
    """The hub's client keeps things for itself; they go there too."""
    assert Dockerfile.read("weight_cache").labels["berth.writable-paths"] == "BERTH_MODELS_DIR"
    models = tmp_path / "models"
    models.mkdir()
    with FakeHub({"config.json": b"{}", "model.safetensors": b"w" * 100}).running() as hub:
        variables = started(environment, tmp_path, "weight_cache") | {
            "BERTH_MODEL_ID": "org/model",
            "BERTH_MODELS_DIR": str(models),
            "HF_ENDPOINT": hub.url,
        }
        with running(words("weight_cache", "ENTRYPOINT"), variables) as process:
            output = process.communicate(timeout=120)[0].decode()
    assert (process.returncode, "is complete" in output) == (0, True), output
    written = writes(tmp_path)
    assert str(models / "org--model/main/config.json") in written
    assert {path for path in written if not path.startswith(f"{models}/")} == set()


def test_the_workers_health_check_asks_the_port_that_runpod_asks(environment: dict[str, str], tmp_path: Path) -> None:
    """Nobody there: unhealthy. In the queue's mode there is no port, and the supervisor's life is what counts."""
    variables = started(environment, tmp_path, "runpod_worker") | {"PORT": "8080", "PORT_HEALTH": str(free_port())}
    command = words("runpod_worker", "HEALTHCHECK")
    assert subprocess.run(command, env=variables, check=False).returncode == 1
    assert subprocess.run(command, env=variables | {"BERTH_WORKER_MODE": "queue"}, check=False).returncode == 0
    (tmp_path / "engine.py").write_text("import time; time.sleep(300)")
    engine = {"BERTH_ENGINE_COMMAND": f"{sys.executable} {tmp_path}/engine.py"}
    with running(words("runpod_worker", "ENTRYPOINT"), variables | engine) as process:
        assert becomes_healthy(command, variables)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert writes(tmp_path) == set()
