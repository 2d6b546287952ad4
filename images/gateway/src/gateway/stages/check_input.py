"""May this be asked at all? And who looks at the answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.checks.check import Subject
from gateway.checks.output import OutputCheck

if TYPE_CHECKING:
    from gateway.checks.guard import Guard
    from gateway.exchange import Exchange

WITHOUT_TEXT = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})


class CheckInput:
    """Asks the check of requests, and puts the one of answers in the answer's way; only where one is configured."""

    def __init__(self, input_guard: Guard | None, output_guard: Guard | None, window_characters: int) -> None:
        self._input = input_guard
        self._output = output_guard
        self._window_characters = window_characters

    async def __call__(self, exchange: Exchange) -> None:
        if exchange.method in WITHOUT_TEXT:
            return
        document = exchange.document
        if self._input is not None:
            members = document.members if document is not None else None
            key = exchange.key_name
            await self._input.ask(Subject("input", exchange.request_id, key, exchange.path, members))
        if self._output is not None:
            exchange.output_check = OutputCheck(exchange, self._output, self._window_characters)
