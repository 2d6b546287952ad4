"""How is a process started so that it outlives Pulumi, told from a stranger with its number, and ended for certain?"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from components.local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROC = Path("/proc")
_STATE, _STARTED = 0, 19
"""Fields of /proc/PID/stat behind the name; source: proc_pid_stat(5)."""
_LOOK_SECONDS = 0.05
_KILL_SECONDS = 10.0
_LOG_TAIL_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Identity:
    """A number and when it was given: the number alone may be somebody else's by now."""

    pid: int
    started: str


def start(command: Sequence[str], *, environment: Mapping[str, str], directory: Path, log: Path) -> Identity:
    """Start a process in a session of its own, both its outputs at the end of `log`; raises LocalError."""
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                list(command),
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise LocalError(f"{command[0]}: cannot be started ({error.strerror})") from None
    # Nobody waits for it here: it is looked at by its number, as later runs of Pulumi have to do.
    process.returncode = 0
    return Identity(process.pid, _started(process.pid) or "")


def is_alive(identity: Identity) -> bool:
    """Tell whether this very process runs; one that has ended and was not collected yet does not."""
    _collect(identity.pid)
    return identity.started != "" and _started(identity.pid) == identity.started


def stop(identity: Identity, grace_seconds: float) -> None:
    """End a process and all that it started: SIGTERM, a while, SIGKILL; raises LocalError when it stays."""
    if not is_alive(identity):
        return
    for sign, seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, _KILL_SECONDS)):
        try:
            os.killpg(identity.pid, sign)
        except ProcessLookupError:
            return
        if _gone_within(identity, seconds):
            return
    raise LocalError(f"process {identity.pid}: is still there after SIGKILL; look at it with `ps -p {identity.pid}`")


def log_tail(log: Path) -> str:
    """Return the end of a log, on one line."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "no log"
    return " | ".join(text[-_LOG_TAIL_CHARACTERS:].split("\n")[-6:]).strip(" |") or "an empty log"


def _gone_within(identity: Identity, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while is_alive(identity):
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _started(pid: int) -> str | None:
    """Return when a process was started, in the words of the system; None when it does not run."""
    if not _PROC.is_dir():
        return _started_by_ps(pid)
    try:
        # The name is in brackets and may have spaces and brackets itself.
        fields = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[_STATE] in {"Z", "X"} else fields[_STARTED]


def _started_by_ps(pid: int) -> str | None:
    """The same where there is no /proc, as on macOS."""
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C", "PATH": "/bin"})
    state, _, when = result.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else when.strip()


def _collect(pid: int) -> None:
    """Let go of an ended child: whoever started it in this very run of Pulumi is its parent."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except OSError:
        return
