"""Shall the log have what was asked and answered? Only where the operator wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.transcript import Transcript

if TYPE_CHECKING:
    from gateway.exchange import Exchange


class Transcribe:
    """Fills `transcript`."""

    def __init__(self, characters: int) -> None:
        self._characters = characters

    async def __call__(self, exchange: Exchange) -> None:
        exchange.transcript = Transcript(self._characters)
