"""Who ends a worker's processes when its supervisor was killed, and cannot? A process that hears its pipe end.

It reads the process groups that the supervisor starts, and how long each may take to end. As process 1 a supervisor
needs it not: the container ends with it. Under an init process, or on a desk, the others would hold the GPU.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

ALL_ENDED = "all ended"
TICK_SECONDS = 0.1


class Guard:
    """The process, as the supervisor sees it: it watches while the block runs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "runpod_worker.guard"]
        # A group of its own: what ends the supervisor's group must not end who looks after it.
        reads, writes = os.pipe()
        self._process = subprocess.Popen(command, stdin=reads, env=dict(environment), process_group=0)
        os.close(reads)
        self._pipe = writes

    def watch(self, group: int, patience_seconds: float) -> None:
        """It may take so long between SIGTERM and SIGKILL."""
        self._tell(f"{group} {patience_seconds}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._tell(ALL_ENDED)
        os.close(self._pipe)
        self._process.wait()

    def _tell(self, line: str) -> None:
        # A guard that somebody killed is no reason to end a worker that serves.
        with contextlib.suppress(OSError):
            os.write(self._pipe, f"{line}\n".encode())


def end(group: int, patience_seconds: float) -> None:
    """SIGTERM, and SIGKILL to what is left of the group after its time."""
    there = _send(group, signal.SIGTERM)
    deadline = time.monotonic() + patience_seconds
    while there and time.monotonic() < deadline:
        time.sleep(TICK_SECONDS)
        there = _send(group, 0)
    _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    """Whether anybody is in the group to hear it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> int:
    # Whoever ends a worker by signals to all of it means the others: this one ends with them.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watched: list[tuple[int, float]] = []
    for line in sys.stdin:
        if line.strip() == ALL_ENDED:
            return 0
        group, patience_seconds = line.split()
        watched.append((int(group), float(patience_seconds)))
    # The front before the engine, as the supervisor would: running answers can finish.
    for group, patience_seconds in reversed(watched):
        end(group, patience_seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
