"""Is a failing upstream left alone, and found again?"""

from __future__ import annotations

from typing import Any

from gateway.config.routes import BreakerConfig
from gateway.upstreams.breaker import Breaker
from hypothesis import given
from hypothesis import strategies as st


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker_and_clock(**settings: Any) -> tuple[Breaker, Clock]:
    clock = Clock()
    return Breaker(BreakerConfig(**settings), clock), clock


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed()


def test_it_opens_at_the_fifth_failure_in_a_row():
    """Four failures and a success are four failures again; the fifth in a row stops the asking for 5 seconds."""
    breaker, clock = breaker_and_clock()
    fail(breaker, 4)
    breaker.succeeded()
    fail(breaker, 4)
    assert (breaker.open, breaker.wait_seconds) == (False, 0)
    breaker.failed()
    assert (breaker.open, breaker.wait_seconds) == (True, 5)
    clock.now += 4
    assert breaker.wait_seconds == 1
    clock.now += 1
    assert (breaker.open, breaker.wait_seconds) == (True, 0)


def test_one_request_finds_out_while_the_others_wait():
    """After the cooldown one may try; until it succeeds, or for another cooldown, nobody else may."""
    breaker, clock = breaker_and_clock(failures=1)
    breaker.failed()
    clock.now += 5
    breaker.try_again()
    assert breaker.wait_seconds == 5
    breaker.succeeded()
    assert (breaker.open, breaker.wait_seconds) == (False, 0)


def test_a_trial_that_never_ends_does_not_close_the_way_for_ever():
    """A trial that hangs for minutes is followed by another after each cooldown."""
    breaker, clock = breaker_and_clock(failures=1)
    breaker.failed()
    clock.now += 5
    breaker.try_again()
    clock.now += 5
    assert breaker.wait_seconds == 0


def test_each_failed_trial_doubles_the_cooldown_up_to_the_longest():
    """5, 10, 20, 40, 60, 60 seconds; a success begins anew with 5."""
    breaker, clock = breaker_and_clock(failures=1)
    breaker.failed()
    waits = []
    for _ in range(6):
        waits.append(breaker.wait_seconds)
        clock.now += breaker.wait_seconds
        breaker.try_again()
        breaker.failed()
    assert waits == [5, 10, 20, 40, 60, 60]
    breaker.succeeded()
    breaker.failed()
    assert breaker.wait_seconds == 5


def test_failures_of_requests_that_were_under_way_change_nothing():
    """A hundred requests that die with the engine are one outage, not a hundred cooldowns."""
    breaker, clock = breaker_and_clock()
    fail(breaker, 100)
    assert breaker.wait_seconds == 5
    clock.now += 2
    fail(breaker, 100)
    assert breaker.wait_seconds == 3


def test_switched_off_it_never_opens():
    """`enabled: false` asks a dead upstream for ever."""
    breaker, _ = breaker_and_clock(enabled=False)
    fail(breaker, 100)
    assert (breaker.open, breaker.wait_seconds) == (False, 0)


@given(st.lists(st.sampled_from(["failed", "succeeded", "wait"]), max_size=60))
def test_the_wait_is_bounded_and_a_success_always_ends_it(steps: list[str]):
    """Whatever happened before, the wait is never longer than 60 seconds, and none is left after a success."""
    breaker, clock = breaker_and_clock(failures=2)
    for step in steps:
        if step == "wait":
            clock.now += breaker.wait_seconds
            if breaker.open:
                breaker.try_again()
        else:
            getattr(breaker, step)()
        assert 0 <= breaker.wait_seconds <= 60
    breaker.succeeded()
    assert (breaker.open, breaker.wait_seconds) == (False, 0)
