"""Does the comparison with APIs count the same tokens, and say who is cheaper?"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.catalogue.apis import hosted_copies, named_apis
from components.cost.apis import ApiComparison, against_apis
from components.cost.break_even import CostCurve
from components.cost.traffic import Traffic

LLAMA = "meta-llama/Llama-3.3-70B-Instruct"
TRAFFIC = Traffic(requests=304_000, input_tokens=608e6, output_tokens=152e6)
"""10,000 requests a day of 2,000 tokens in and 500 out."""
CURVE = CostCurve(((0.0, 800.0), (1000.0, 800.0)))


def _compared(model: str = LLAMA, own: float | None = 2455.0, **changes: bool) -> ApiComparison:
    found = against_apis(model, TRAFFIC, own, CURVE, **changes)
    assert found is not None
    return found


def test_an_api_costs_its_prices_times_the_tokens() -> None:
    """gpt-4o: 608 million in at 2.50 and 152 million out at 10 USD a million are 1,520 + 1,520 = 3,040 USD."""
    row = next(row for row in _compared().rows if row.model == "gpt-4o")
    assert (row.provider, row.usd_per_month, row.usd_per_million_tokens) == ("openai", 3040.0, 4.0)
    assert not row.hosts_this_model


def test_break_even_is_the_least_deployment_over_the_price_of_a_token() -> None:
    """800 USD at 4 USD a million of this mix: 200 million tokens a month; none below 0.80, where 1,000 are all it can.

    The cheapest copies of the model cost less than that.
    """
    rows = {row.model: row for row in _compared().rows}
    assert rows["gpt-4o"].break_even_million_tokens == pytest.approx(200.0)
    cheapest = _compared().hosted_copies[0]
    assert cheapest.usd_per_million_tokens < 0.8
    assert cheapest.break_even_million_tokens is None


def test_copies_of_the_model_come_first_and_each_group_is_sorted_by_cost() -> None:
    """Cheapest first at this mix of tokens, then the well-known APIs of other models."""
    compared = _compared()
    copies, others = compared.hosted_copies, compared.rows[len(compared.hosted_copies) :]
    assert len(copies) == len(hosted_copies(LLAMA)) > 3
    assert {row.model for row in others} == {price.model for price in named_apis()}
    for group in (copies, others):
        assert [row.usd_per_month for row in group] == sorted(row.usd_per_month for row in group)
        assert len(group) == len({row.model + row.provider for row in group})


def test_the_api_is_cheaper_is_said_when_it_is() -> None:
    """With both amounts and the provider's name."""
    copy = _compared().hosted_copies[0]
    assert _compared().verdict == (
        f"the API is cheaper: {copy.usd_per_month:,.2f} USD a month for the same model at {copy.provider}, against "
        "2,455.00 here"
    )


def test_the_own_deployment_is_cheaper_is_said_when_it_is() -> None:
    """Against the cheapest hosted copy, not against a dearer model."""
    copy = _compared().hosted_copies[0]
    assert _compared(own=10.0).verdict == (
        f"the own deployment is cheaper: 10.00 USD a month, against {copy.usd_per_month:,.2f} for the same model at "
        f"{copy.provider}, the cheapest API"
    )


def test_a_copy_of_the_users_own_is_compared_with_the_base_model_alone() -> None:
    """Nobody hosts a private fine-tune, and the comparison says so; published weights need no such words."""
    private = _compared(private_weights=True)
    assert " for the base model at " in private.verdict
    assert private.caveats[0] == (
        f"the weights come from your bucket: APIs host {LLAMA} as published, and no fine-tune of it; if yours is one, "
        "the comparison is with the base model alone"
    )
    assert not any("fine-tune" in caveat for caveat in _compared().caveats)


def test_a_model_that_nobody_hosts_is_compared_with_other_models() -> None:
    """The verdict names it, and never calls another model the same."""
    compared = _compared("acme/own-8b", own=3039.0)
    assert compared.hosted_copies == ()
    cheapest = compared.rows[0]
    assert compared.verdict == (
        f"no API of the catalogue hosts this model; of other models the API of {cheapest.model} is cheaper: "
        f"{cheapest.usd_per_month:,.2f} USD a month, against 3,039.00 here"
    )
    assert _compared("acme/own-8b", own=1.0).verdict == (
        "no API of the catalogue hosts this model, and 1.00 USD a month here is less than every well-known API of "
        "another model costs"
    )
    assert not any("fine-tune" in caveat for caveat in _compared("acme/own-8b", private_weights=True).caveats)


def test_an_unknown_cost_has_no_verdict() -> None:
    """The rows stand, without a break-even."""
    compared = against_apis(LLAMA, TRAFFIC, None, None)
    assert compared is not None
    assert compared.verdict == "no verdict: what the own deployment costs is unknown"
    assert (compared.own_usd_per_million_tokens, compared.capacity_million_tokens) == (None, None)
    assert {row.break_even_million_tokens for row in compared.rows} == {None}


@pytest.mark.parametrize("traffic", [None, Traffic(0, 0, 0)])
def test_without_tokens_there_is_nothing_to_compare(traffic: Traffic | None) -> None:
    """No load, or none that is answered."""
    assert against_apis(LLAMA, traffic, 800.0, CURVE) is None


def test_one_more_replica_moves_the_break_even() -> None:
    """800 USD up to 1,000 million tokens, 1,500 up to 2,000: at 0.76 USD a million the second replica pays off.

    One full replica costs 0.80 a million; with two the API's bill is reached at 1,500 / 0.76 = 1,973.7 million.
    """
    curve = CostCurve(((0.0, 800.0), (1000.0, 800.0), (1000.0, 1500.0), (2000.0, 1500.0)))
    assert curve.break_even(0.8) == pytest.approx(1000.0)
    assert curve.break_even(0.76) == pytest.approx(1973.684, abs=0.001)
    assert curve.break_even(0.74) is None
    assert curve.capacity_million_tokens == 2000.0


def test_a_bill_that_grows_with_the_tokens_crosses_where_both_are_equal() -> None:
    """100 USD and 0.10 for each million, against 0.50 for each: equal at 250 million."""
    assert CostCurve(((0.0, 100.0), (1000.0, 200.0))).break_even(0.5) == pytest.approx(250.0)


@given(st.floats(1, 1e5), st.floats(1, 1e4), st.floats(0.001, 100), st.floats(0.001, 100))
@example(91.38261760084606, 91.38261760084606, 1.0, 1.0)
def test_a_dearer_api_is_beaten_no_later(usd: float, capacity: float, one: float, other: float) -> None:
    """Its break-even is at fewer tokens, and at a load that the deployment can answer; there both cost the same."""
    curve = CostCurve(((0.0, usd), (capacity, usd)))
    cheap, dear = sorted((one, other))
    at_cheap, at_dear = curve.break_even(cheap), curve.break_even(dear)
    if at_cheap is not None:
        assert at_dear is not None
        assert at_dear <= at_cheap <= capacity
        assert at_cheap * cheap == pytest.approx(usd)
