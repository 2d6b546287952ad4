"""How does a worker live?

Look at the GPUs, start the engine, wait until it serves, start what stands in front of it, watch both; when one of them
ends, or RunPod says so, end all: the front first, so that running answers can finish.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from runpod_worker.ask import status_of
from runpod_worker.caches import cache_environment
from runpod_worker.child import SIGNALS, Child, reaped
from runpod_worker.config import LOAD_BALANCER, WorkerConfig
from runpod_worker.errors import EndedError, HardwareError, LateError
from runpod_worker.guard import Guard
from runpod_worker.ping import OK, PingServer, Readiness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TICK_SECONDS = 0.25
FRONT_START_SECONDS = 60
# Beyond the drain: time to write the last error events.
FRONT_MARGIN_SECONDS = 5
ENGINE_STOP_SECONDS = 20
KILLED_SECONDS = 5
HURRY_SECONDS = 3
# What one process needs is no business of the other's.
ONLY_THE_ENGINES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
ONLY_THE_FRONTS = ("BERTH_CLIENT_KEYS", "RUNPOD_AI_API_KEY", "RUNPOD_API_KEY")
PR_SET_CHILD_SUBREAPER = 36


class AskedToStop(Exception):  # noqa: N818 no error: SIGTERM, told as one for its way through the calls
    """RunPod, or a person, ends this worker."""


class Supervisor:
    """The processes of one worker."""

    def __init__(self, config: WorkerConfig, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._config = config
        self._environment = environment
        self._say = say
        self._children: list[Child] = []
        self._in_a_hurry = False
        self._guard: Guard | None = None
        self._readiness = Readiness(f"http://127.0.0.1:{config.port}/readyz")

    def run(self) -> None:
        """Return when the worker was asked to stop.

        Raises:
            WorkerError: a subclass for whatever else ended it.
        """
        self._check_gpus()
        _adopt_orphans()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        ping = (
            PingServer(self._config.health_port, self._config.health_path, self._readiness)
            if self._config.mode == LOAD_BALANCER
            else nullcontext()
        )
        with ping, self._guarded():
            try:
                self._start_engine()
                self._start_front()
                while True:
                    self._wait(TICK_SECONDS)
            except AskedToStop:
                self._say("asked to stop: running answers may finish")
            finally:
                self._readiness.ending = True
                self._end_all()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """With a guard where this process may be killed and the others not: process 1 takes all with it."""
        if os.getpid() == 1:
            yield
            return
        needed = _only(self._environment, ("PATH", "PYTHONPATH"))
        with Guard(needed) as self._guard:
            yield

    def _check_gpus(self) -> None:
        if not self._config.expects_gpus:
            return
        command = [sys.executable, str(self._config.health_script), "gpus"]
        looked = subprocess.run(command, env=dict(self._environment), stderr=subprocess.PIPE, text=True, check=False)
        if looked.returncode:
            raise HardwareError(looked.stderr.strip().removeprefix("berth: "))

    def _start_engine(self) -> None:
        if self._config.engine_command:
            caches, where = cache_environment(self._environment, self._config.engine_command)
            self._say(where)
            self._start("engine", self._config.engine_command, _without(self._environment, ONLY_THE_FRONTS) | caches)
        url = self._config.engine_url + self._config.engine_health_path
        self._until("engine", url, self._config.start_seconds)

    def _start_front(self) -> None:
        own = _without(self._environment, ONLY_THE_ENGINES)
        if self._config.mode == LOAD_BALANCER:
            own |= {"BERTH_PORT": str(self._config.port), "BERTH_DRAIN_SECONDS": str(self._config.drain_seconds)}
            if not {"BERTH_CONFIG", "BERTH_CONFIG_FILE"} & set(own):
                own["BERTH_UPSTREAM_URL"] = self._config.engine_url
            self._start("gateway", self._config.gateway_command, own)
            self._until("gateway", f"http://127.0.0.1:{self._config.port}/readyz", FRONT_START_SECONDS)
            self._readiness.serving = True
        else:
            own["BERTH_ENGINE_URL"] = self._config.engine_url
            self._start("handler", (sys.executable, "-m", "runpod_worker.queue_worker"), own)

    def _start(self, name: str, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        child = Child.start(name, command, environment)
        self._children.append(child)
        if self._guard is not None:
            self._guard.watch(child.pid, self._patience_with(child))

    def _until(self, name: str, url: str, seconds: int) -> None:
        began = time.monotonic()
        while status_of(url) != OK:
            if time.monotonic() - began > seconds:
                raise LateError(f"{name}: no 200 from {url} within {seconds} s")
            self._wait(TICK_SECONDS)
        self._say(f"{name} is ready after {time.monotonic() - began:.0f} s")

    def _wait(self, seconds: float) -> None:
        """Sleep, unless something happens: then it is an exception."""
        happened = signal.sigtimedwait(SIGNALS, seconds)
        self._note_ended()
        ended = next((child for child in self._children if child.status is not None), None)
        if ended is not None:
            raise EndedError(f"{ended.name} ended {ended.how_it_ended}; ending all, so that RunPod starts a new worker")
        if happened is not None and happened.si_signo != signal.SIGCHLD:
            raise AskedToStop

    def _note_ended(self) -> None:
        statuses = reaped()
        for child in self._children:
            child.status = statuses.get(child.pid, child.status)

    def _end_all(self) -> None:
        for child in reversed(self._children):
            self._end(child, self._patience_with(child))
        for child in self._children:
            # What a process that has ended left in its group: vLLM's own children hold the GPU.
            child.send(signal.SIGKILL)
        self._note_ended()

    def _patience_with(self, child: Child) -> int:
        """How many seconds it may take to end."""
        return ENGINE_STOP_SECONDS if child.name == "engine" else self._config.drain_seconds + FRONT_MARGIN_SECONDS

    def _end(self, child: Child, seconds: float) -> None:
        child.send(signal.SIGTERM)
        if self._ends_within(child, seconds):
            return
        self._say(f"{child.name} did not end in time: killing it")
        child.send(signal.SIGKILL)
        self._ends_within(child, KILLED_SECONDS)

    def _ends_within(self, child: Child, seconds: float) -> bool:
        now = time.monotonic()
        deadline = now + (min(seconds, HURRY_SECONDS) if self._in_a_hurry else seconds)
        while child.status is None and now < deadline:
            happened = signal.sigtimedwait(SIGNALS, TICK_SECONDS)
            now = time.monotonic()
            if happened is not None and happened.si_signo != signal.SIGCHLD:
                # A second signal does not wait, as in the gateway; it counts for whatever is left to be ended.
                self._in_a_hurry = True
                child.send(signal.SIGTERM)
                deadline = min(deadline, now + HURRY_SECONDS)
            self._note_ended()
        return child.status is not None


def _only(environment: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: environment[name] for name in names if name in environment}


def _without(environment: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in names}


def _adopt_orphans() -> None:
    """As process 1 orphans come to us anyway; under an init process, or in a test, they do after this."""
    if os.getpid() != 1:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
