"""Which command does a process id stand for now? Ids are used again, and ended processes keep theirs a while."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def command_of(pid: int) -> str | None:
    """Command line of a process that runs; None when it has ended, even if nobody has collected its exit code yet.

    >>> command_of(2**30) is None
    True
    """
    if Path("/proc/self/stat").exists():
        return _from_proc(pid)
    ps = shutil.which("ps")
    if ps is None:
        return None
    asked = [ps, "-ww", "-o", "stat=,command=", "-p", str(pid)]
    state, _, command = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else command.strip()


def _from_proc(pid: int) -> str | None:
    folder = Path(f"/proc/{pid}")
    try:
        # The name in parentheses may hold anything; the state follows the last one.
        state = folder.joinpath("stat").read_text().rpartition(")")[2].split()[0]
        command = folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return None
    return None if state in ("Z", "X") else command
