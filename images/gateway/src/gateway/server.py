"""How does the process end? SIGTERM lets running answers finish within the drain, a second one does not."""

from __future__ import annotations

import functools
import gc
import logging
import sys
from typing import TYPE_CHECKING

import uvicorn

from gateway.connection import Connection

if TYPE_CHECKING:
    import socket
    from types import FrameType

    from starlette.types import ASGIApp

    from gateway.config.settings import GatewayConfig
    from gateway.deadline import Drain

# A load balancer that reuses a connection which the gateway has just closed answers 502: stay longer than its idle
# timeout, which the deployment sets to the longest request plus 60 s.
KEEP_ALIVE_MARGIN_SECONDS = 120
# After the drain: time to write the last error events.
GRACE_SECONDS = 2
# Objects made before the youngest are looked through, and how often the older ones are with them.
GARBAGE_THRESHOLDS = (20_000, 20, 20)

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn that goes on answering (/readyz: 503) while it drains, and exits with 0 afterwards."""

    def __init__(self, config: GatewayConfig, app: ASGIApp, drain: Drain) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=config.host,
                port=config.port,
                loop="uvloop" if sys.platform != "win32" else "auto",
                http=functools.partial(Connection, limits=config.limits),  # pyright: ignore[reportArgumentType]
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=int(config.max_request_seconds) + KEEP_ALIVE_MARGIN_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._drain = drain
        self._drain_seconds = config.drain_seconds
        self._asked_to_stop = 0
        self._seen = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is loaded now stays: looking through it again and again for garbage would cost a tenth of every request.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Only count: a signal handler runs between any two instructions of the loop."""
        del sig, frame
        self._asked_to_stop += 1

    async def on_tick(self, counter: int) -> bool:
        if self._asked_to_stop > self._seen:
            self._seen = self._asked_to_stop
            if self._drain.draining:
                log.warning("second signal: stopping without waiting for running answers")
                self.should_exit = self.force_exit = True
            else:
                log.info("draining", extra={"fields": {"seconds": self._drain_seconds}})
                self._drain.begin(self._drain_seconds)
        if self._drain.draining and self._drain.idle:
            self.should_exit = True
        return await super().on_tick(counter)
