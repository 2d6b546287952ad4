"""Does an estimate with a front count what it adds, and nothing else?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.cost.estimate import CostEstimate, CostLine, OneOffCost
from components.cost.front import FrontCostInputs, GatewayCostInputs, with_gateway
from tests.cost.cost_usage import MOST_TRAFFIC, TRAFFIC

TARGET = CostEstimate(
    floor=100.0,
    expected=200.0,
    max=300.0,
    usd_per_million_tokens=round(200 / 1040, 4),
    lines=(CostLine("GPU", 100.0, 200.0, 300.0, "a GPU"),),
    assumptions=("of the target",),
    price_table_date="2026-06-08",
    unknowns=(),
)
FRONT = FrontCostInputs(
    vcpus=0.5,
    memory_gib=1.0,
    tasks_min=1,
    tasks_max=1,
    public=False,
    makes_network=False,
    reaches_target_over="vpc",
    log_retention_days=30,
)
INPUTS = GatewayCostInputs(
    region="us-east-1",
    replicas=(1, 2, 3),
    traffic=TRAFFIC,
    most_traffic=MOST_TRAFFIC,
    counts_spending=False,
    has_fallback=False,
    front=FRONT,
)


def _lines(inputs: GatewayCostInputs) -> dict[str, tuple[float | None, float | None, float | None]]:
    added = with_gateway(TARGET, inputs).lines[1:]
    return {line.name: (line.floor, line.expected, line.max) for line in added}


def test_each_line_is_what_its_parts_cost() -> None:
    """One task of half a vCPU and 1 GiB all month; 4 GB of prompts and 10 GB of answers, three times that at most.

    - tasks: 730 h x (0.5 x 0.04048 + 1 x 0.004445) = 18.02 USD
    - balancer: 730 h x 0.0225 = 16.425, and 730 h x 0.008 for each GB of an hour: 0, 14 / 730 and 42 / 730
    - logs: 0.1, 0.1 ... of one task: 0.1, 1 and 5 GB x (0.50 + 0.03); metrics: 7 x 0.30
    """
    assert _lines(INPUTS) == {
        "front tasks": (18.02, 18.02, 18.02),
        "front balancer": (16.43, 16.54, 16.76),
        "front logs": (0.05, 0.53, 2.65),
        "front metrics": (2.1, 2.1, 2.1),
    }


def test_totals_and_the_price_of_a_token_have_the_front_in_them() -> None:
    """200 USD of the target and 37.19 of the front for 1,040 million tokens; the target's own words stay."""
    made = with_gateway(TARGET, INPUTS)
    assert (made.floor, made.expected, made.max) == (136.6, 237.19, 339.53)
    assert made.usd_per_million_tokens == round(237.19 / 1040, 4)
    assert made.lines[0] == TARGET.lines[0]
    assert made.price_table_date == "2026-06-08"
    assert made.assumptions == ("of the target", "the front is internal: traffic to callers outside AWS is not counted")


def test_more_tasks_cost_more_and_have_alarms() -> None:
    """Two at least and four at most, moved by two alarms of 0.10 USD."""
    lines = _lines(replace(INPUTS, front=replace(FRONT, tasks_min=2, tasks_max=4)))
    assert lines["front tasks"] == (36.04, 36.04, 72.08)
    assert lines["front alarms"] == (0.2, 0.2, 0.2)
    assert lines["front logs"] == (0.11, 1.06, 10.6)


def test_a_public_front_pays_for_answers_and_addresses() -> None:
    """10 and 30 GB at 0.09 USD; two addresses at 0.005 an hour."""
    lines = _lines(replace(INPUTS, front=replace(FRONT, public=True)))
    assert lines["front egress"] == (0.0, 0.9, 2.7)
    assert lines["front balancer"][0] == 23.73


def test_a_front_that_brings_the_network_pays_for_the_way_to_its_target() -> None:
    """A NAT gateway, shared, and 0.045 USD for each of 14 and 42 GB and of 0.1, 1 and 5 GB of logs."""
    front = replace(FRONT, makes_network=True, reaches_target_over="nat")
    made = with_gateway(TARGET, replace(INPUTS, front=front))
    lines = {line.name: line for line in made.lines}
    assert (lines["NAT gateway"].floor, lines["NAT gateway"].shared) == (36.5, True)
    assert (lines["front NAT traffic"].floor, lines["front NAT traffic"].expected) == (0.0, 0.67)
    assert lines["front NAT traffic"].max == 2.11
    assert "front egress" not in lines


def test_prompts_to_a_target_outside_aws_leave_it() -> None:
    """4 and 12 GB at 0.09 USD, beside the answers of a public front."""
    away = replace(FRONT, reaches_target_over="internet")
    assert _lines(replace(INPUTS, front=away))["front egress"] == (0.0, 0.36, 1.08)
    assert _lines(replace(INPUTS, front=replace(away, public=True)))["front egress"] == (0.0, 1.26, 3.78)


def test_the_way_out_of_a_given_vpc_is_somebody_elses() -> None:
    """It is said, and not counted."""
    front = replace(FRONT, reaches_target_over="nat")
    made = with_gateway(TARGET, replace(INPUTS, front=front))
    assert not any("NAT" in line.name for line in made.lines)
    assert "the front's way out is the NAT gateway of the given VPC, whose cost is not counted" in made.assumptions


def test_what_keys_spend_is_kept_in_a_table() -> None:
    """None, 0.1 and 1 million leases at 0.625 USD a million; without a front too."""
    made = with_gateway(TARGET, replace(INPUTS, front=None, counts_spending=True))
    [line] = made.lines[1:]
    assert (line.name, line.floor, line.expected, line.max) == ("spending table", 0.0, 0.06, 0.62)


def test_without_a_load_traffic_is_taken_to_be_that_of_each_replica() -> None:
    """0, 1 and 20 GB of answers for each of 1, 2 and 3 replicas."""
    bare = replace(INPUTS, traffic=None, most_traffic=None, front=replace(FRONT, public=True))
    lines = _lines(bare)
    assert lines["front egress"] == (0.0, 0.18, 5.4)
    assert with_gateway(TARGET, bare).usd_per_million_tokens is None


def test_without_gateways_nothing_is_added() -> None:
    """The estimate stays as it is."""
    assert with_gateway(TARGET, replace(INPUTS, front=None)) == TARGET


def test_what_the_target_pays_once_stays() -> None:
    """A front has nothing to fetch for it."""
    target = replace(TARGET, one_off=(OneOffCost("EFS traffic", 1.45, "weights"),))
    assert with_gateway(target, INPUTS).one_off == target.one_off


def test_a_fallback_has_a_bill_of_its_own() -> None:
    """It is said to be missing."""
    made = with_gateway(TARGET, replace(INPUTS, front=None, has_fallback=True))
    assert made.assumptions[-1] == "what a fallback of the gateway charges is not counted"


@pytest.mark.parametrize("name", ["front tasks", "front balancer", "front logs", "front metrics", "spending table"])
def test_an_unknown_price_is_never_zero(name: str) -> None:
    """In a region without prices each line is unknown, and named."""
    made = with_gateway(TARGET, replace(INPUTS, region="eu-west-2", counts_spending=True))
    assert (made.floor, made.expected, made.max) == (None, None, None)
    assert f"price of {name} in eu-west-2" in made.unknowns
