"""What runs now, asked of AWS and not of the stack."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError

from components.errors import DeployedError
from components.live import Replicas
from components.sagemaker.live import replicas
from tests.components.sagemaker_api import refusal
from tests.components.sagemaker_endpoint import NAME, Stack

OUTPUTS = {"endpoint_name": NAME, "variant_name": "AllTraffic", "region": "us-east-1", "state": "awake"}


class Session:
    """A session whose clients work on one account."""

    def __init__(self, stack: Stack) -> None:
        self._clients = stack.aws.clients()

    def client(self, service: str, region_name: str):
        assert region_name == "us-east-1"
        return {"sagemaker": self._clients.sagemaker, "application-autoscaling": self._clients.autoscaling}[service]


@pytest.fixture
def stack() -> Stack:
    """A stack whose endpoint serves."""
    deployed = Stack()
    deployed.up()
    return deployed


def test_an_endpoint_in_service_is_awake(stack):
    """With its instances and the limits between which they move."""
    stack.endpoint.desired, stack.endpoint.running = 3, 2
    assert replicas(Session(stack), OUTPUTS) == Replicas(running=2, wanted=3, least=1, most=3, state="awake")


def test_a_fixed_number_has_no_limits(stack):
    """Nothing moves it."""
    stack.up(minReplicas=1, maxReplicas=1)
    assert replicas(Session(stack), OUTPUTS) == Replicas(running=1, wanted=1, least=None, most=None, state="awake")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Creating", "creating"),
        ("Updating", "updating"),
        ("RollingBack", "rolling back"),
        ("SystemUpdating", "maintenance"),
        ("Deleting", "deleting"),
        ("Failed", "failed"),
        ("UpdateRollbackFailed", "rollback failed"),
        ("OutOfService", "out of service"),
    ],
)
def test_what_it_is_doing_is_said(stack, status, state):
    """In words, whatever the stack remembers."""
    stack.endpoint.status = status
    assert replicas(Session(stack), OUTPUTS).state == state


def test_a_parked_service_runs_nothing(stack):
    """No endpoint is what was asked for."""
    stack.aws.endpoints.clear()
    assert replicas(Session(stack), {**OUTPUTS, "state": "parked"}) == Replicas(
        running=0, wanted=0, least=None, most=None, state="parked"
    )


def test_an_endpoint_that_is_gone_is_an_error(stack):
    """It should serve; what to do is said."""
    stack.aws.endpoints.clear()
    with pytest.raises(DeployedError) as error:
        replicas(Session(stack), OUTPUTS)
    assert str(error.value) == (
        "us-east-1: SageMaker endpoint dev-chat: is not there any more; run `pulumi refresh`, then `pulumi up`"
    )


def test_a_refusal_keeps_what_aws_says(stack):
    """Also for a parked service, of which it says nothing."""
    stack.aws.errors["DescribeEndpoint"].append(refusal("DescribeEndpoint", "AccessDeniedException", "no"))
    with pytest.raises(DeployedError, match="dev-chat: AccessDeniedException: no"):
        replicas(Session(stack), {**OUTPUTS, "state": "parked"})


def test_no_answer_is_an_error(stack):
    """With the address that did not answer."""
    stack.aws.errors["DescribeEndpoint"].append(EndpointConnectionError(endpoint_url="https://api.sagemaker"))
    with pytest.raises(DeployedError, match="dev-chat: Could not connect to the endpoint URL"):
        replicas(Session(stack), OUTPUTS)
