"""Which loads describe how the cost of a service grows?"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from components.cost.break_even import CostCurve
from components.plan.priced import smooth, stepwise
from components.plan.week import Week, running

Planner = "Callable[..., Plan]"


def _week(requests: tuple[float, ...], awake: tuple[float, ...] = (1.0,) * 168) -> Week:
    return Week("UTC", awake, requests, None)


def test_whole_replicas_step_where_one_is_full() -> None:
    """Replicas of 100 an hour and 50 requests: one is full at twice the load, three at six times; below and above."""
    scales = stepwise(3, 100.0)(_week((50.0,) * 168))
    assert [round(scale, 6) for scale in scales] == [0.0002, 2.0, 2.0, 4.0, 4.0, 6.0, 6.0]
    for below, above in ((scales[1], scales[2]), (scales[3], scales[4])):
        assert below < round(below) < above


def test_each_rate_of_the_week_has_its_own_steps() -> None:
    """50 an hour fills a replica at twice the load, 25 at four times; a sleeping hour fills none."""
    week = _week((50.0, 25.0, 1.0, *(0.0,) * 165), (1.0, 1.0, 0.0, *(1.0,) * 165))
    assert [round(scale, 6) for scale in stepwise(1, 100.0)(week)] == [0.0002, 2.0, 2.0, 4.0, 4.0]


def test_many_replicas_are_described_by_a_few_of_their_steps() -> None:
    """The first and the last are among them."""
    scales = stepwise(100, 10.0)(_week((10.0,) * 168))
    assert len(scales) < 50
    assert (round(scales[1], 6), round(scales[-1], 6)) == (1.0, 100.0)


def test_workers_that_come_and_go_are_described_from_next_to_nothing_to_full() -> None:
    """Each load is larger than the last by the same factor."""
    scales = smooth(2, 100.0)(_week((50.0, 25.0) * 84))
    assert (scales[0], scales[-1]) == (pytest.approx(1e-4 * 200 / 50), pytest.approx(200 / 25))
    factors = [later / earlier for earlier, later in pairwise(scales)]
    assert factors == pytest.approx([factors[0]] * len(factors))


@pytest.mark.parametrize("scales", [stepwise(2, 100.0), smooth(2, 100.0)])
def test_a_week_in_which_nobody_is_answered_has_no_curve(scales: Any) -> None:
    """All requests come while the service sleeps."""
    assert scales(_week((50.0,) * 168, (0.0,) * 168)) == []


def test_the_second_replica_costs_from_where_the_first_is_full() -> None:
    """3 USD for each replica of 7 an hour, whose steps do not divide evenly: no slope between one and two of them."""
    week = _week((3.0,) * 168)
    points = [
        (scale, 3.0 * (runs.replicas[0] if (runs := running(_week((3.0 * scale,) * 168), _needed)) else 0.0))
        for scale in stepwise(3, 7.0)(week)
    ]
    assert [usd for _, usd in points] == [3.0, 3.0, 6.0, 6.0, 9.0, 9.0, 9.0]
    assert CostCurve(tuple(points)).break_even(1.4) == pytest.approx(3 / 1.4)


def _needed(rate: float) -> float:
    return min(3, max(1, -(-rate // 7.0)))


def test_a_plan_has_a_step_for_each_replica(llama: dict[str, Any], plan: Planner) -> None:
    """What the most replicas can answer is three times what one can, in tokens."""
    one = plan(llama, {"scaling": {"max_replicas": 1}}).apis
    three = plan(llama, {"scaling": {"max_replicas": 3}}).apis
    assert three.capacity_million_tokens == pytest.approx(3 * one.capacity_million_tokens)
