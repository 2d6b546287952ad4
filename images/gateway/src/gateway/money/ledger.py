"""Has a key as much money left, in all replicas together? Answered here and now, from what this replica has on lease.

A lease is a fiftieth of the month's budget, set aside in the shared budgets by a step that cannot give out more than is
there. It is renewed in the background when half of it is used, so a request waits for the shared budgets only where it
needs more than is on lease: the first one of a month, or a burst. What lies idle for a minute is given back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from gateway.errors import RefusedError
from gateway.money.account import NANO, Account, nano_usd
from gateway.money.month import Month
from gateway.money.refusals import budget_unknown, budget_used_up
from gateway.money.shared_budgets import BudgetsSilentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gateway.keys import Key
    from gateway.money.shared_budgets import SharedBudgets

LEASES_PER_BUDGET = 50
EARLY = 2
TICK_SECONDS = 5.0
IDLE_SECONDS = 60.0
# A key that was refused is not looked up again sooner: others may have given something back.
REFUSED_SECONDS = 10.0
SILENT_SECONDS = 5.0
CLOSING_SECONDS = 3.0
# Items outlive their month by this, for those who want to look at them.
KEPT_SECONDS = 35 * 24 * 3600

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Lease:
    """An account with what the ledger knows about getting more for it."""

    account: Account
    month: Month
    used_at: float
    renewal: asyncio.Task[None] | None = None
    waiting: list[int] = field(default_factory=list[int])
    refused_from: int = 0
    """The smallest amount that the shared budgets did not have, until `refused_until`."""
    refused_until: float = float("-inf")

    def is_refused(self, amount: int, now: float) -> bool:
        return now < self.refused_until and amount - self.account.headroom >= self.refused_from

    def settle(self, reserved: int, actual: int) -> None:
        self.account.settle(reserved, actual)


class Ledger:
    """The accounts of this replica; without shared budgets each holds the whole budget."""

    def __init__(
        self,
        service: str,
        shared: SharedBudgets | None = None,
        *,
        serve_when_silent: bool = False,
        wall_clock: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wall_clock` gives seconds since the epoch."""
        self._service = service
        self._shared = shared
        self._serve_when_silent = serve_when_silent
        self._wall_clock = wall_clock
        self._clock = clock
        self._leases: dict[str, Lease] = {}
        self._past: list[Lease] = []
        self._silent_until = float("-inf")
        self._ticking: asyncio.Task[None] | None = None

    async def reserve(self, key: Key, amount: int) -> Lease:
        """Set `amount` (nano-USD) aside; it must be settled on the lease that comes back.

        Raises:
            RefusedError: 429 where the budget is used up, 503 where nobody knows.
        """
        usd_per_month = key.terms.usd_per_month
        if usd_per_month is None:
            raise ValueError(f"the key {key.name!r} has no budget")
        lease = self._lease_of(key.name, usd_per_month)
        account = lease.account
        while not account.reserve(amount):
            now = self._clock()
            if self._shared is None or amount > account.budget or lease.is_refused(amount, now):
                raise RefusedError(budget_used_up(usd_per_month, lease.month.ends_at - self._wall_clock()))
            if now < self._silent_until:
                return self._unasked(lease, amount)
            lease.waiting.append(amount)
            try:
                await asyncio.shield(self._renewal(lease, self._shared))
            finally:
                lease.waiting.remove(amount)
        lease.used_at = self._clock()
        if self._shared is not None and lease.renewal is None and account.headroom < _size(account) // EARLY:
            self._renew_early(lease, self._shared)
        return lease

    async def __aenter__(self) -> Self:
        if self._shared is not None:
            await self._shared.__aenter__()
            self._ticking = asyncio.create_task(self._tick_for_ever())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shared is None or self._ticking is None:
            return
        self._ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticking
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.give_back()
        await self._shared.__aexit__(kind, error, traceback)

    async def tick(self) -> None:
        """Tell the shared budgets what was spent beyond leases, and give back what lies idle."""
        long_ago = self._clock() - IDLE_SECONDS
        for lease in [*self._leases.values(), *self._past]:
            await self._balance(lease, idle=lease.used_at <= long_ago)
        self._past = [lease for lease in self._past if lease.account.reserved or lease.account.headroom]

    async def give_back(self) -> None:
        """At the end: all that is not used."""
        for lease in [*self._leases.values(), *self._past]:
            if lease.renewal is not None:
                await lease.renewal
            await self._balance(lease, idle=True)

    def _lease_of(self, name: str, usd_per_month: float) -> Lease:
        lease = self._leases.get(name)
        if lease is not None and self._wall_clock() >= lease.month.ends_at:
            if self._shared is not None:
                self._past.append(lease)
            lease = None
        if lease is None:
            month = Month.of(self._wall_clock())
            account = Account(f"{self._service}#{name}#{month.name}", budget=0)
            lease = self._leases[name] = Lease(account, month, self._clock())
        lease.account.budget = nano_usd(usd_per_month)
        if self._shared is None:
            lease.account.leased = lease.account.budget
        return lease

    def _unasked(self, lease: Lease, amount: int) -> Lease:
        """While nobody answers: either nothing beyond the lease, or up to the whole budget in each replica."""
        account = lease.account
        if not self._serve_when_silent:
            raise RefusedError(budget_unknown(SILENT_SECONDS))
        if account.spent + account.reserved + amount > account.budget:
            raise RefusedError(budget_used_up(account.budget / NANO, lease.month.ends_at - self._wall_clock()))
        account.reserved += amount
        lease.used_at = self._clock()
        return lease

    def _renew_early(self, lease: Lease, shared: SharedBudgets) -> None:
        now = self._clock()
        if now >= lease.refused_until and now >= self._silent_until:
            self._renewal(lease, shared)

    def _renewal(self, lease: Lease, shared: SharedBudgets) -> asyncio.Task[None]:
        """One at a time for each lease, however many requests wait for it."""
        if lease.renewal is None:
            lease.renewal = asyncio.create_task(self._renew(lease, shared))
        return lease.renewal

    async def _renew(self, lease: Lease, shared: SharedBudgets) -> None:
        account = lease.account
        least = max(1, min(lease.waiting, default=0) - account.headroom)
        most = max(_size(account), sum(lease.waiting) - account.headroom)
        try:
            taken = await shared.take(account.item, account.budget, least, most, _expires_at(lease))
            account.leased += taken
            if not taken:
                lease.refused_from, lease.refused_until = least, self._clock() + REFUSED_SECONDS
        except BudgetsSilentError as error:
            self._note_silence(error)
        finally:
            lease.renewal = None

    async def _balance(self, lease: Lease, *, idle: bool) -> None:
        account, shared = lease.account, self._shared
        if shared is None or lease.renewal is not None or self._clock() < self._silent_until:
            return
        amount = account.deficit
        if not amount and idle and not account.reserved:
            amount = -account.headroom
        if not amount:
            return
        # Before the answer is there: a request that comes meanwhile must not use what is being given back.
        account.leased += amount
        try:
            await shared.add(account.item, amount, _expires_at(lease))
        except BudgetsSilentError as error:
            self._note_silence(error)
            # In doubt for the budget: what may have been given back stays given back, what was spent is told again.
            if amount > 0 or not error.sent:
                account.leased -= amount

    def _note_silence(self, error: BudgetsSilentError) -> None:
        self._silent_until = self._clock() + SILENT_SECONDS
        log.error(
            "the shared budgets do not answer",
            extra={"fields": {"reason": str(error), "serving": self._serve_when_silent}},
        )

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.tick()
            except Exception:  # one bad tick must not be the last
                log.exception("balancing the budgets failed")


def _size(account: Account) -> int:
    return max(1, account.budget // LEASES_PER_BUDGET)


def _expires_at(lease: Lease) -> int:
    return int(lease.month.ends_at) + KEPT_SECONDS
