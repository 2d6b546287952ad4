"""Which ports may servers of tests take?"""

from __future__ import annotations

import os
import socket
from itertools import count

from sandbox.ports import Ports

# Below 32768, where systems begin to hand ports to connections: one of those could be taken between this probe and the
# server's start. Processes that run side by side have process numbers side by side, so each counts in its own thousand.
_CANDIDATES = count(20_000 + os.getpid() % 12 * 1_000)


def free_port() -> int:
    """Return a port that nothing listens on, another one with each call."""
    for port in _CANDIDATES:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("the numbers do not end")


def free_ports() -> Ports:
    """Return what a sandbox of a test listens on."""
    return Ports(free_port(), free_port(), free_port())
