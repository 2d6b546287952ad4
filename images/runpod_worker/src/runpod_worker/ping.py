"""What does RunPod's load balancer hear from this worker? 204 while the engine loads, 200 when it serves, else 503.

Source: RunPod's documentation, "Load balancing endpoints" (2026-08): 200 healthy, 204 initializing, all else unhealthy.
A port of its own: it answers from the first second, when there is no gateway yet, and while a gateway drains.
"""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from runpod_worker.ask import status_of
from runpod_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

OK, STARTING, NOT_FOUND, UNHEALTHY = 200, 204, 404, 503
KEPT_SECONDS = 1.0


class Readiness:
    """Set by the supervisor, read by the server's threads."""

    def __init__(self, ready_url: str, ask: Callable[[str], int | None] = status_of) -> None:
        self._ready_url = ready_url
        self._ask = ask
        self._one_question = threading.Lock()
        self._asked_at = float("-inf")
        self._answer = UNHEALTHY
        self.serving = False
        self.ending = False

    def status(self) -> int:
        """Once it serves, the gateway is asked, at most once a second: it knows of its engine and of its own end."""
        if self.ending:
            return UNHEALTHY
        if not self.serving:
            return STARTING
        with self._one_question:
            if time.monotonic() - self._asked_at >= KEPT_SECONDS:
                self._answer = OK if self._ask(self._ready_url) == OK else UNHEALTHY
                self._asked_at = time.monotonic()
        return self._answer


class PingServer:
    """Listens while its block runs."""

    def __init__(self, port: int, path: str, readiness: Readiness) -> None:
        class Handler(_Handler):
            asked_path = path
            answer = readiness

        try:
            self._server = ThreadingHTTPServer(("0.0.0.0", port), Handler)  # noqa: S104 RunPod asks from outside
        except OSError as error:
            raise ConfigError(f"PORT_HEALTH: cannot listen on {port} ({error.strerror})") from None
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="ping", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    asked_path: str
    answer: Readiness

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.send_response(self.answer.status() if path == self.asked_path else NOT_FOUND)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """A line every few seconds would say nothing."""
