"""Who is measured? Each server as a process of its own on the second CPU, engine and client on the first."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .load import Figures, request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 120
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PACKAGE = __package__ or "images.gateway.bench"


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers chat completions on `address`."""

    name: str
    address: str
    pid: int
    ready_seconds: float

    def cpu_seconds(self) -> float:
        """User and system time so far, of the process alone."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def serving(
    name: str, arguments: Sequence[str], port: int, key: str, environment: Mapping[str, str], *, cpu: int
) -> Iterator[Server]:
    """Start a server and wait until it has answered a chat completion."""
    began = time.perf_counter()
    process = subprocess.Popen(
        pinned(arguments, cpu),
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        address = f"127.0.0.1:{port}"
        _wait(name, address, key, process)
        yield Server(name, address, process.pid, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def load(kind: str, key: str, turns: int, requests: Mapping[Server, int]) -> dict[str, Figures]:
    """Run the load client in a process of its own, beside the engine; what it saw of each server, by name."""
    asked = [f"{server.address}={number}" for server, number in requests.items()]
    arguments = module("load", kind, key, str(turns), *asked)
    done = subprocess.run(pinned(arguments, 0), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        names = ", ".join(server.name for server in requests)
        raise RuntimeError(f"{names}: {kind}: {done.stderr.strip().splitlines()[-1]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return {each.name: figures[each.address] for each in requests}


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"{PACKAGE}.{name}", *arguments]


def pinned(arguments: Sequence[str], cpu: int) -> list[str]:
    if shutil.which("taskset") is None or (os.cpu_count() or 1) <= cpu:
        return list(arguments)
    return ["taskset", "-c", str(cpu), *arguments]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait(name: str, address: str, key: str, process: subprocess.Popen[bytes]) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode} before it answered")
        try:
            with socket.create_connection((host, int(port)), timeout=5) as connection:
                connection.sendall(request(address, key))
                if connection.recv(65536).startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            pass
        time.sleep(0.01)
    raise RuntimeError(f"{name} did not answer within {START_SECONDS} s")
