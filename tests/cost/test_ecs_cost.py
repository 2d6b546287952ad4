"""Does an estimate of a service on ECS count what is paid there, and nothing else?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from components.contracts import COST_ESTIMATE_KEYS
from components.cost import EcsCostInputs, ecs_estimate
from components.cost.compute import Fleet, InstancePrice
from components.cost.estimate import OneOffCost, total
from components.cost.usage import Starts
from tests.cost.cost_usage import UNDECLARED, usage

INPUTS = EcsCostInputs(
    region="us-east-1",
    price=InstancePrice("g6.2xlarge", 1.0),
    usage=usage(),
    root_volume_gib=100,
    root_volume_throughput_mib_s=500,
    checkpoint_gib=10 / 1.073741824,
    image_gb=10,
    public=False,
    makes_network=True,
    from_hub=True,
    log_retention_days=30,
)


def _lines(inputs: EcsCostInputs) -> dict[str, tuple[float | None, float | None, float | None]]:
    return {line.name: (line.floor, line.expected, line.max) for line in ecs_estimate(inputs).lines}


def test_each_line_is_what_its_parts_cost() -> None:
    """1, 2 and 3 replicas at 1 USD an hour, started 0, 16 and 180 times; 10 GB of weights, an image of 10 GB.

    - GPU instances: 730 h x 1 USD for each
    - root volumes: 100 GB x 0.08 + 375 MiB/s x 0.04 = 23 USD for each
    - EFS storage: 10 GB x 0.30; EFS traffic: 10 GB x 0.03 for each start
    - load balancer: 730 h x 0.0225 = 16.425, and 730 h x 0.008 for each GB of an hour: 0, 14 / 730 and 42 / 730
    - NAT gateway: 730 h x (0.045 + 0.005); NAT traffic: 10 GB x 0.045 for each start, and 0.1, 1 and 5 GB of
      logs of each replica x 0.045
    - logs: 0.1, 1 and 5 GB of each replica x (0.50 + 0.03); metrics: 7 x 0.30; alarms: 4 x 0.10
    """
    assert _lines(INPUTS) == {
        "GPU instances": (730.0, 1460.0, 2190.0),
        "root volumes": (23.0, 46.0, 69.0),
        "EFS storage": (3.0, 3.0, 3.0),
        "EFS traffic": (0.0, 4.8, 54.0),
        "load balancer": (16.43, 16.54, 16.76),
        "NAT gateway": (36.5, 36.5, 36.5),
        "NAT traffic": (0.0, 7.29, 81.67),
        "logs": (0.05, 1.06, 7.95),
        "metrics": (2.1, 2.1, 2.1),
        "alarms": (0.4, 0.4, 0.4),
    }


def test_the_totals_are_the_sums_of_the_lines() -> None:
    """Floor, expected and maximum add up as printed."""
    result = ecs_estimate(INPUTS)
    assert (result.floor, result.expected, result.max) == (811.48, 1577.69, 2461.38)
    assert result.floor == round(sum(line.floor or 0 for line in result.lines), 2)


def test_a_million_tokens_cost_their_share() -> None:
    """1,577.69 USD over 1,040 million tokens; nothing without tokens."""
    assert ecs_estimate(INPUTS).usd_per_million_tokens == round(1577.69 / 1040, 4)
    assert ecs_estimate(replace(INPUTS, usage=usage(**UNDECLARED))).usd_per_million_tokens is None


def test_answers_to_the_internet_are_egress() -> None:
    """10 and 30 GB at 0.09 USD, and two public addresses at 0.005 an hour; an internal load balancer has neither."""
    internal, public = _lines(INPUTS), _lines(replace(INPUTS, public=True))
    assert public["egress"] == (0.0, 0.9, 2.7)
    assert public["load balancer"][0] == 23.73
    assert "egress" not in internal


def test_without_a_load_traffic_is_taken_to_be_that_of_each_replica() -> None:
    """0, 1 and 20 GB of answers of each replica, and 0, 1 and 5 units of the load balancer at 730 x 0.008 USD."""
    lines = _lines(replace(INPUTS, public=True, usage=usage(**UNDECLARED)))
    assert lines["egress"] == (0.0, 0.18, 5.4)
    assert lines["load balancer"] == (23.73, 29.57, 52.92)


def test_many_small_requests_take_capacity_by_their_number() -> None:
    """90,000 new connections in an hour are one unit of the load balancer, however short they are."""
    month = replace(usage().traffic, requests=90_000 * 730, input_tokens=0, output_tokens=0)
    lines = _lines(replace(INPUTS, usage=usage(traffic=month, most_traffic=month)))
    assert lines["load balancer"] == (16.43, 22.27, 22.27)


def test_an_unknown_price_is_never_zero() -> None:
    """Without the instance's price no total is known, and the estimate says which price is missing."""
    result = ecs_estimate(replace(INPUTS, price=InstancePrice("g6.2xlarge", None)))
    assert (result.floor, result.expected, result.max, result.usd_per_million_tokens) == (None, None, None, None)
    assert result.lines[0].floor is None
    assert result.unknowns == ("price of g6.2xlarge in us-east-1",)


def test_a_region_without_prices_is_unknown_in_every_line() -> None:
    """Where the catalogue knows no price, each line is named as unknown."""
    result = ecs_estimate(replace(INPUTS, region="eu-west-2", price=InstancePrice("g6.2xlarge", None)))
    assert all(line.max is None for line in result.lines)
    assert len(result.unknowns) == len(result.lines) == 10
    assert total([line.floor for line in result.lines]) is None


def test_without_a_load_only_floor_and_maximum_are_known() -> None:
    """A range of replicas without a load has no expectation."""
    result = ecs_estimate(replace(INPUTS, usage=usage(expected=None, **UNDECLARED)))
    assert result.expected is None
    assert result.floor == 811.48
    assert result.unknowns == ("expected replicas: the spec declares no load",)


def test_the_network_is_shared_and_left_out_of_a_given_vpc() -> None:
    """The stack's NAT gateway is a line marked as shared; in a given VPC there is none, and an assumption says so."""
    estimate = ecs_estimate(INPUTS)
    assert [line.name for line in estimate.lines if line.shared] == ["NAT gateway"]
    assert estimate.shared == 36.5
    given_vpc = ecs_estimate(replace(INPUTS, makes_network=False))
    assert not any(line.name.startswith("NAT") for line in given_vpc.lines)
    assert given_vpc.shared == 0
    assert "the given VPC's own costs (NAT gateway, endpoints) are not counted" in given_vpc.assumptions


def test_a_schedule_says_what_the_floor_is() -> None:
    """The fewest replicas, in the hours in which they are awake."""
    assert (
        "floor is the fewest replicas in the 261 awake hours of a month, max the most replicas all 730 hours, as if it "
        "never slept; holidays are not taken off"
        in ecs_estimate(replace(INPUTS, usage=usage(awake_hours=261.0))).assumptions
    )


def test_a_schedule_that_a_person_starts_has_a_floor_without_a_replica() -> None:
    """Nobody may come."""
    text = ecs_estimate(replace(INPUTS, usage=usage(0, awake_hours=261.0, starts_by_hand=True))).assumptions[1]
    assert text.startswith("floor is no replica, as nobody wakes the service, max")


def test_each_way_of_paying_is_a_line_of_its_own() -> None:
    """Of 4 instances 1 committed at 0.6, 2 spare at 0.3 and 1 on demand; the commitment is paid in each amount.

    At most the spare ones cost what they do on demand.
    """
    price = InstancePrice("g5.xlarge", 1.0, "1y_partial_upfront", 0.6, 50, 0.3)
    fleets = (Fleet(0, 0.5, 1), Fleet(0.5, 1.5, 1), Fleet(1, 2, 1))
    estimate = ecs_estimate(replace(INPUTS, price=price, usage=usage(fleets=fleets)))
    lines = {line.name: (line.floor, line.expected, line.max) for line in estimate.lines[:3]}
    assert lines == {
        "GPU instances": (0.0, 365.0, 730.0),
        "GPU committed": (438.0, 438.0, 438.0),
        "GPU spot": (109.5, 328.5, 1460.0),
    }
    assert any(text.startswith("the commitment is for") for text in estimate.assumptions)
    assert any(text.startswith("spot prices move") for text in estimate.assumptions)


def test_unpublished_discounts_are_unknown_and_not_guessed() -> None:
    """Each factor that nobody publishes is named, and leaves the totals open."""
    price = InstancePrice("g6.2xlarge", 1.0, "3y_no_upfront", None, 50, None)
    estimate = ecs_estimate(replace(INPUTS, price=price, usage=usage(fleets=(Fleet(0, 1, 1),) * 3)))
    assert estimate.unknowns == (
        "price of g6.2xlarge under 3y_no_upfront",
        "spot price of g6.2xlarge in us-east-1",
    )
    assert (estimate.floor, estimate.expected, estimate.max) == (None, None, None)


def test_the_secrets_that_exist_are_named_and_not_counted() -> None:
    """They are the user's own, paid for whether Berth is there or not."""
    assumptions = ecs_estimate(replace(INPUTS, secrets=2)).assumptions
    text = "not counted, as they exist already: the secrets that the spec names, 0.40 USD a month each"
    assert text in assumptions
    assert text not in ecs_estimate(INPUTS).assumptions


def test_starts_say_what_they_were_counted_from() -> None:
    """Deployments, openings of the schedule, and what the load adds."""
    starts = Starts(22, 60, 240, openings=21.7, additions=13.2)
    assumptions = ecs_estimate(replace(INPUTS, usage=usage(starts=starts))).assumptions
    assert (
        "besides the first start, deployments start a replica 0, 8 or 60 times a month (floor, expected, max); the "
        "schedule wakes the service 22 times; the load adds 13 replicas" in assumptions
    )


def test_another_region_says_how_its_prices_were_made() -> None:
    """Prices around the GPU are scaled outside us-east-1, which is said."""
    result = ecs_estimate(replace(INPUTS, region="eu-central-1"))
    assert (
        "prices around the GPU in eu-central-1: those of us-east-1 times the mean factor of its instances"
        in result.assumptions
    )
    assert (result.lines[1].floor or 0) == pytest.approx(23.0 * 1.2506, abs=0.01)


def test_weights_in_s3_do_not_pass_the_nat_gateway() -> None:
    """The network has a gateway endpoint for S3, so only the image is paid for at first: 10 GB at 0.045."""
    estimate = ecs_estimate(replace(INPUTS, from_hub=False))
    assert estimate.one_off[1] == OneOffCost("NAT traffic", 0.45, "10.0 GB of images")
    assert estimate.lines == ecs_estimate(INPUTS).lines


def test_what_the_first_start_costs_is_in_no_month() -> None:
    """10 GB of weights written to EFS at 0.06 and read by 2 replicas at 0.03; they and 2 images through the NAT."""
    estimate = ecs_estimate(replace(INPUTS, usage=usage(2)))
    assert estimate.one_off == (
        OneOffCost("EFS traffic", 1.2, "10.0 GB of weights written, and read by 2 replicas"),
        OneOffCost("NAT traffic", 1.35, "30.0 GB of weights and images"),
    )
    assert estimate.once == 2.55
    assert estimate.floor == round(sum(line.floor or 0 for line in estimate.lines), 2)
    assert [line.floor for line in estimate.lines if line.name == "EFS traffic"] == [0.0]
    given_vpc = ecs_estimate(replace(INPUTS, makes_network=False))
    assert [once.name for once in given_vpc.one_off] == ["EFS traffic"]


def test_a_parked_service_fetches_nothing_and_publishes_nothing() -> None:
    """No gateway, so no metric; no replica, so no first start."""
    estimate = ecs_estimate(replace(INPUTS, usage=usage(0, 0, 0)))
    assert (estimate.one_off, estimate.once) == ((), 0.0)
    assert [line.max for line in estimate.lines if line.name in ("metrics", "EFS traffic")] == [0.0, 0.0]


def test_metrics_are_paid_for_by_the_hours_of_their_gateway() -> None:
    """A quarter of the month at the floor and as expected; one that a person starts has none at the floor.

    One that is stopped for want of requests has those in which it is awake though nobody asks.
    """
    asleep = usage(awake_hours=182.5)
    assert _lines(replace(INPUTS, usage=asleep))["metrics"] == (0.53, 0.53, 2.1)
    stopped = usage(awake_hours=182.5, unused_hours=73.0)
    assert _lines(replace(INPUTS, usage=stopped))["metrics"] == (0.21, 0.53, 2.1)
    by_hand = usage(0, awake_hours=182.5, starts_by_hand=True)
    assert _lines(replace(INPUTS, usage=by_hand))["metrics"] == (0.0, 0.53, 2.1)


def test_an_instance_that_is_given_back_late_has_its_volume_that_long() -> None:
    """A tenth and a fifth of an instance more as means of the month, at 23 USD; the hours are said."""
    estimate = ecs_estimate(replace(INPUTS, usage=usage(late=(0.1, 0.2, 0.0))))
    assert [(line.floor, line.expected, line.max) for line in estimate.lines if line.name == "root volumes"] == [
        (25.3, 50.6, 69.0)
    ]
    said = (
        "an instance is given back up to 10m after its last task when the service falls asleep, about 15m after it "
        "when scaling takes a replica away; counted: {} hours a month{}"
    )
    assert said.format("146", "") in estimate.assumptions
    undeclared = usage(late=(0.1, None, 0.0), expected=None, **UNDECLARED)
    assert said.format("73", " at the floor") in ecs_estimate(replace(INPUTS, usage=undeclared)).assumptions
    assert not any("given back" in text for text in ecs_estimate(INPUTS).assumptions)


def test_the_outputs_have_the_keys_of_the_contract() -> None:
    """What a stack exports has exactly the agreed keys and is JSON."""
    outputs = ecs_estimate(INPUTS).to_outputs()
    assert tuple(outputs) == COST_ESTIMATE_KEYS
    assert json.loads(json.dumps(outputs)) == outputs
    assert outputs["priceTableDate"] == "2026-07-06"
    assert outputs["oneOff"][0] == {
        "name": "EFS traffic",
        "usd": 0.9,
        "basis": "10.0 GB of weights written, and read by 1 replica",
    }
    assert outputs["lines"][0] == {
        "name": "GPU instances",
        "floor": 730.0,
        "expected": 1460.0,
        "max": 2190.0,
        "basis": "g6.2xlarge on demand, one per replica",
        "shared": False,
    }
