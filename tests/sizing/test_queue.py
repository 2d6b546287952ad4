"""Waiting for a place: known results of queueing theory, and what must hold for every load."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.sizing.queue import Wait, p95_seconds, queue, same_stay_wait


def test_one_place_is_the_textbook_queue() -> None:
    """M/M/1 at 80%: 4 in the system, of which 0.8 in the place; 95% wait ln(0.8 / 0.05) / 0.2 seconds at most."""
    found = queue(0.8, [1.0])
    assert found.utilization == 0.8
    assert found.in_flight == pytest.approx(0.8)
    assert found.wait.mean_seconds == pytest.approx(4.0)
    assert p95_seconds(found.wait) == pytest.approx(math.log(0.8 / 0.05) / 0.2)


def test_several_places_are_erlang_c() -> None:
    """M/M/3 with 2 Erlang: 4/9 of the requests wait, 4/9 of a stay on average."""
    found = queue(2.0, [1.0, 2.0, 3.0])
    assert found.in_flight == pytest.approx(2.0)
    assert found.wait.share == pytest.approx(4 / 9)
    assert found.wait.mean_seconds == pytest.approx(4 / 9)


def test_a_quiet_replica_lets_nobody_wait() -> None:
    """At 1% of 16 places the wait is no number worth printing."""
    found = queue(0.16, [float(count) for count in range(1, 17)])
    assert found.wait.mean_seconds < 1e-12
    assert p95_seconds(found.wait) == 0.0
    assert found.in_flight_p95 == 1


def test_more_than_can_leave_waits_without_end() -> None:
    """At 100% and above the queue only grows; every place is taken."""
    found = queue(3.0, [1.0, 2.0, 3.0])
    assert (found.utilization, found.in_flight, found.wait.mean_seconds) == (1.0, 3, math.inf)
    assert p95_seconds(Wait(0.01, 1.0), found.wait) == math.inf


def test_equal_stays_wait_half_as_long_as_random_ones() -> None:
    """M/D/1 at 50% waits half a stay on average, M/M/1 a whole one."""
    found = same_stay_wait(0.5, 1.0)
    assert found.mean_seconds == pytest.approx(queue(0.5, [1.0]).wait.mean_seconds / 2)
    assert p95_seconds(found) > found.mean_seconds
    assert p95_seconds(same_stay_wait(0.04, 1.0)) == 0.0
    assert p95_seconds(same_stay_wait(1.0, 1.0)) == math.inf


def test_two_rare_waits_together_are_no_longer_rare() -> None:
    """4% wait for a place and 4% for a prompt: neither is in the 95th percentile by itself, together they are."""
    place, prompt = Wait(0.04, 10.0), Wait(0.04, 1.0)
    assert (p95_seconds(place), p95_seconds(prompt)) == (0.0, 0.0)
    late = p95_seconds(place, prompt)
    assert late > 0
    assert 0.04 * math.exp(-late / 10) + 0.04 * math.exp(-late) == pytest.approx(0.05)


rates = st.lists(st.floats(0.01, 5), min_size=1, max_size=256).map(
    lambda steps: [sum(steps[: n + 1]) for n in range(len(steps))]
)


@given(rates, st.floats(1e-6, 50), st.floats(1, 3))
def test_more_load_never_shortens_a_wait(finished: list[float], load: float, factor: float) -> None:
    """On every replica a larger load means no fewer in flight, within the places, and no shorter wait."""
    light, heavy = queue(load, finished), queue(load * factor, finished)
    assert 0 <= light.in_flight <= heavy.in_flight + 1e-9 <= len(finished) + 1e-6
    assert 0 <= light.wait.mean_seconds <= heavy.wait.mean_seconds * (1 + 1e-9) + 1e-12
    assert p95_seconds(light.wait) <= p95_seconds(heavy.wait) * (1 + 1e-9) + 1e-12
    assert light.in_flight_p95 <= heavy.in_flight_p95
