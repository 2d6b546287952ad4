from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.contracts import COST_ESTIMATE_KEYS
from components.cost import EcsCostInputs, ecs_estimate
from components.cost.estimate import total

INPUTS = EcsCostInputs(
    region="us-east-1",
    instance_type="g6.2xlarge",
    usd_per_hour=1.0,
    min_replicas=1,
    max_replicas=3,
    expected_replicas=2,
    root_volume_gib=100,
    root_volume_throughput_mib_s=500,
    checkpoint_gib=10 / 1.073741824,
    image_gb=10,
    public=False,
    makes_network=True,
    from_hub=True,
    log_retention_days=30,
    million_tokens_per_month=1000.0,
)


def test_each_line_is_the_sum_of_its_parts() -> None:
    """USD per month of floor, expected and maximum for round numbers, line by line."""
    lines = {line.name: (line.floor, line.expected, line.max) for line in ecs_estimate(INPUTS).lines}
    assert lines == {
        "GPU instances": (730.0, 1460.0, 2190.0),
        "root volumes": (23.0, 46.0, 69.0),
        "EFS storage": (3.0, 3.0, 3.0),
        "EFS traffic": (0.9, 5.4, 54.6),
        "load balancer": (16.43, 22.27, 45.62),
        "NAT gateway": (36.5, 36.5, 36.5),
        "NAT traffic": (0.9, 7.65, 81.45),
        "logs": (0.05, 1.06, 7.95),
        "metrics": (1.5, 1.5, 1.5),
    }


def test_the_totals_are_the_sums_of_the_lines() -> None:
    """Floor, expected and maximum add up as printed."""
    result = ecs_estimate(INPUTS)
    assert result.floor == pytest.approx(sum(line.floor or 0 for line in result.lines))
    assert result.expected == pytest.approx(sum(line.expected or 0 for line in result.lines))
    assert result.max == pytest.approx(sum(line.max or 0 for line in result.lines))
    assert (result.floor, result.expected, result.max) == (812.28, 1583.38, 2489.62)


def test_a_million_tokens_cost_their_share() -> None:
    """The expected month divided by its tokens; nothing without tokens."""
    assert ecs_estimate(INPUTS).usd_per_million_tokens == 1.5834
    assert ecs_estimate(replace(INPUTS, million_tokens_per_month=None)).usd_per_million_tokens is None


def test_an_unknown_price_is_never_zero() -> None:
    """Without the instance's price no total is known, and the estimate says which price is missing."""
    result = ecs_estimate(replace(INPUTS, usd_per_hour=None))
    assert (result.floor, result.expected, result.max, result.usd_per_million_tokens) == (None, None, None, None)
    assert result.lines[0].floor is None
    assert result.unknowns == ("price of g6.2xlarge in us-east-1",)


def test_a_region_without_prices_is_unknown_in_every_line() -> None:
    """Where the catalogue knows no price, each line is named as unknown."""
    result = ecs_estimate(replace(INPUTS, region="eu-west-2", usd_per_hour=None))
    assert all(line.max is None for line in result.lines)
    assert len(result.unknowns) == 9
    assert total([line.floor for line in result.lines]) is None


def test_without_a_load_only_floor_and_maximum_are_known() -> None:
    """A range of replicas without a load has no expectation."""
    result = ecs_estimate(replace(INPUTS, expected_replicas=None, million_tokens_per_month=None))
    assert result.expected is None
    assert result.floor == 812.28
    assert result.unknowns == ("expected replicas: the spec declares no load",)


def test_the_network_is_shared_and_left_out_of_a_given_vpc() -> None:
    """The stack's NAT gateway is a line marked as shared; in a given VPC there is none, and an assumption says so."""
    shared = [line.name for line in ecs_estimate(INPUTS).lines if line.shared]
    assert shared == ["NAT gateway"]
    assert ecs_estimate(INPUTS).shared == 36.5
    given_vpc = ecs_estimate(replace(INPUTS, makes_network=False))
    assert not any(line.name.startswith("NAT") for line in given_vpc.lines)
    assert given_vpc.shared == 0
    assert "the given VPC's own costs (NAT gateway, endpoints) are not counted" in given_vpc.assumptions


def test_a_public_load_balancer_pays_for_its_addresses() -> None:
    """Two public IPv4 addresses at 0.005 USD per hour."""
    internal, public = ecs_estimate(INPUTS), ecs_estimate(replace(INPUTS, public=True))
    assert public.floor == pytest.approx((internal.floor or 0) + 7.3)


def test_another_region_says_how_its_prices_were_made() -> None:
    """Prices around the GPU are scaled outside us-east-1, which is said."""
    result = ecs_estimate(replace(INPUTS, region="eu-central-1"))
    assert (
        "prices around the GPU in eu-central-1: those of us-east-1 times the mean factor of its instances"
        in result.assumptions
    )
    assert (result.lines[1].floor or 0) == pytest.approx(23.0 * 1.2506, abs=0.01)


def test_the_outputs_have_the_keys_of_the_contract() -> None:
    """What a stack exports has exactly the agreed keys and is JSON."""
    outputs = ecs_estimate(INPUTS).to_outputs()
    assert tuple(outputs) == COST_ESTIMATE_KEYS
    assert json.loads(json.dumps(outputs)) == outputs
    assert outputs["priceTableDate"] == "2026-07-06"
    assert outputs["lines"][0] == {
        "name": "GPU instances",
        "floor": 730.0,
        "expected": 1460.0,
        "max": 2190.0,
        "basis": "g6.2xlarge on demand, one per replica",
        "shared": False,
    }


prices = st.floats(min_value=0.01, max_value=200)
counts = st.lists(st.integers(min_value=1, max_value=50), min_size=3, max_size=3).map(sorted)


@given(prices, prices, counts)
def test_a_cheaper_price_never_raises_a_total(one: float, other: float, replicas: list[int]) -> None:
    """Each total with the cheaper instance is at most the one with the dearer."""
    low, middle, high = replicas
    inputs = replace(INPUTS, min_replicas=low, expected_replicas=middle, max_replicas=high)
    cheap, dear = (ecs_estimate(replace(inputs, usd_per_hour=usd)) for usd in sorted((one, other)))
    assert (cheap.floor or 0) <= (dear.floor or 0)
    assert (cheap.expected or 0) <= (dear.expected or 0)
    assert (cheap.max or 0) <= (dear.max or 0)


@given(prices, counts)
def test_floor_expected_and_maximum_are_in_order(usd: float, replicas: list[int]) -> None:
    """The floor is at most the expectation, which is at most the maximum."""
    low, middle, high = replicas
    result = ecs_estimate(
        replace(INPUTS, usd_per_hour=usd, min_replicas=low, expected_replicas=middle, max_replicas=high)
    )
    assert (result.floor or 0) <= (result.expected or 0) <= (result.max or 0)


def test_weights_in_s3_do_not_pass_the_nat_gateway() -> None:
    """The network has a gateway endpoint for S3, so only images are paid for."""
    lines = {line.name: line for line in ecs_estimate(replace(INPUTS, from_hub=False)).lines}
    assert lines["NAT traffic"].floor == round(INPUTS.image_gb * INPUTS.min_replicas * 0.045, 2)
    assert lines["NAT traffic"].basis == "images from the internet"
