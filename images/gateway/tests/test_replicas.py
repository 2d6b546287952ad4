"""Do replicas that share a budget keep it, whatever happens to them and to the table?"""

from __future__ import annotations

import asyncio
from typing import Any

from fake_clock import FakeClock
from gateway.config.keys import KeyTerms
from gateway.errors import RefusedError
from gateway.keys import Key
from gateway.money.account import NANO
from gateway.money.ledger import Lease, Ledger
from gateway.money.month import Month
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_purse import SharedPurse

BEGAN = 1_795_000_000.0


MONTH = Month.of(BEGAN)


BUDGET = 1000


KEY = Key("a", KeyTerms(usd_per_month=BUDGET / NANO))


def ledger(
    shared: Any = None, *, wall: FakeClock | None = None, clock: FakeClock | None = None, serve: bool = False
) -> Ledger:
    return Ledger(
        "chat",
        shared,
        serve_when_silent=serve,
        wall_clock=wall or FakeClock(BEGAN),
        clock=clock or FakeClock(0.0),
    )


async def outcome(of: Ledger, amount: int) -> int | Lease:
    """The lease, or the status of the refusal."""
    try:
        return await of.reserve(KEY, amount)
    except RefusedError as refused:
        return refused.error.status


REPLICAS, AT_ONCE, MOST_OVER = 3, 2, 15


REPLICA = st.integers(0, REPLICAS - 1)


STEPS = st.one_of(
    st.tuples(st.just("reserve"), REPLICA, st.integers(20, 300)),
    st.tuples(st.just("reserve"), REPLICA, st.integers(20, 300)),
    st.tuples(st.just("settle"), REPLICA, st.sampled_from([-100, -10, 0, 0, MOST_OVER])),
    st.tuples(st.sampled_from(["tick", "tick", "restart", "crash"]), REPLICA, st.just(0)),
    st.tuples(st.just("silence"), st.sampled_from([0, 0, 1, 2]), st.just(0)),
    st.tuples(st.just("later"), st.sampled_from([1, 10, 60]), st.just(0)),
)


class Simulation:
    """Replicas over one purse, and what they let in and settled."""

    def __init__(self) -> None:
        self.purse, self.clock = SharedPurse(), FakeClock(0.0)
        self.ledgers = [ledger(self.purse, clock=self.clock) for _ in range(REPLICAS)]
        self.running: list[list[tuple[Lease, int]]] = [[] for _ in range(REPLICAS)]
        self.spent = self.lost = 0

    @property
    def reserved(self) -> int:
        return sum(amount for running in self.running for _, amount in running)

    async def reserve(self, replica: int, amount: int) -> None:
        if len(self.running[replica]) < AT_ONCE:
            got = await outcome(self.ledgers[replica], amount)
            if isinstance(got, Lease):
                self.running[replica].append((got, amount))

    async def settle(self, replica: int, over: int) -> None:
        if self.running[replica]:
            lease, reserved = self.running[replica].pop(0)
            actual = max(0, reserved + over)
            lease.settle(reserved, actual)
            self.spent += actual

    async def tick(self, replica: int, _: int) -> None:
        await self.ledgers[replica].tick()

    async def restart(self, replica: int, _: int) -> None:
        if not self.running[replica]:
            await self.ledgers[replica].give_back()
            await self.crash(replica, 0)

    async def crash(self, replica: int, _: int) -> None:
        if not self.running[replica]:
            self.lost += sum(lease.account.deficit for lease in self.ledgers[replica]._leases.values())
            self.ledgers[replica] = ledger(self.purse, clock=self.clock)

    async def silence(self, kind: int, _: int) -> None:
        self.purse.silent = [None, "before", "after"][kind]

    async def later(self, seconds: int, _: int) -> None:
        self.clock.advance(seconds)


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEPS, min_size=30, max_size=150))
def test_replicas_never_spend_more_than_the_budget_and_what_runs_beyond_its_reservation(
    steps: list[tuple[str, int, int]],
):
    """Through restarts, crashes and a table that falls silent before or after it has acted.

    The total stays within the budget and, for each replica, what the requests that run at the same time cost beyond
    their reservations; a crash loses what had not been told of that.
    """

    async def run() -> None:
        simulation = Simulation()
        for step, number, amount in steps:
            await getattr(simulation, step)(number, amount)
            await asyncio.sleep(0)
            most = BUDGET + REPLICAS * AT_ONCE * MOST_OVER + simulation.lost
            assert simulation.spent + simulation.reserved <= most

    asyncio.run(run())
