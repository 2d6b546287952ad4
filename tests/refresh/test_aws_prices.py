"""What becomes of products, spot prices and offers: rows of the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from components.refresh import ec2_prices, offers, sagemaker_prices, spot_prices
from components.refresh.source import Finding, RefreshError
from tests.refresh.recorded import ec2, hosting, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.stub import Stubber

    Aws = Callable[..., tuple[Any, Stubber]]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def cells(found: Finding) -> tuple[str, ...]:
    return (found.table, *found.values.values())


def test_home_and_region_prices_go_to_their_tables() -> None:
    """The table of the types has us-east-1, that of the regions the others; the source is named."""
    answer = ec2_prices.ec2_answer([ec2("g6.2xlarge", "0.9776"), ec2("g6.2xlarge", "1.2225", "eu-central-1")])
    assert [cells(one) for one in answer.findings] == [
        ("aws_instances", "g6.2xlarge", "0.9776"),
        ("aws_region_prices", "g6.2xlarge", "eu-central-1", "1.2225"),
    ]
    assert {one.source for one in answer.findings} == {"AWS Price List API, AmazonEC2: Linux, shared, on demand"}
    assert [one.may_add for one in answer.findings] == [False, True]
    assert answer.remarks == ()


@pytest.mark.parametrize(
    "other",
    [
        {"tenancy": "Dedicated"},
        {"operatingSystem": "Windows"},
        {"preInstalledSw": "SQL Std"},
        {"capacitystatus": "UnusedCapacityReservation"},
        {"instanceType": "t3.micro"},
        {"regionCode": "mars-1"},
    ],
)
def test_other_products_are_passed_over(other: dict[str, str]) -> None:
    """Filters that AWS does not apply are applied here, and types that the catalogue does not have stay out."""
    assert ec2_prices.ec2_answer([ec2("g6.2xlarge", "9.99", **other)]).findings == ()


def test_several_skus_of_one_price_are_one_row() -> None:
    """The same type under two SKUs."""
    again = ec2("g6.2xlarge", "0.9776", usagetype="BoxUsage:g6.2xlarge")
    assert len(ec2_prices.ec2_answer([ec2("g6.2xlarge", "0.9776"), again]).findings) == 1


def test_two_prices_of_one_type_change_nothing() -> None:
    """Which of them is meant is a person's decision."""
    answer = ec2_prices.ec2_answer([ec2("g6.2xlarge", "0.9776"), ec2("g6.2xlarge", "1.5", usagetype="Other")])
    assert answer.findings == ()
    assert answer.remarks == ("g6.2xlarge in us-east-1 has 2 prices (0.9776, 1.5), so its row is left as it is",)


def test_each_instance_type_is_asked_for_with_all_filters(aws: Aws) -> None:
    """Linux, shared, nothing installed, not a reservation's capacity; one question for all regions."""
    client, stub = aws("pricing")
    for name in ("g6.xlarge", "g6.2xlarge"):
        values = {
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
            "instanceType": name,
        }
        filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in values.items()]
        asked = {"ServiceCode": "AmazonEC2", "FormatVersion": "aws_v1", "Filters": filters}
        stub.add_response("get_products", page(ec2(name, "1.5")), asked)
    found = ec2_prices.ec2_answer(ec2_prices.ask(client, ["g6.xlarge", "g6.2xlarge"])).findings
    assert [cells(one) for one in found] == [
        ("aws_instances", "g6.xlarge", "1.5"),
        ("aws_instances", "g6.2xlarge", "1.5"),
    ]


def test_hosting_is_told_from_other_components(aws: Aws) -> None:
    """Training and notebooks of the same type cost something else; the ratio to EC2 follows the new price."""
    client, stub = aws("pricing")
    found = [
        hosting("ml.g6.2xlarge", "1.2220000000"),
        hosting("ml.g6.2xlarge", "2.61", component="Training"),
        hosting("ml.g6.2xlarge", "1.53", "eu-central-1"),
        hosting("ml.t3.medium", "0.05"),
    ]
    stub.add_response("get_products", page(*found), None)
    answer = sagemaker_prices.sagemaker_answer(sagemaker_prices.ask(client, ["ml.g6.2xlarge"]))
    assert [cells(one) for one in answer.findings] == [
        ("sagemaker_instances", "ml.g6.2xlarge", "1.222", "1.25"),
        ("aws_region_prices", "ml.g6.2xlarge", "eu-central-1", "1.53"),
    ]


def spot(name: str, usd: str, zone: str = "us-east-1a", hour: int = 12, system: str = "Linux/UNIX") -> dict[str, Any]:
    return {
        "InstanceType": name,
        "SpotPrice": usd,
        "AvailabilityZone": zone,
        "ProductDescription": system,
        "Timestamp": datetime(2026, 11, 21, hour, tzinfo=UTC),
    }


def test_a_spot_price_is_the_mean_over_zones_of_the_newest(aws: Aws) -> None:
    """An older price of the same zone and one for Windows do not count."""
    client, stub = aws("ec2")
    history = [
        spot("g6.xlarge", "0.300000"),
        spot("g6.xlarge", "0.900000", hour=3),
        spot("g6.xlarge", "0.400000", "us-east-1b"),
        spot("g6.xlarge", "0.790000", "us-east-1c", system="Windows"),
    ]
    asked = {
        "InstanceTypes": ["g6.xlarge"],
        "ProductDescriptions": ["Linux/UNIX"],
        "StartTime": NOW,
        "EndTime": NOW,
    }
    stub.add_response("describe_spot_price_history", {"SpotPriceHistory": history}, asked)
    answer = spot_prices.spot_answer({"us-east-1": spot_prices.ask(client, ["g6.xlarge"], NOW)})
    assert [cells(one) for one in answer.findings] == [("aws_spot", "g6.xlarge", "us-east-1", "0.35", "0.8048")]


def test_a_spot_price_that_saves_nothing_is_not_used() -> None:
    """Above on demand, or with nothing to compare with: a remark, and no row."""
    answer = spot_prices.spot_answer(
        {"us-east-1": [spot("g6.xlarge", "0.9"), spot("p5e.48xlarge", "20")], "eu-west-2": [spot("p4d.24xlarge", "x")]}
    )
    assert answer.findings == ()
    assert answer.remarks == (
        "g6.xlarge in us-east-1: the spot price 0.9 is not below on demand (0.8048), so it is not used",
        "p5e.48xlarge in us-east-1: the spot price 20 has no on-demand price, so it is not used",
    )


def test_offers_are_written_by_family_from_small_to_large(aws: Aws) -> None:
    """As the table has them."""
    client, stub = aws("ec2", "eu-west-1")
    names = ["g5.12xlarge", "g5.xlarge", "g4dn.metal", "g4dn.xlarge", "t3.micro"]
    response = {"InstanceTypeOfferings": [{"InstanceType": name, "Location": "eu-west-1"} for name in names]}
    stub.add_response("describe_instance_type_offerings", response, None)
    answer = offers.offers_answer({"eu-west-1": offers.ask(client, names)})
    assert [cells(one) for one in answer.findings] == [
        ("aws_availability", "eu-west-1", "g4dn", "g4dn.xlarge g4dn.metal"),
        ("aws_availability", "eu-west-1", "g5", "g5.xlarge g5.12xlarge"),
    ]


@pytest.mark.parametrize(
    ("operation", "ask"),
    [
        ("describe_spot_price_history", lambda client: spot_prices.ask(client, ["g6.xlarge"], NOW)),
        ("describe_instance_type_offerings", lambda client: offers.ask(client, ["g6.xlarge"])),
    ],
)
def test_a_refusal_of_ec2_is_one_line(aws: Aws, operation: str, ask: Callable[[Any], object]) -> None:
    """With the right that is missing."""
    client, stub = aws("ec2")
    stub.add_client_error(operation, "UnauthorizedOperation", "You are not authorized.", 403)
    with pytest.raises(RefreshError, match=r"You are not authorized; give these credentials the right to describe"):
        ask(client)
