"""Does a token bucket keep its rate, and say when to come back?"""

from __future__ import annotations

import pytest
from fake_clock import FakeClock
from gateway.limits.bucket import Bucket
from hypothesis import given
from hypothesis import strategies as st


@given(
    per_minute=st.integers(1, 1000),
    steps=st.lists(st.tuples(st.floats(0, 90), st.integers(1, 1500)), max_size=60),
)
def test_no_stretch_of_time_sees_more_than_the_burst_and_the_rate(per_minute: int, steps: list[tuple[float, int]]):
    """Whatever comes when: what passed is at most a full bucket, the rate times the time, and one oversized request."""
    clock = FakeClock(0.0)
    bucket = Bucket(per_minute, clock())
    passed = largest = 0
    for pause, amount in steps:
        clock.advance(pause)
        if not bucket.try_take(amount, clock()):
            passed += amount
            largest = max(largest, amount)
        assert passed <= per_minute + per_minute / 60 * clock() + max(0, largest - per_minute) + 0.001


@given(
    per_minute=st.integers(1, 1000), taken=st.integers(0, 3000), amount=st.integers(1, 3000), seconds=st.floats(0, 60)
)
def test_retry_after_is_exact(per_minute: int, taken: int, amount: int, seconds: float):
    """After the time that was named it passes, and shortly before it did not."""
    bucket = Bucket(per_minute, 0.0)
    bucket.try_take(taken, 0.0)
    wait = bucket.wait_seconds(amount, seconds)
    assert bucket.wait_seconds(amount, seconds + wait * 0.99) > 0 or wait < 0.001
    assert bucket.wait_seconds(amount, seconds + wait + 0.001) == 0


def test_what_was_reserved_too_much_is_given_back_and_what_was_too_little_is_owed():
    """The bucket is never more than full, and a debt is worked off before anything else passes."""
    bucket = Bucket(100, 0.0)
    bucket.try_take(80, 0.0)
    bucket.give_back(75)
    assert bucket.standing(0.0)[0] == 95
    bucket.give_back(50)
    assert bucket.standing(0.0)[0] == 100
    bucket.try_take(60, 0.0)
    bucket.give_back(-140)
    assert bucket.standing(0.0)[0] == 0
    assert bucket.wait_seconds(1, 0.0) == pytest.approx(60.6)
