"""What does a request cost on an upstream?"""

from __future__ import annotations

import pytest
from fake_clock import FakeClock
from gateway.money.price import HourlyPrice, TokenPrice
from gateway.usage import Tokens
from hypothesis import given
from hypothesis import strategies as st


def test_requests_share_the_replicas_price_while_they_run_together():
    """3.60 USD an hour are 0.1 cent a second: alone one pays all of it, together half, and idle time is nobody's."""
    clock = FakeClock(0.0)
    price = HourlyPrice(3.6, clock=clock)
    first = price.begin()
    clock.advance(10)
    second = price.begin()
    clock.advance(4)
    assert price.end(first) == pytest.approx(0.010 + 0.002)
    clock.advance(1)
    assert price.end(second) == pytest.approx(0.002 + 0.001)
    clock.advance(100)
    assert price.end(price.begin()) == 0


@given(steps=st.lists(st.tuples(st.booleans(), st.floats(0, 30)), max_size=60), price=st.floats(0.1, 50))
def test_what_all_requests_cost_is_what_the_replica_cost_while_it_was_busy(
    steps: list[tuple[bool, float]], price: float
):
    """Never more than the bill, whatever overlaps: the sum is the price times the busy hours."""
    clock = FakeClock(0.0)
    hourly = HourlyPrice(price, clock=clock)
    running: list[float] = []
    total = busy = 0.0
    for begins, pause in steps:
        if begins or not running:
            running.append(hourly.begin())
        else:
            total += hourly.end(running.pop(0))
        clock.advance(pause)
        busy += pause if running else 0
    total += sum(hourly.end(began) for began in reversed(running))
    assert total == pytest.approx(busy * price / 3600)


def test_several_replicas_behind_one_address_cost_as_many_times():
    """Twelve requests at eight for each replica keep two of them busy."""
    clock = FakeClock(0.0)
    price = HourlyPrice(3600, requests_per_replica=8, clock=clock)
    began = [price.begin() for _ in range(12)]
    clock.advance(1)
    assert sum(price.end(one) for one in began) == pytest.approx(2)


def bill(
    gateways: int, said: int, *, in_flight: int, requests_per_replica: int | None = None, seconds: int = 10
) -> float:
    """What a day costs, in replicas, of gateways with so many requests of `seconds` each, one behind the other."""
    clock = FakeClock(0.0)
    prices = [HourlyPrice(3600, requests_per_replica, said, clock) for _ in range(gateways)]
    total = 0.0
    running = [(price, price.begin()) for price in prices for _ in range(in_flight)]
    for _ in range(86400 // seconds):
        clock.advance(seconds)
        total += sum(price.end(began) for price, began in running)
        running = [(price, price.begin()) for price, _ in running]
    return total / 86400


def test_a_replica_that_several_gateways_share_is_paid_for_once():
    """Three that knew nothing of each other would bill it three times; some minutes are what they need to learn."""
    assert bill(3, said=1, in_flight=4) == pytest.approx(3)
    assert bill(3, said=3, in_flight=4) == pytest.approx(1, abs=0.05)
    assert bill(2, said=2, in_flight=1) == pytest.approx(1, abs=0.03)


def test_what_others_are_said_to_have_changes_during_a_long_answer():
    """An hour's answer in each of two gateways: one by itself for the first minutes, a half for the rest."""
    clock = FakeClock(0.0)
    prices = [HourlyPrice(3600, gateways=2, clock=clock) for _ in range(2)]
    began = [price.begin() for price in prices]
    clock.advance(3600)
    assert sum(price.end(one) for price, one in zip(prices, began, strict=True)) == pytest.approx(3600, rel=0.12)


def test_gateways_count_the_replicas_that_all_of_their_requests_keep_busy():
    """Three with four requests each, at eight for a replica, are two replicas and not three, nor one."""
    assert bill(3, said=3, in_flight=4, requests_per_replica=8) == pytest.approx(2, abs=0.05)


def test_a_gateway_that_is_rarely_busy_pays_for_the_replica_alone():
    """A request a quarter of an hour meets nobody: that another gateway could be there makes it no cheaper."""
    clock = FakeClock(0.0)
    price = HourlyPrice(3600, gateways=2, clock=clock)
    for _ in range(3):
        began = price.begin()
        clock.advance(10)
        assert price.end(began) == pytest.approx(10, rel=0.02)
        clock.advance(900)


def test_what_is_expected_is_learnt_from_what_was_paid():
    """Before the first answer half a minute at today's share; then what an estimated token has cost."""
    price = HourlyPrice(3600)
    assert price.expected_usd(Tokens(10, 90)) == pytest.approx(30)
    price.begin()
    assert price.expected_usd(Tokens(10, 90)) == pytest.approx(15)
    price.learn(Tokens(10, 90), 2.0)
    assert price.expected_usd(Tokens(20, 180)) == pytest.approx(4)
    price.learn(Tokens(0, 100), 4.0)
    assert price.expected_usd(Tokens(100, 0)) == pytest.approx(2.2)


def test_a_hosted_api_costs_by_tokens():
    """0.50 USD per million in, 2 USD per million out; its time costs nothing."""
    price = TokenPrice(0.5, 2.0)
    assert price.tokens_usd(Tokens(1000, 500)) == pytest.approx(0.0015)
    assert price.expected_usd(Tokens(1000, 500)) == pytest.approx(0.0015)
    assert price.end(price.begin()) == 0
