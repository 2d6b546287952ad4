"""How the AWS Price List API is asked, and what is told when it does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

from components.refresh.price_list import on_demand_usd, products
from components.refresh.source import RefreshError
from tests.refresh.recorded import ec2, page, product

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.stub import Stubber

    Aws = Callable[..., tuple[Any, Stubber]]

FILTERS = {"operatingSystem": "Linux", "instanceType": "g6.xlarge"}
ASKED = {
    "ServiceCode": "AmazonEC2",
    "FormatVersion": "aws_v1",
    "Filters": [
        {"Type": "TERM_MATCH", "Field": "operatingSystem", "Value": "Linux"},
        {"Type": "TERM_MATCH", "Field": "instanceType", "Value": "g6.xlarge"},
    ],
}


def test_all_pages_are_read(aws: Aws) -> None:
    """A token on a page asks for the next one."""
    client, stub = aws("pricing")
    first, second = ec2("g6.xlarge", "0.8048"), ec2("g6.xlarge", "1.0064", "eu-central-1")
    stub.add_response("get_products", page(first, token="more"), ASKED)
    stub.add_response("get_products", page(second), {**ASKED, "NextToken": "more"})
    assert list(products(client, "AmazonEC2", FILTERS)) == [first, second]
    stub.assert_no_pending_responses()


def test_a_refusal_is_one_line_with_what_to_do(aws: Aws) -> None:
    """403: code, message and the right that is missing."""
    client, stub = aws("pricing")
    said = "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: pricing:GetProducts"
    stub.add_client_error("get_products", "AccessDeniedException", said, 403)
    with pytest.raises(RefreshError) as caught:
        list(products(client, "AmazonEC2", FILTERS))
    assert str(caught.value) == (
        f"AWS Price List API: AccessDeniedException: {said}; give these credentials pricing:GetProducts"
    )


def test_without_credentials_the_fix_is_to_log_in() -> None:
    """No request leaves the machine."""

    class Signer:
        """Stands in for the client: signs with nothing."""

        def get_paginator(self, _: str) -> Signer:
            return self

        def paginate(self, **_: object) -> Signer:
            return self

        def __iter__(self) -> Any:
            raise NoCredentialsError

    with pytest.raises(RefreshError) as caught:
        list(products(Signer(), "AmazonEC2", FILTERS))
    assert str(caught.value) == (
        "AWS Price List API: NoCredentialsError: Unable to locate credentials; "
        "log in to AWS, or leave this source out with --only"
    )


@pytest.mark.parametrize("text", ["<html>", "[]", '"x"'])
def test_a_product_that_is_none_is_refused(aws: Aws, text: str) -> None:
    """What cannot be read changes nothing."""
    client, stub = aws("pricing")
    stub.add_response("get_products", {"FormatVersion": "aws_v1", "PriceList": [text]}, ASKED)
    with pytest.raises(RefreshError, match="a product is no JSON object"):
        list(products(client, "AmazonEC2", FILTERS))


def test_an_unreachable_api_is_one_line() -> None:
    """A connection that is refused names the address, and is no traceback."""
    from botocore.config import Config

    client = boto3.client(
        "pricing",
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"max_attempts": 0}, connect_timeout=1),
    )
    with pytest.raises(RefreshError, match=r'EndpointConnectionError: Could not connect to .*"http://127.0.0.1:9/"'):
        list(products(client, "AmazonEC2", FILTERS))


@pytest.mark.parametrize(
    ("found", "usd"),
    [
        (ec2("g6.xlarge", "0.8048000000"), 0.8048),
        (ec2("g6.xlarge", "0.0000000000"), None),
        (ec2("g6.xlarge", "free"), None),
        (ec2("g6.xlarge", "-1"), None),
        (ec2("g6.xlarge", "inf"), None),
        (ec2("g6.xlarge", "nan"), None),
        (product({}, "5", unit="Quantity"), None),
        ({"terms": {"Reserved": ec2("g6.xlarge", "1")["terms"]["Reserved"]}}, None),
        ({"terms": {}}, None),
        ({"terms": []}, None),
        ({}, None),
    ],
)
def test_only_an_hour_on_demand_is_a_price(found: dict[str, Any], usd: float | None) -> None:
    """A reservation's zero, a placeholder's zero and an upfront fee are none; unknown is never zero."""
    assert on_demand_usd(found) == usd
