"""Does a burst begin a few at a time, in order, and does nothing wait that need not?"""

from __future__ import annotations

import asyncio

import pytest
from gateway.turns import Turns


def test_a_burst_begins_in_turns_and_in_order():
    """Three in each turn of the loop: what happens between two of them is answers'."""

    async def run() -> None:
        turns, begun = Turns(3), list[int]()

        async def one(number: int) -> None:
            await turns.begin()
            begun.append(number)

        tasks = [asyncio.create_task(one(number)) for number in range(8)]
        counts = []
        while len(begun) < 8:
            await asyncio.sleep(0)
            counts.append(len(begun))
        assert begun == list(range(8))
        steps = [after - before for before, after in zip([0, *counts], counts, strict=False)]
        assert max(steps) == 3
        await asyncio.gather(*tasks)

    asyncio.run(run())


def test_one_that_comes_alone_does_not_wait():
    """Nor does the next one, a turn later: nothing is left over from the one before."""

    async def run() -> None:
        turns = Turns(1)
        for _ in range(3):
            with pytest.raises(StopIteration):  # of a coroutine that has ended without waiting for anything
                turns.begin().send(None)
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    asyncio.run(run())


def test_who_leaves_while_waiting_takes_nobodys_turn():
    """A client that is gone, or a deadline."""

    async def run() -> None:
        turns = Turns(1)
        begun, left, next_one = (asyncio.create_task(turns.begin()) for _ in range(3))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.sleep(0)
        assert begun.done()
        await asyncio.wait_for(next_one, 1)
        assert left.cancelled()

    asyncio.run(run())
