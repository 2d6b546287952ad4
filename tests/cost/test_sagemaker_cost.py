"""Does an estimate of a SageMaker service count what is paid there, and nothing else?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.cost import SagemakerCostInputs, sagemaker_estimate
from components.cost.compute import Fleet, InstancePrice
from tests.cost.cost_usage import UNDECLARED, usage

PRICE = InstancePrice("ml.g6.2xlarge", 1.222)
INPUTS = SagemakerCostInputs(
    region="us-east-1",
    price=PRICE,
    usage=usage(),
    in_vpc=False,
    from_hub=True,
    log_retention_days=30,
    tracks="concurrency",
)
PARKED = usage(0, 0, 0, **UNDECLARED)


def test_the_lines_of_an_endpoint() -> None:
    """1, 2 and 3 instances at 1.222 USD, 14 and 42 GB in and out, 10 and 30 of them out of AWS.

    - GPU instances: 730 h x 1.222 for each; disks are in that price, and no network is paid for
    - data processing: 0, 14 and 42 GB x 0.016; egress: 0, 10 and 30 GB x 0.09
    - logs: 0.1, 1 and 5 GB of each instance x (0.50 + 0.03)
    - alarms: 0.10 for that of updates, 2 x 0.30 for those of autoscaling, whose metric has a value every 10 s
    """
    estimate = sagemaker_estimate(INPUTS)
    assert [(line.name, line.floor, line.expected, line.max) for line in estimate.lines] == [
        ("GPU instances", 892.06, 1784.12, 2676.18),
        ("data processing", 0.0, 0.22, 0.67),
        ("egress", 0.0, 0.9, 2.7),
        ("logs", 0.05, 1.06, 7.95),
        ("alarms", 0.7, 0.7, 0.7),
    ]
    assert (estimate.floor, estimate.expected, estimate.max) == (892.81, 1787.0, 2688.2)
    assert estimate.usd_per_million_tokens == round(1787.0 / 1040, 4)
    assert (estimate.unknowns, estimate.price_table_date, estimate.shared) == ((), "2026-07-06", 0.0)


def test_without_a_load_traffic_is_taken_to_be_that_of_each_replica() -> None:
    """1, 20 and 200 GB through each instance, 0, 1 and 20 of them out of AWS."""
    lines = {line.name: line for line in sagemaker_estimate(replace(INPUTS, usage=usage(**UNDECLARED))).lines}
    assert (lines["data processing"].floor, lines["data processing"].max) == (0.02, 9.6)
    assert (lines["egress"].floor, lines["egress"].expected, lines["egress"].max) == (0.0, 0.18, 5.4)


@pytest.mark.parametrize(("tracks", "usd"), [(None, 0.1), ("requests_per_minute", 0.3), ("concurrency", 0.7)])
def test_alarms_are_those_that_the_endpoint_has(tracks: str | None, usd: float) -> None:
    """One of updates always, two of autoscaling where the number of instances can change."""
    assert sagemaker_estimate(replace(INPUTS, tracks=tracks)).lines[-1].expected == usd


def test_a_parked_endpoint_costs_its_alarm_alone() -> None:
    """No instance hour is counted, whatever the price, known or not."""
    unknown = InstancePrice("ml.g6.2xlarge", None, dearest=("ml.p5.4xlarge", None))
    for price in (PRICE, unknown):
        estimate = sagemaker_estimate(replace(INPUTS, price=price, usage=PARKED, tracks=None))
        assert (estimate.floor, estimate.expected, estimate.max) == (0.1, 0.1, 0.1)


def test_the_maximum_is_that_of_the_dearest_that_may_serve() -> None:
    """Floor and expected are those of the first accelerator."""
    price = replace(PRICE, dearest=("ml.g6e.xlarge", 2.6054))
    gpu = sagemaker_estimate(replace(INPUTS, price=price)).lines[0]
    assert (gpu.floor, gpu.expected, gpu.max) == (892.06, 1784.12, 5705.83)
    assert gpu.basis == "ml.g6.2xlarge; max: ml.g6e.xlarge"


def test_a_fallback_without_a_price_leaves_the_maximum_unknown() -> None:
    """It might be the dearest."""
    estimate = sagemaker_estimate(replace(INPUTS, price=replace(PRICE, dearest=("ml.p5.4xlarge", None))))
    assert (estimate.lines[0].floor, estimate.lines[0].expected, estimate.lines[0].max) == (892.06, 1784.12, None)
    assert (estimate.expected, estimate.max) == (1787.0, None)
    assert estimate.unknowns == ("price of ml.p5.4xlarge in us-east-1",)


def test_a_commitment_is_paid_for_in_each_amount() -> None:
    """One instance at 0.7 of its price all month; at worst all run on the dearest type, which it does not cover."""
    price = replace(PRICE, commitment="1y_no_upfront", committed_factor=0.7, dearest=("ml.g6e.xlarge", 2.0))
    fleets = (Fleet(0, 0, 1), Fleet(1, 0, 1), Fleet(2, 0, 1))
    lines = sagemaker_estimate(replace(INPUTS, price=price, usage=usage(fleets=fleets))).lines
    assert (lines[0].floor, lines[0].expected, lines[0].max) == (0.0, 892.06, 4380.0)
    assert (lines[1].name, lines[1].floor, lines[1].max) == ("GPU committed", 624.44, 624.44)


def test_an_unknown_price_is_never_zero() -> None:
    """Where no price of the region is known, neither instances nor what surrounds them has one."""
    month = usage(expected=None, **UNDECLARED)
    unknown = InstancePrice("ml.g6.2xlarge", None)
    estimate = sagemaker_estimate(replace(INPUTS, region="eu-west-2", price=unknown, usage=month))
    assert (estimate.floor, estimate.expected, estimate.max) == (None, None, None)
    assert estimate.unknowns == (
        "price of ml.g6.2xlarge in eu-west-2",
        "price of data processing in eu-west-2",
        "price of egress in eu-west-2",
        "price of logs in eu-west-2",
        "price of alarms in eu-west-2",
        "expected replicas: the spec declares no load",
    )


def test_what_is_not_counted_is_said() -> None:
    """The network of a given VPC, and the price level of another region."""
    assumptions = sagemaker_estimate(replace(INPUTS, in_vpc=True, from_hub=False, region="us-west-2")).assumptions
    assert "the given VPC's own costs (NAT gateway, endpoints) are not counted" in assumptions
    assert "weights come to each new instance from S3 without a charge for the transfer" in assumptions
    assert "prices in us-west-2: those of us-east-1 times the factor of the same EC2 family there" in assumptions


def test_a_longer_retention_costs_more() -> None:
    """Logs are paid for when they are written, and for each month that they are kept."""
    logs = [sagemaker_estimate(replace(INPUTS, log_retention_days=days)).lines[3].max for days in (30, 365)]
    assert logs == [7.95, 12.97]
