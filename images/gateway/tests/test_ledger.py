"""Does the budget of a month hold, from lease to lease?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_clock import FakeClock
from gateway.config.keys import KeyTerms
from gateway.errors import RefusedError
from gateway.keys import Key
from gateway.money.account import NANO
from gateway.money.ledger import IDLE_SECONDS, REFUSED_SECONDS, SILENT_SECONDS, Lease, Ledger
from gateway.money.month import Month
from shared_purse import SharedPurse

BEGAN = 1_795_000_000.0
MONTH = Month.of(BEGAN)
ITEM = f"chat#a#{MONTH.name}"
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


def test_without_a_table_a_replica_keeps_the_budget_in_memory():
    """What is settled counts, what was reserved too much comes back, and with the next month all is new."""

    async def run() -> None:
        wall = FakeClock(BEGAN)
        own = ledger(wall=wall)
        lease = await own.reserve(KEY, 600)
        assert await outcome(own, 500) == 429
        lease.settle(600, 100)
        again = await own.reserve(KEY, 900)
        assert await outcome(own, 1) == 429
        wall.now = MONTH.ends_at
        assert isinstance(await outcome(own, 1000), Lease)
        again.settle(900, 900)
        assert await outcome(own, 1) == 429

    asyncio.run(run())


def test_the_refusal_says_when_the_next_month_begins():
    """OpenAI's insufficient_quota, the seconds until midnight UTC of the first, and no retry of the SDK."""

    async def run() -> None:
        own = ledger(wall=FakeClock(MONTH.ends_at - 90))
        with pytest.raises(RefusedError) as caught:
            await own.reserve(KEY, 1001)
        error = caught.value.error
        assert (error.status, error.type, error.code) == (429, "insufficient_quota", "insufficient_quota")
        assert dict(error.headers) == {"retry-after": "90", "x-should-retry": "false"}

    asyncio.run(run())


def test_a_request_waits_for_the_table_only_where_its_lease_is_too_small():
    """The first of the month asks, and a burst beyond the lease; what is between is served from the lease."""

    async def run() -> None:
        purse = SharedPurse()
        own = ledger(purse)
        await own.reserve(KEY, 1)
        assert (purse.asked, purse.taken) == (1, {ITEM: 20})
        for _ in range(9):
            await own.reserve(KEY, 1)
        assert purse.asked == 1
        await own.reserve(KEY, 1)
        # Half is used: the next lease is fetched while requests go on.
        await asyncio.sleep(0)
        assert (purse.asked, purse.taken) == (2, {ITEM: 40})
        await own.reserve(KEY, 200)
        assert purse.taken[ITEM] >= 211

    asyncio.run(run())


def test_a_burst_asks_once():
    """Thirty requests that come together wait for one lease that is large enough for all."""

    async def run() -> None:
        purse = SharedPurse()
        own = ledger(purse)
        leases = await asyncio.gather(*(own.reserve(KEY, 10) for _ in range(30)))
        assert leases[0].account.reserved == 300
        assert purse.asked <= 3

    asyncio.run(run())


def test_a_restart_forgets_nothing_and_an_orderly_end_loses_nothing():
    """What was spent stays taken; the rest of the lease is there for others."""

    async def run() -> None:
        purse = SharedPurse()
        async with ledger(purse) as first:
            lease = await first.reserve(KEY, 300)
            lease.settle(300, 250)
        assert purse.taken == {ITEM: 250}
        assert await outcome(ledger(purse), 751) == 429
        assert isinstance(await outcome(ledger(purse), 750), Lease)

    asyncio.run(run())


def test_what_lies_idle_for_a_minute_is_given_back():
    """Otherwise a replica without requests would keep others from the rest of the budget."""

    async def run() -> None:
        purse, clock = SharedPurse(), FakeClock(0.0)
        own = ledger(purse, clock=clock)
        lease = await own.reserve(KEY, 5)
        lease.settle(5, 5)
        await own.tick()
        assert purse.taken == {ITEM: 20}
        clock.advance(IDLE_SECONDS)
        await own.tick()
        assert purse.taken == {ITEM: 5}
        assert isinstance(await outcome(own, 900), Lease)

    asyncio.run(run())


@pytest.mark.parametrize("silent", [None, "after"])
def test_what_was_given_back_is_not_spent(silent: str | None):
    """Also where the answer was lost: it may have been given back, and others may have it by now."""

    async def run() -> None:
        purse, clock = SharedPurse(), FakeClock(0.0)
        own = ledger(purse, clock=clock)
        lease = await own.reserve(KEY, 5)
        lease.settle(5, 5)
        clock.advance(IDLE_SECONDS)
        purse.silent = silent
        await own.tick()
        purse.silent = None
        clock.advance(SILENT_SECONDS)
        assert isinstance(await outcome(ledger(purse), 995), Lease)
        assert await outcome(own, 5) == 429

    asyncio.run(run())


def test_what_was_not_given_back_is_still_there():
    """Where the table was not reached at all, the lease holds."""

    async def run() -> None:
        purse, clock = SharedPurse(), FakeClock(0.0)
        own = ledger(purse, clock=clock)
        lease = await own.reserve(KEY, 5)
        lease.settle(5, 5)
        clock.advance(IDLE_SECONDS)
        purse.silent = "before"
        await own.tick()
        assert isinstance(await outcome(own, 15), Lease)

    asyncio.run(run())


def test_what_costs_more_than_was_reserved_is_told_to_the_others():
    """The next tick writes it down, beyond the budget if need be."""

    async def run() -> None:
        purse = SharedPurse()
        own = ledger(purse)
        lease = await own.reserve(KEY, 1000)
        lease.settle(1000, 1300)
        await asyncio.sleep(0)
        await own.tick()
        assert purse.taken == {ITEM: 1300}

    asyncio.run(run())


def test_a_used_up_budget_is_not_looked_up_for_each_request():
    """For some seconds the answer is known; a smaller request may still ask."""

    async def run() -> None:
        purse, clock = SharedPurse(), FakeClock(0.0)
        purse.taken[ITEM] = 990
        own = ledger(purse, clock=clock)
        assert [await outcome(own, 50) for _ in range(5)] == [429] * 5
        assert purse.asked == 1
        assert isinstance(await outcome(own, 5), Lease)
        purse.taken[ITEM] = 500
        clock.advance(REFUSED_SECONDS)
        assert isinstance(await outcome(own, 50), Lease)

    asyncio.run(run())


@pytest.mark.parametrize("silent", ["before", "after"])
def test_while_the_table_is_silent_the_lease_is_served_and_then_503(silent: str):
    """Closed by default; nobody waits again for some seconds, and afterwards all is as before."""

    async def run() -> None:
        purse, clock = SharedPurse(), FakeClock(0.0)
        own = ledger(purse, clock=clock)
        await own.reserve(KEY, 10)
        purse.silent = silent
        assert isinstance(await outcome(own, 10), Lease)
        assert [await outcome(own, 10) for _ in range(5)] == [503] * 5
        assert purse.asked == 2
        purse.silent = None
        clock.advance(SILENT_SECONDS)
        assert isinstance(await outcome(own, 10), Lease)

    asyncio.run(run())


def test_where_it_is_set_so_a_silent_table_stops_nobody():
    """Up to the whole budget in each replica; what was spent meanwhile is told when the table answers again."""

    async def run() -> None:
        purse, clock = SharedPurse(), FakeClock(0.0)
        purse.silent = "before"
        own = ledger(purse, clock=clock, serve=True)
        lease = await own.reserve(KEY, 700)
        assert await outcome(own, 400) == 429
        lease.settle(700, 650)
        purse.silent = None
        clock.advance(SILENT_SECONDS)
        await own.tick()
        assert purse.taken == {ITEM: 650}

    asyncio.run(run())
