"""Does an estimate of a SageMaker service count what is paid there, and nothing else?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.cost import SagemakerCostInputs, sagemaker_estimate

INPUTS = SagemakerCostInputs(
    region="us-east-1",
    instance_type="ml.g6.2xlarge",
    usd_per_hour=1.222,
    fallbacks=(),
    min_replicas=1,
    max_replicas=3,
    expected_replicas=2,
    in_vpc=False,
    from_hub=True,
    log_retention_days=30,
    million_tokens_per_month=1000.0,
)


def test_the_lines_of_an_endpoint() -> None:
    """Instance hours, traffic and logs for each replica; disks are in the price, and no network is paid for."""
    estimate = sagemaker_estimate(INPUTS)
    assert [(line.name, line.floor, line.expected, line.max) for line in estimate.lines] == [
        ("GPU instances", 892.06, 1784.12, 2676.18),
        ("data processing", 0.02, 0.64, 9.6),
        ("logs", 0.05, 1.06, 7.95),
    ]
    assert (estimate.floor, estimate.expected, estimate.max) == (892.13, 1785.82, 2693.73)
    assert estimate.usd_per_million_tokens == pytest.approx(1.7858)
    assert (estimate.unknowns, estimate.price_table_date, estimate.shared) == ((), "2026-07-06", 0.0)


def test_a_parked_endpoint_costs_nothing() -> None:
    """No instance hour is counted, whatever the price, known or not."""
    parked = replace(INPUTS, min_replicas=0, max_replicas=0, expected_replicas=0, million_tokens_per_month=None)
    for inputs in (parked, replace(parked, usd_per_hour=None, fallbacks=(("ml.p5.4xlarge", None),))):
        estimate = sagemaker_estimate(inputs)
        assert (estimate.floor, estimate.expected, estimate.max) == (0.0, 0.0, 0.0)


def test_the_maximum_is_that_of_the_dearest_that_may_serve() -> None:
    """Floor and expected are those of the first accelerator."""
    inputs = replace(INPUTS, fallbacks=(("ml.g5.2xlarge", 1.515), ("ml.g6e.xlarge", 2.6054)))
    gpu = sagemaker_estimate(inputs).lines[0]
    assert (gpu.floor, gpu.expected, gpu.max) == (892.06, 1784.12, 5705.83)
    assert gpu.basis == "ml.g6.2xlarge; max: ml.g6e.xlarge"


def test_a_fallback_without_a_price_leaves_the_maximum_unknown() -> None:
    """It might be the dearest."""
    estimate = sagemaker_estimate(replace(INPUTS, fallbacks=(("ml.p5.4xlarge", None),)))
    assert (estimate.lines[0].floor, estimate.lines[0].expected, estimate.lines[0].max) == (892.06, 1784.12, None)
    assert (estimate.expected, estimate.max) == (1785.82, None)
    assert estimate.unknowns == ("price of ml.p5.4xlarge in us-east-1",)


def test_an_unknown_price_is_never_zero() -> None:
    """Where no price of the region is known, neither instances nor what surrounds them has one."""
    estimate = sagemaker_estimate(replace(INPUTS, region="eu-west-2", usd_per_hour=None, expected_replicas=None))
    assert (estimate.floor, estimate.expected, estimate.max) == (None, None, None)
    assert estimate.unknowns == (
        "price of ml.g6.2xlarge in eu-west-2",
        "price of data processing in eu-west-2",
        "price of logs in eu-west-2",
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
    logs = [sagemaker_estimate(replace(INPUTS, log_retention_days=days)).lines[-1].max for days in (30, 365)]
    assert logs == [7.95, 12.97]
