"""Does somebody listen on a port of this machine, and does a server answer?"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import urllib3

from components.local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
_OK = 200
_LOOK_SECONDS = 0.1
_ANSWER_SECONDS = 2.0


def port_is_taken(port: int) -> bool:
    """Tell whether a server could not listen on the port."""
    with socket.socket() as probe:
        # As servers do it: a connection that has just been closed is in nobody's way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def status_of(url: str) -> int | None:
    """Return the status of a GET, None when nobody answers; redirects are answers, too."""
    try:
        return urllib3.request("GET", url, redirect=False, retries=False, timeout=_ANSWER_SECONDS).status
    except urllib3.exceptions.HTTPError:
        return None


def wait_until_ready(
    url: str, *, seconds: float, is_alive: Callable[[], bool], what: str, tail: Callable[[], str]
) -> None:
    """Return as soon as `url` answers 200.

    Raises:
        LocalError: the process has ended, or `seconds` have passed.
    """
    end = time.monotonic() + seconds
    while (status := status_of(url)) != _OK:
        if not is_alive():
            raise LocalError(f"{what}: ended before it was ready: {tail()}")
        if time.monotonic() > end:
            answer = "does not answer" if status is None else f"answers {status}"
            raise LocalError(f"{what}: {url} {answer} after {seconds:.0f} s: {tail()}")
        time.sleep(_LOOK_SECONDS)
