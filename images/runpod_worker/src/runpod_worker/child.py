"""What is one process of this worker? Started in a group of its own, so that nothing of it is left when it ends."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runpod_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Blocked in the supervisor, which waits for them; a child gets them as usual.
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


@dataclass
class Child:
    """A process that was started, and how it ended."""

    name: str
    pid: int
    status: int | None = None
    """As `waitpid` gave it; None while it runs."""

    @classmethod
    def start(cls, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Raise ConfigError when there is no such program."""
        try:
            pid = os.posix_spawnp(
                command[0], list(command), dict(environment), setpgroup=0, setsigmask=[], setsigdef=SIGNALS
            )
        except OSError as error:
            raise ConfigError(f"{name}: {command[0]!r} cannot be started ({error.strerror})") from None
        return cls(name, pid)

    def send(self, number: signal.Signals) -> None:
        """To the process and to all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    @property
    def how_it_ended(self) -> str:
        """As words: "with exit code 1", "by SIGKILL"."""
        if self.status is None:
            return "not at all"
        code = os.waitstatus_to_exitcode(self.status)
        return f"with exit code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"


def reaped() -> dict[int, int]:
    """Status by process id of everything below us that has ended: what orphans leave is ours to take away too."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status
