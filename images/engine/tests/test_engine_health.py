"""Does the script, as ECS runs it, pass a healthy engine and end one on other hardware than planned?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from engine_health import mismatch
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = (Path(__file__).parent.parent / "engine_health.py").read_text(encoding="utf-8")
L4 = "NVIDIA L4, 23034"


@dataclass
class Container:
    """What the script sees of its container: a main process, a log, nvidia-smi, a temporary folder, an engine."""

    folder: Path
    url: str
    main_process: subprocess.Popen[bytes] = field(
        default_factory=lambda: subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    )

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text() if (self.folder / "log").exists() else ""

    @property
    def questions(self) -> int:
        asked = self.folder / "asked"
        return len(asked.read_text().splitlines()) if asked.exists() else 0

    def has(self, *gpus: str, before: str = "") -> None:
        """Let nvidia-smi answer so."""
        program = self.folder / "nvidia-smi"
        rows = "".join(f"echo '{gpu}'\n" for gpu in gpus)
        program.write_text(f'#!/bin/sh\necho "$@" >> {self.folder}/asked\n{before}\n{rows}')
        program.chmod(0o755)

    def check(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        own = {
            "PATH": f"{self.folder}:/usr/bin:/bin",
            "TMPDIR": str(self.folder),
            "BERTH_HEALTH_LOG": str(self.folder / "log"),
            "BERTH_HEALTH_PROCESS": str(self.main_process.pid),
            "BERTH_HEALTH_URL": self.url,
            **variables,
        }
        command = [sys.executable, "-c", SCRIPT, *arguments]
        return subprocess.run(command, env=own, capture_output=True, text=True, check=False)


class Engine(BaseHTTPRequestHandler):
    """Answers as the path says: /200, /503."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """Stay silent."""


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Engine)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def container(tmp_path: Path, engine: str) -> Iterator[Container]:
    made = Container(tmp_path, f"{engine}/200")
    yield made
    made.main_process.kill()
    made.main_process.wait()


EXPECTED = {"BERTH_EXPECT_GPUS": "1", "BERTH_EXPECT_GPU_MEMORY_MIB": "22888"}


def test_a_healthy_engine_on_the_planned_gpu_passes(container: Container):
    """Exit 0 and no word; the GPUs are asked for once, by name and memory, however often the check runs."""
    container.has(L4)
    for _ in range(2):
        done = container.check(**EXPECTED)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert container.questions == 1
    assert (container.folder / "asked").read_text() == ("--query-gpu=name,memory.total --format=csv,noheader,nounits\n")


@pytest.mark.parametrize("path", ["503", "404"])
def test_an_engine_that_does_not_answer_200_is_unhealthy_and_left_alone(container: Container, engine: str, path: str):
    """It may still be loading: ECS counts the failures and decides."""
    container.has(L4)
    done = container.check(**EXPECTED, BERTH_HEALTH_URL=f"{engine}/{path}")
    assert done.returncode == 1
    assert path in done.stderr
    assert container.main_process.poll() is None
    assert container.log == ""


def test_an_engine_that_does_not_listen_yet_is_unhealthy(container: Container):
    """One line, no traceback."""
    done = container.check(BERTH_HEALTH_URL="http://127.0.0.1:9/health")
    assert done.returncode == 1
    assert done.stderr == "berth: http://127.0.0.1:9/health: <urlopen error [Errno 111] Connection refused>\n"


@pytest.mark.parametrize(
    ("gpus", "expected", "told"),
    [
        (["Tesla T4, 15360"], EXPECTED, "GPU 0 (Tesla T4) has 15360 MiB, the plan is for 22888"),
        ([L4], {**EXPECTED, "BERTH_EXPECT_GPUS": "4"}, "1 GPUs are here, the plan is for 4"),
        ([], EXPECTED, "0 GPUs are here, the plan is for 1"),
    ],
    ids=["too small", "too few", "none"],
)
def test_other_hardware_than_planned_ends_the_container_and_says_why(
    container: Container, gpus: list[str], expected: dict[str, str], told: str
):
    """The line is in the container's log, the main process gets SIGTERM, and the engine is not asked."""
    container.has(*gpus)
    done = container.check(**expected)
    line = (
        f"berth: {told}: this is not the hardware that was planned; ending, so that the service does not wait for it\n"
    )
    assert (done.returncode, done.stderr, container.log) == (1, line, line)
    assert container.main_process.wait(timeout=5) == -signal.SIGTERM


def test_a_question_that_has_no_answer_ends_nothing(container: Container):
    """A broken nvidia-smi proves nothing against an engine that serves: it is said once, then left."""
    container.has(before="exit 9")
    for _ in range(2):
        assert container.check(**EXPECTED).returncode == 0
    assert container.log == "berth: the GPUs were not checked: nvidia-smi gave no usable answer (CalledProcessError)\n"
    assert container.main_process.poll() is None


def test_an_image_without_nvidia_smi_is_no_failure(container: Container):
    """Nor is one that has it and prints something else."""
    assert container.check(**EXPECTED).returncode == 0
    assert "(FileNotFoundError)" in container.log
    (container.folder / "berth-gpus-checked").unlink()
    container.has("no devices were found")
    assert container.check(**EXPECTED).returncode == 0
    assert "(ValueError)" in container.log


def test_without_an_expectation_no_gpu_is_looked_for(container: Container):
    """The script serves an engine on CPU too."""
    container.has()
    assert container.check().returncode == 0
    assert container.questions == 0


def test_a_log_that_cannot_be_written_does_not_save_the_container(container: Container):
    """The line is then in the check's own output, which `docker inspect` shows."""
    container.has()
    done = container.check(**EXPECTED, BERTH_HEALTH_LOG="/nowhere/log")
    assert (done.returncode, container.main_process.wait(timeout=5)) == (1, -signal.SIGTERM)
    assert done.stderr.startswith("berth: 0 GPUs are here")


def test_the_argument_gpus_looks_at_them_alone(container: Container):
    """For a supervisor that asks before it starts an engine: nothing is ended, no engine is asked."""
    container.has(L4)
    assert container.check("gpus", **EXPECTED, BERTH_HEALTH_URL="http://127.0.0.1:9").returncode == 0
    (container.folder / "berth-gpus-checked").unlink()
    done = container.check("gpus", BERTH_EXPECT_GPUS="2", BERTH_EXPECT_GPU_MEMORY_MIB="22888")
    assert (done.returncode, done.stderr) == (1, "berth: 1 GPUs are here, the plan is for 2\n")
    assert container.main_process.poll() is None


def test_it_fits_in_a_task_definition(container: Container):
    """ECS takes 64 KiB for all of a task definition; one argument of a process may have 128 KiB."""
    assert len(SCRIPT.encode()) < 6 * 1024
    assert os.sysconf("SC_ARG_MAX") > len(SCRIPT)


@given(
    found=st.lists(st.tuples(st.just("GPU"), st.integers(1, 300_000)), max_size=8),
    gpus=st.integers(1, 8),
    memory_mib=st.integers(1, 300_000),
    more=st.integers(0, 100_000),
)
def test_more_is_never_a_mismatch(found: list[tuple[str, int]], gpus: int, memory_mib: int, more: int):
    """Whatever passes, passes with more memory and with one more such GPU."""
    if mismatch(found, gpus, memory_mib) is None:
        assert mismatch([(name, mib + more) for name, mib in found], gpus, memory_mib) is None
        assert mismatch([*found, *found[:1]], gpus, memory_mib) is None
