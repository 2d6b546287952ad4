"""Who is calling?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.access.keyring import KeyRing
    from gateway.exchange import Exchange


class Authenticate:
    """Fills `key` and `key_name`; without keys everybody may pass."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def __call__(self, exchange: Exchange) -> None:
        key = exchange.key = self._keys.key_of(exchange.header(b"authorization"))
        exchange.key_name = key.name or None
