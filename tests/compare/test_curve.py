"""Cost over a range of loads, the lines of APIs, and where the two cross."""

from __future__ import annotations

from typing import Any

import pytest

from components.catalogue.apis import hosted_copies
from components.compare.curve import ApiLine, Curve, CurvePoint, Reach, api_lines, break_even, curves
from tests.compare.conftest import TODAY, Compared, candidates


def _curve(target: str, *points: tuple[float, float]) -> Curve:
    return Curve(target, tuple(CurvePoint(rate, usd, within_limits=True) for rate, usd in points))  # type: ignore[arg-type]


LINE = ApiLine("acme API", "this model at acme", 0.001)
"""0.73 USD a month for each request per hour."""


def test_the_break_even_is_where_a_flat_cost_meets_the_price_of_requests() -> None:
    """730 USD a month are 1,000 requests per hour at a tenth of a cent each, however far apart the points are."""
    flat = _curve("ecs", (900, 730), (1000, 730), (2000, 730))
    assert break_even([flat], LINE) == pytest.approx(1000)
    assert break_even([_curve("ecs", (10, 730), (90_000, 730))], LINE) == pytest.approx(1000)


def test_the_cheapest_target_decides() -> None:
    """At 100 and 1,000 requests the second target is cheaper, so its crossing counts."""
    dear, cheap = _curve("ecs", (100, 9000), (1000, 9000)), _curve("runpod", (100, 146), (1000, 146))
    rate = break_even([dear, cheap], LINE)
    assert rate is not None
    assert 100 < rate < 1000


def test_a_target_that_ends_early_leaves_the_range_to_the_others() -> None:
    """One target stops at 100 requests per hour; the other crosses the line far beyond."""
    short, long = _curve("sagemaker", (10, 100), (100, 100)), _curve("ecs", (10, 730), (100, 730), (1000, 730))
    assert break_even([short, long], LINE) == pytest.approx(1000)


def test_where_one_is_always_cheaper_it_is_any_load_or_none() -> None:
    """0 for GPUs that are below the line all along, None for GPUs that never reach it."""
    assert break_even([_curve("ecs", (1000, 100), (2000, 100))], LINE) == 0
    assert break_even([_curve("ecs", (1, 100), (10, 100))], LINE) is None
    assert break_even([_curve("ecs", (1, 0.5), (10, 100))], LINE) is None
    assert break_even([], LINE) is None


def test_a_curve_covers_the_three_loads_and_goes_on_with_more_replicas(
    qwen: dict[str, Any], compared: Compared
) -> None:
    """Within the limits it costs what the comparison says; beyond them it is marked and never cheaper."""
    comparison = compared(qwen)
    found = curves(comparison, candidates(qwen), TODAY, Reach(3.0, 4))
    assert [curve.target for curve in found] == ["ecs", "sagemaker", "runpod"]
    ecs = found[0]
    rates = [point.requests_per_hour for point in ecs.points]
    assert rates == sorted(rates)
    assert {traffic.requests_per_hour for traffic in comparison.traffics} <= set(rates)
    declared = next(point for point in ecs.points if point.requests_per_hour == 300)
    assert declared.usd_per_month == comparison.columns[0].at_loads[1].usd_per_month
    within = [point.within_limits for point in ecs.points]
    assert within == sorted(within, reverse=True)
    assert (within[0], within[-1]) == (True, False)
    usd = [point.usd_per_month for point in ecs.points]
    assert usd == sorted(usd)


def test_a_refused_target_has_no_curve(llama: dict[str, Any], compared: Compared) -> None:
    """SageMaker refuses a gated model from the Hub."""
    found = curves(compared(llama), candidates(llama), TODAY, Reach(1.0, 1))
    assert [curve.target for curve in found] == ["ecs", "runpod"]


def test_apis_are_the_cheapest_and_dearest_copy_and_a_known_one(llama: dict[str, Any], compared: Compared) -> None:
    """The price of a request is that of its prompt and its answer."""
    lines = api_lines(compared(llama))
    prices = [copy.usd(1500, 300) for copy in hosted_copies("meta-llama/Llama-3.1-8B-Instruct")]
    assert [line.usd_per_request for line in lines[:2]] == [min(prices), max(prices)]
    assert lines[2].name == "gpt-4o"


def test_a_model_that_nobody_hosts_has_the_known_api_alone(compared: Compared) -> None:
    """A shape of one's own."""
    shape = {
        "parameters_b": 8.0, "layers": 32, "hidden": 4096, "intermediate": 14336, "heads": 32, "kv_heads": 8,
        "vocab": 128256, "max_context_tokens": 8192,
    }  # fmt: skip
    assert [
        line.name for line in api_lines(compared({"name": "own", "model": {"id": "acme/own", "shape": shape}}))
    ] == ["gpt-4o"]


def test_requests_while_asleep_are_not_billed_by_an_api_either(qwen: dict[str, Any], compared: Compared) -> None:
    """Half the week awake: half the price of the API for the same load."""
    always = api_lines(compared(qwen))[-1]
    nights_off = {"schedule": {"hours": "Mon-Sun 08:00-20:00 Europe/Berlin"}}
    half = api_lines(compared(qwen, nights_off))[-1]
    assert half.usd_per_month(100) == pytest.approx(always.usd_per_month(100) / 2)
    assert half.usd_per_request == always.usd_per_request
