"""Does an estimate of a RunPod service count what is paid there, and nothing else?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from components.contracts import COST_ESTIMATE_KEYS
from components.cost.runpod import PoolUse, RunpodCostInputs, runpod_estimate
from components.cost.traffic import Traffic

INPUTS = RunpodCostInputs(
    pools=(PoolUse("AMPERE_24", 0.5, 1460.0), PoolUse("ADA_48_PRO", 2.0, 730.0)),
    gpu_count=1,
    least_hours=730.0,
    workers_max=3,
    disk_gb=73,
    volume_gb=None,
    volume_is_standard=True,
    traffic=Traffic(73_000, 900e6, 100e6),
    region="us-east-1",
)


def _lines(inputs: RunpodCostInputs) -> dict[str, tuple[float | None, float | None, float | None]]:
    return {line.name: (line.floor, line.expected, line.max) for line in runpod_estimate(inputs).lines}


def test_every_amount_is_that_of_the_dearest_pool() -> None:
    """1 worker, what is expected, and 3 workers; 730 h x 2 USD each, and 73 GB x 0.10 / 730 for each hour.

    Expected is the dearer of 1,460 h x 0.5 = 730 USD and 730 h x 2 = 1,460 USD: the slower pool runs longer and is
    still cheaper. Its disk is that of the pool that runs longer, 1,460 h.
    """
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
    lines = _lines(replace(INPUTS, pools=(pool,), least_hours=0.0))
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
    parked = replace(INPUTS, pools=(PoolUse("ADA_32_PRO", None, 0.0),), least_hours=0.0, workers_max=0)
    assert _lines(parked) == {"GPU workers": (0.0, 0.0, 0.0), "container disk": (0.0, 0.0, 0.0)}


def test_without_a_load_only_floor_and_maximum_are_known() -> None:
    """Expected is open, and the estimate says why."""
    result = runpod_estimate(replace(INPUTS, pools=(PoolUse("AMPERE_24", 0.5, None),), traffic=None))
    assert (result.floor, result.expected, result.max) == (372.3, None, 1116.9)
    assert result.unknowns == ("expected workers: the spec declares no load",)


def test_the_estimate_has_the_contracts_keys_and_the_date_of_its_own_table() -> None:
    """Plain data for a stack's outputs, dated by RunPod's prices and not by those of AWS."""
    outputs = runpod_estimate(INPUTS).to_outputs()
    assert tuple(outputs) == COST_ESTIMATE_KEYS
    assert outputs["priceTableDate"] == "2026-06-08"
    assert json.loads(json.dumps(outputs)) == outputs
    assert outputs["usdPerMillionTokens"] == pytest.approx(1.4746)


def test_a_schedule_lowers_the_floor_and_brings_its_keeper() -> None:
    """261 hours of one worker at 2 USD, and the keeper of the stack's region; the maximum never sleeps."""
    estimate = runpod_estimate(replace(INPUTS, least_hours=261.0, awake_hours=261.0))
    assert [(line.name, line.floor, line.max, line.shared) for line in estimate.lines] == [
        ("GPU workers", 522.0, 4380.0, False),
        ("container disk", 2.61, 21.9, False),
        ("keeper", 0.08, 0.08, True),
        ("keeper metrics", 1.2, 1.2, False),
    ]
    assert estimate.assumptions[1].startswith("floor is the fewest workers in the 261 awake hours of a month, max")
    by_hand = runpod_estimate(replace(INPUTS, least_hours=0.0, awake_hours=261.0, starts_by_hand=True))
    assert by_hand.assumptions[1].startswith("floor is no worker, as nobody wakes the service")


def test_a_keeper_in_a_region_without_prices_is_unknown() -> None:
    """RunPod's own prices are the same everywhere."""
    estimate = runpod_estimate(replace(INPUTS, awake_hours=261.0, region="eu-west-2"))
    assert (estimate.floor, estimate.unknowns) == (None, ("price of keeper in eu-west-2",))
