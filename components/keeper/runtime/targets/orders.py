"""How are several orders given so that one which is refused does not keep the others from being carried out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.keeper.runtime.errors import BusyError, KeeperError

if TYPE_CHECKING:
    from collections.abc import Callable


class Orders:
    """The orders of one run: a rule of a load balancer that cannot be switched must not keep a GPU running."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._failed: list[KeeperError] = []

    def give(self, order: Callable[[], str]) -> None:
        """Give one order; it returns what it did, empty for nothing."""
        try:
            self._done.append(order())
        except KeeperError as error:
            self._failed.append(error)

    def result(self) -> str:
        """Return what was done.

        Raises:
            KeeperError: some order was refused; a BusyError alone where that was the only reason.
        """
        serious = [error for error in self._failed if not isinstance(error, BusyError)]
        if len(serious) == 1 or (not serious and self._failed):
            raise (serious or self._failed)[0]
        if serious:
            raise KeeperError("; ".join(str(error) for error in serious))
        return "; ".join(text for text in self._done if text)
