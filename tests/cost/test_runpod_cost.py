from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.contracts import COST_ESTIMATE_KEYS
from components.cost.runpod import PoolUse, RunpodCostInputs, runpod_estimate

INPUTS = RunpodCostInputs(
    pools=(PoolUse("AMPERE_24", 0.5, 1460.0), PoolUse("ADA_48_PRO", 2.0, 730.0)),
    gpu_count=1,
    workers_min=1,
    workers_max=3,
    disk_gb=73,
    volume_gb=None,
    volume_is_standard=True,
    million_tokens_per_month=1000.0,
)


def _lines(inputs: RunpodCostInputs) -> dict[str, tuple[float | None, float | None, float | None]]:
    return {line.name: (line.floor, line.expected, line.max) for line in runpod_estimate(inputs).lines}


def test_every_amount_is_that_of_the_dearest_pool() -> None:
    """1, expected and 3 workers at 2 USD: the slower pool runs longer and is still cheaper."""
    assert _lines(INPUTS) == {"GPU workers": (1460.0, 1460.0, 4380.0), "container disk": (7.3, 14.6, 21.9)}
    assert runpod_estimate(INPUTS).lines[0].basis == "1 GPU each, ADA_48_PRO, the dearest of 2 pools"


def test_the_expectation_is_the_dearest_way_to_serve_the_load() -> None:
    """A cheap pool that needs four workers costs more than a dear one that needs one."""
    slow = PoolUse("AMPERE_24", 0.5, 4 * 730.0)
    fast = PoolUse("ADA_48_PRO", 1.0, 730.0)
    assert _lines(replace(INPUTS, pools=(slow, fast), workers_max=4))["GPU workers"] == (730.0, 1460.0, 2920.0)


def test_several_gpus_in_a_worker_are_all_paid_for() -> None:
    """Two GPUs double the line of the workers, not that of their disk."""
    lines = _lines(replace(INPUTS, gpu_count=2))
    assert lines["GPU workers"] == (2920.0, 2920.0, 8760.0)
    assert lines["container disk"] == (7.3, 14.6, 21.9)


def test_scaled_to_zero_costs_what_runs() -> None:
    """No worker at the floor, 73 hours at the expected load."""
    pool = PoolUse("AMPERE_24", 0.5, 73.0)
    lines = _lines(replace(INPUTS, pools=(pool,), workers_min=0))
    assert lines == {"GPU workers": (0.0, 36.5, 1095.0), "container disk": (0.0, 0.73, 21.9)}


def test_a_volume_is_paid_for_whether_workers_run_or_not() -> None:
    """100 GB at 0.07 USD, above 1 TB at 0.05."""
    assert _lines(replace(INPUTS, volume_gb=100))["network volume"] == (7.0, 7.0, 7.0)
    assert _lines(replace(INPUTS, volume_gb=4000))["network volume"] == (220.0, 220.0, 220.0)


def test_an_unknown_price_is_never_zero() -> None:
    """One pool without a price leaves all totals open; a fast volume, whose price nobody publishes, too."""
    unknown = PoolUse("ADA_32_PRO", None, 730.0)
    result = runpod_estimate(replace(INPUTS, pools=(*INPUTS.pools, unknown)))
    assert (result.floor, result.expected, result.max, result.usd_per_million_tokens) == (None, None, None, None)
    assert result.unknowns == ("price of ADA_32_PRO on RunPod",)
    assert result.lines[0].basis == "1 GPU each, the dearest of 3 pools"
    fast = runpod_estimate(replace(INPUTS, volume_gb=100, volume_is_standard=False))
    assert (fast.floor, fast.unknowns) == (None, ("price of a high-performance network volume",))


def test_no_worker_costs_nothing_whatever_its_price() -> None:
    """Parked, an unknown price is no obstacle."""
    parked = replace(INPUTS, pools=(PoolUse("ADA_32_PRO", None, 0.0),), workers_min=0, workers_max=0)
    assert _lines(parked) == {"GPU workers": (0.0, 0.0, 0.0), "container disk": (0.0, 0.0, 0.0)}


def test_without_a_load_only_floor_and_maximum_are_known() -> None:
    """Expected is open, and the estimate says why."""
    result = runpod_estimate(replace(INPUTS, pools=(PoolUse("AMPERE_24", 0.5, None),), million_tokens_per_month=None))
    assert (result.floor, result.expected, result.max) == (372.3, None, 1116.9)
    assert result.unknowns == ("expected workers: the spec declares no load",)


def test_the_estimate_has_the_contracts_keys_and_the_date_of_its_own_table() -> None:
    """Plain data for a stack's outputs, dated by RunPod's prices and not by those of AWS."""
    outputs = runpod_estimate(INPUTS).to_outputs()
    assert tuple(outputs) == COST_ESTIMATE_KEYS
    assert outputs["priceTableDate"] == "2026-06-08"
    assert json.loads(json.dumps(outputs)) == outputs
    assert outputs["usdPerMillionTokens"] == pytest.approx(1.4746)


@given(st.floats(0.1, 10), st.floats(0, 10), st.integers(0, 3), st.integers(1, 5), st.floats(0, 1), st.floats(0, 1))
def test_floor_expected_and_max_are_ordered(
    usd: float, more: float, least: int, span: int, first: float, second: float
) -> None:
    """Whatever the pools cost: hours between the fewest and the most workers cost an amount between floor and max."""
    hours = [(least + share * span) * 730 for share in (first, second)]
    pools = (PoolUse("AMPERE_24", usd, hours[0]), PoolUse("ADA_24", usd + more, hours[1]))
    result = runpod_estimate(replace(INPUTS, pools=pools, workers_min=least, workers_max=least + span))
    assert result.floor is not None
    assert result.expected is not None
    assert result.max is not None
    assert result.floor - 0.02 <= result.expected <= result.max + 0.02
