"""Does an estimate of a RunPod service count what is paid there, and nothing else?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from components.contracts import COST_ESTIMATE_KEYS
from components.cost.estimate import OneOffCost
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
)


def _lines(inputs: RunpodCostInputs) -> dict[str, tuple[float | None, float | None, float | None]]:
    return {line.name: (line.floor, line.expected, line.max) for line in runpod_estimate(inputs).lines}


def test_each_amount_is_that_of_the_pool_that_it_stands_for() -> None:
    """A worker at the floor at 0.5 USD, 1,460 h in the first pool at 0.5, and 3 workers at 2 USD all month.

    The disk is 73 GB x 0.10 / 730 for each of these hours.
    """
    assert _lines(INPUTS) == {"GPU workers": (365.0, 730.0, 4380.0), "container disk": (7.3, 14.6, 21.9)}
    estimate = runpod_estimate(INPUTS)
    assert estimate.lines[0].basis == "1 GPU each, AMPERE_24; max: ADA_48_PRO"
    assert (
        "a worker runs in the first pool that has a GPU free: expected is that of the first, floor that of the "
        "cheapest, max that of the dearest" in estimate.assumptions
    )


def test_the_first_pool_need_not_be_the_cheapest() -> None:
    """What is asked for first is expected; a lack of it may be cheaper, or dearer."""
    pools = (PoolUse("ADA_24", 1.0, 800.0), *INPUTS.pools)
    estimate = runpod_estimate(replace(INPUTS, pools=pools))
    first = estimate.lines[0]
    assert (first.floor, first.expected, first.max) == (365.0, 800.0, 4380.0)
    assert first.basis == "1 GPU each, ADA_24; floor: AMPERE_24; max: ADA_48_PRO"


def test_one_pool_has_nothing_to_tell_apart() -> None:
    """Neither in its row nor among the assumptions."""
    estimate = runpod_estimate(replace(INPUTS, pools=INPUTS.pools[:1]))
    assert estimate.lines[0].basis == "1 GPU each, AMPERE_24"
    assert not any("first pool" in text for text in estimate.assumptions)


def test_several_gpus_in_a_worker_are_all_paid_for() -> None:
    """Two GPUs double the line of the workers, not that of their disk."""
    lines = _lines(replace(INPUTS, gpu_count=2))
    assert lines["GPU workers"] == (730.0, 1460.0, 8760.0)
    assert lines["container disk"] == (7.3, 14.6, 21.9)


def test_the_first_worker_fills_the_volume_once() -> None:
    """A tenth of an hour of two GPUs of the first pool at 0.5 USD, in no month; without a volume there is nothing."""
    filled = runpod_estimate(replace(INPUTS, gpu_count=2, volume_gb=100, download_hours=0.1))
    assert filled.one_off == (
        OneOffCost("volume download", 0.1, "2 GPUs while the first worker fills the network volume"),
    )
    assert runpod_estimate(INPUTS).one_off == ()


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
    """A pool without a price may be the cheapest or the dearest; as the first it leaves the expectation open too."""
    unknown = PoolUse("ADA_32_PRO", None, 730.0)
    result = runpod_estimate(replace(INPUTS, pools=(*INPUTS.pools, unknown)))
    assert (result.floor, result.expected, result.max) == (None, 744.6, None)
    assert result.unknowns == ("price of ADA_32_PRO on RunPod",)
    assert result.lines[0].basis == "1 GPU each, AMPERE_24, or one of 3 pools"
    first = runpod_estimate(replace(INPUTS, pools=(unknown, *INPUTS.pools)))
    assert (first.floor, first.expected, first.max, first.usd_per_million_tokens) == (None, None, None, None)
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
    assert outputs["usdPerMillionTokens"] == pytest.approx(0.7446)


def test_a_schedule_lowers_the_floor() -> None:
    """261 hours of one worker at 0.5 USD; the maximum never sleeps."""
    estimate = runpod_estimate(replace(INPUTS, least_hours=261.0, awake_hours=261.0))
    assert [(line.name, line.floor, line.max) for line in estimate.lines] == [
        ("GPU workers", 130.5, 4380.0),
        ("container disk", 2.61, 21.9),
    ]
    assert estimate.assumptions[1].startswith("floor is the fewest workers in the 261 awake hours of a month, max")
    by_hand = runpod_estimate(replace(INPUTS, least_hours=0.0, awake_hours=261.0, starts_by_hand=True))
    assert by_hand.assumptions[1].startswith("floor is no worker, as nobody wakes the service")
