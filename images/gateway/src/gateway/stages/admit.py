"""May this request come in, before its body is read?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import errors
from gateway.errors import RefusedError

if TYPE_CHECKING:
    from gateway.config.limits import LimitsConfig
    from gateway.deadline import Drain
    from gateway.exchange import Exchange

DOT_SEGMENTS = ("/./", "/../")


class Admit:
    """Refuses what comes during a shutdown, what leads out of /v1, and what is declared too large."""

    def __init__(self, limits: LimitsConfig, drain: Drain) -> None:
        self._max_body_bytes = limits.max_body_bytes
        self._drain = drain

    async def __call__(self, exchange: Exchange) -> None:
        if self._drain.draining:
            raise RefusedError(errors.DRAINING)
        if "." in exchange.path and any(dots in exchange.path + "/" for dots in DOT_SEGMENTS):
            # An upstream that resolves them would be led out of /v1.
            raise RefusedError(errors.plain_http(404))
        if exchange.declared_bytes > self._max_body_bytes:
            raise RefusedError(errors.body_too_large(self._max_body_bytes))
