"""Which upstreams may be asked for this request?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import errors
from gateway.errors import RefusedError
from gateway.upstreams.attempts import Attempts

if TYPE_CHECKING:
    from gateway.exchange import Exchange


class Choose:
    """Fills `attempts`."""

    async def __call__(self, exchange: Exchange) -> None:
        route = exchange.route
        if route is None or not route.serves(exchange.path):
            raise RefusedError(errors.not_served(exchange.path))
        exchange.attempts = Attempts(route, exchange.path)
