"""What is a stage? Something that a request passes, or that ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gateway.exchange import Exchange


class Stage(Protocol):
    """Reads and fills the exchange.

    It may answer by itself (`exchange.answer`): the stages behind it are then left out. What it takes for the time of
    the request (a place, a budget), it gives back in a callable that it adds to `exchange.settlements`.
    """

    async def __call__(self, exchange: Exchange) -> None:
        """Let the exchange pass.

        Raises:
            RefusedError: with the answer that the client gets instead.
        """
        ...
