"""What do replicas share in a test? Budgets in memory, which can fall silent before or after they have acted."""

from __future__ import annotations

from typing import Self

from gateway.money.shared_budgets import BudgetsSilentError


class SharedPurse:
    """Keeps the promise of SharedBudgets: never gives out more than there is."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.silent: str | None = None
        """`before` loses a question, `after` loses its answer."""
        self.asked = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""

    async def take(self, item: str, budget: int, least: int, most: int, expires_at: int) -> int:
        del expires_at
        self._hear()
        left = budget - self.taken.get(item, 0)
        amount = most if most <= left else max(least, left // 2)
        granted = amount if least <= amount <= left else 0
        self.taken[item] = self.taken.get(item, 0) + granted
        self._answer()
        return granted

    async def add(self, item: str, amount: int, expires_at: int) -> None:
        del expires_at
        self._hear()
        self.taken[item] = self.taken.get(item, 0) + amount
        self._answer()

    def _hear(self) -> None:
        self.asked += 1
        if self.silent == "before":
            raise BudgetsSilentError("down", sent=False)

    def _answer(self) -> None:
        if self.silent == "after":
            raise BudgetsSilentError("no answer in time", sent=True)
