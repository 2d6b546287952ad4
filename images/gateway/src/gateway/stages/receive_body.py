"""What does the client send? The whole body, within its limits of size and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway import errors
from gateway.deadline import ClientLeftError
from gateway.errors import RefusedError

if TYPE_CHECKING:
    from gateway.config.limits import LimitsConfig
    from gateway.exchange import Exchange


class ReceiveBody:
    """Fills `body`."""

    def __init__(self, limits: LimitsConfig) -> None:
        self._max_body_bytes = limits.max_body_bytes
        self._max_body_seconds = limits.max_body_seconds

    async def __call__(self, exchange: Exchange) -> None:
        if not exchange.declares_body:
            exchange.body = b""
            return
        if exchange.body_is_here:
            exchange.body = await exchange.receive_body(self._max_body_bytes)
        else:
            exchange.body = await self._receive_in_time(exchange)
        if exchange.body is None:
            raise ClientLeftError

    async def _receive_in_time(self, exchange: Exchange) -> bytes | None:
        try:
            async with asyncio.timeout(self._max_body_seconds):
                return await exchange.receive_body(self._max_body_bytes)
        except TimeoutError:
            raise RefusedError(errors.BODY_TOO_SLOW) from None
