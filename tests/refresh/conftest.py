"""AWS clients that answer from a list, and a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.refresh.fake_hub import Hub, serving_hub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def aws() -> Callable[..., tuple[Any, Stubber]]:
    """A client of a service with no account behind it, and the list from which it answers."""

    def client_(service: str, region: str = "us-east-1") -> tuple[Any, Stubber]:
        client = boto3.client(
            service, region_name=region, aws_access_key_id="none", aws_secret_access_key="none", endpoint_url=None
        )
        stub = Stubber(client)
        stub.activate()
        return client, stub

    return client_


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub of this test alone."""
    with serving_hub() as found:
        yield found
