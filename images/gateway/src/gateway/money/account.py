"""How much of its monthly budget has a key left in this replica? In whole nano-USD: nothing is lost in rounding."""

from __future__ import annotations

import math
from dataclasses import dataclass

NANO = 1_000_000_000


def nano_usd(usd: float) -> int:
    """Rounded up: a request is never free.

    >>> nano_usd(0.0000000001), nano_usd(1.5)
    (1, 1500000000)
    """
    return math.ceil(usd * NANO)


@dataclass(slots=True)
class Account:
    """One key in one month. Of the shared budget, `leased` has been set aside for this replica.

    >>> account = Account("chat#a#2026-11", budget=100, leased=50)
    >>> account.reserve(40), account.reserve(20)
    (True, False)
    >>> account.settle(40, 60)
    >>> account.headroom, account.deficit
    (-10, 10)
    """

    item: str
    budget: int
    leased: int = 0
    spent: int = 0
    reserved: int = 0

    @property
    def headroom(self) -> int:
        """What the lease still holds for new requests."""
        return self.leased - self.spent - self.reserved

    @property
    def deficit(self) -> int:
        """What was spent beyond the lease: requests that cost more than was reserved for them."""
        return max(0, self.spent - self.leased)

    def reserve(self, amount: int) -> bool:
        """Set `amount` aside for a request, if there is as much."""
        if amount > self.headroom:
            return False
        self.reserved += amount
        return True

    def settle(self, reserved: int, actual: int) -> None:
        """The request is over, and has cost `actual`."""
        self.reserved -= reserved
        self.spent += actual
