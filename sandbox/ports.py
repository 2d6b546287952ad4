"""Which ports does a sandbox have, and who listens on one of this machine?"""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

VARIABLES = ("BERTH_SANDBOX_PORT", "BERTH_SANDBOX_PROVIDER_PORT", "BERTH_SANDBOX_RUNPOD_PORT")
_LISTEN = "0A"


class Ports(NamedTuple):
    """One per part, on loopback; each can be chosen with its variable."""

    aws: int = 4700
    provider: int = 4701
    runpod: int = 4702

    def by_variable(self) -> dict[str, int]:
        """What chooses each of them, and its value."""
        return dict(zip(VARIABLES, self, strict=True))


def is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection that only lingers from an earlier process does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def holder_of(port: int) -> str | None:
    """Command and pid of the listening process, as far as this user may see it."""
    for inode in _listening_inodes(port):
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            with suppress(OSError):
                if link.readlink() == Path(f"socket:[{inode}]"):
                    return _describe(link.parts[2])
    lsof = shutil.which("lsof")
    if lsof is None:
        return None
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"]
    pids = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return f"pid {pids[0]}" if pids else None


def _listening_inodes(port: int) -> list[str]:
    inodes: list[str] = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.append(fields[9])
    return inodes


def _describe(pid: str) -> str:
    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return f"`{command[:80]}` (pid {pid})"
