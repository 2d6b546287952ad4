"""Is the sandbox of a checkout running, and how is it started and stopped?"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.errors import PortTakenError, SandboxError
from sandbox.health import HOST, health_of
from sandbox.ports import Ports, holder_of, is_taken
from sandbox.processes import command_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# moto puts sets into answers: the same order in each process needs the same hash seed, read when Python starts.
HASH_SEED = {"PYTHONHASHSEED": "0"}
START_SECONDS = 90.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Running:
    """A healthy sandbox process."""

    pid: int
    ports: Ports
    root: Path
    journal_length: int

    @property
    def endpoint(self) -> str:
        """Of the local AWS."""
        return f"http://{HOST}:{self.ports.aws}"

    @property
    def runpod_url(self) -> str:
        """Of the local RunPod."""
        return f"http://{HOST}:{self.ports.runpod}"


class State:
    """The files of a checkout's sandbox."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.directory = self.root / ".berth" / "sandbox"
        self.journal = self.directory / "journal.jsonl"
        self.runpod = self.directory / "runpod.json"
        self.log = self.directory / "log.txt"
        self._process = self.directory / "process.json"

    def process(self) -> dict[str, Any]:
        """What the running process wrote about itself; empty when there is none, or only half of one."""
        try:
            about = json.loads(self._process.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return about if isinstance(about, dict) else {}

    def write_process(self, about: dict[str, Any]) -> None:
        half = self._process.with_suffix(".part")
        half.write_text(json.dumps(about, indent=2) + "\n")
        half.replace(self._process)

    def forget_process(self) -> None:
        self._process.unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One start or stop at a time."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_started: list[subprocess.Popen[bytes]] = []
"""Handles of processes that outlive their starter on purpose: one that is dropped warns of a forgotten child."""


def start(root: Path, ports: Ports = Ports()) -> Running:  # noqa: B008 - it is immutable
    """Start the sandbox of `root`, or return the one that runs there (on the ports it has).

    One that runs older source code than the checkout holds is restarted; the journal brings its state back.

    Raises:
        PortTakenError: another process listens on one of the ports.
        SandboxError: the process died or was not ready in time; the end of its log is quoted.
    """
    state = State(root)
    with state.locked():
        running = status(root)
        if running is not None:
            if state.process().get("source") == source_fingerprint():
                return running
            ports = running.ports
        _stop(state)  # one that is out of date or hangs, or a stale process.json
        for variable, port in ports.by_variable().items():
            _require_free(port, variable)
        return _spawn(state, ports)


def stop(root: Path) -> bool:
    """Stop the sandbox of `root`; whether one was running."""
    state = State(root)
    if not state.directory.exists():
        return False
    with state.locked():
        return _stop(state)


def status(root: Path) -> Running | None:
    """The sandbox of `root` when it runs and both of its accounts answer."""
    state = State(root)
    process = state.process()
    health, runpod = (health_of(process[name]) if process.get(name) else None for name in ("port", "runpod_port"))
    if health is None or runpod is None or not health.get("root") == runpod.get("root") == str(state.root):
        return None
    ports = Ports(health["port"], health["provider_port"], health["runpod_port"])
    return Running(health["pid"], ports, state.root, health["journal_length"])


def reset(root: Path) -> None:
    """Stop the sandbox of `root` and forget its accounts."""
    state = State(root)
    if not state.directory.exists():
        return
    with state.locked():
        _stop(state)
        state.journal.unlink(missing_ok=True)
        state.runpod.unlink(missing_ok=True)


def source_fingerprint() -> str:
    """Of the sandbox's own code: a process with another one is out of date."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(str(file.relative_to(package)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _spawn(state: State, ports: Ports) -> Running:
    command = [sys.executable, "-m", "sandbox", "serve", "--root", str(state.root)]
    command += port_arguments(ports)
    environment = os.environ | HASH_SEED | {"PYTHONPATH": str(Path(__file__).parents[1])}
    log_start = state.log.stat().st_size if state.log.exists() else 0
    with state.log.open("a") as log:
        process = subprocess.Popen(
            command,
            cwd=state.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _started.append(process)
    try:
        running = _wait_until_healthy(state, process, ports, log_start)
    except BaseException:
        # Ctrl-C included: a start that did not finish leaves no process.
        process.kill()
        process.wait()
        state.forget_process()
        raise
    process.returncode = 0  # detached on purpose: else Popen warns that it is still running
    return running


def port_arguments(ports: Ports) -> list[str]:
    """What `sandbox serve` is told."""
    return ["--port", str(ports.aws), "--provider-port", str(ports.provider), "--runpod-port", str(ports.runpod)]


def _wait_until_healthy(state: State, process: subprocess.Popen[bytes], ports: Ports, log_start: int) -> Running:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SandboxError(
                f"the sandbox ended while starting (exit code {process.returncode}):\n{_log_end(state, log_start)}"
            )
        running = status(state.root)
        if running is not None and running.pid == process.pid and running.ports == ports:
            return running
        time.sleep(0.05)
    raise SandboxError(f"the sandbox was not ready after {START_SECONDS:.0f} s:\n{_log_end(state, log_start)}")


def _log_end(state: State, start: int, lines: int = 15) -> str:
    size = state.log.stat().st_size
    with state.log.open(errors="replace") as log:
        log.seek(start if start <= size else 0)
        return "".join(f"  {line}" for line in log.readlines()[-lines:]).rstrip()


def _stop(state: State) -> bool:
    pid = state.process().get("pid")
    stopped = False
    if isinstance(pid, int) and _is_sandbox(pid, state.root):
        stopped = True
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(pid, signal_number)
            if _wait_until_gone(pid):
                break
    state.forget_process()
    return stopped


def _wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if command_of(pid) is None:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)  # it may be a child of ours
            return True
        time.sleep(0.02)
    return False


def _is_sandbox(pid: int, root: Path) -> bool:
    """Whether `pid` still is the process that was started for `root`: process ids are used again."""
    command = command_of(pid) or ""
    return "sandbox" in command and "serve" in command and str(root) in command


def _require_free(port: int, variable: str) -> None:
    if not is_taken(HOST, port):
        return
    health = health_of(port)
    if health is not None and "root" in health:
        holder = f"the sandbox of {health['root']} (pid {health['pid']})"
    else:
        holder = holder_of(port) or "another process"
    raise PortTakenError(f"port {port}: taken by {holder}; stop it, or choose another port with {variable}=<port>")
