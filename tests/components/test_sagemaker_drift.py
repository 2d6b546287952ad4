"""A refresh shows what differs from what is wanted, and nothing else."""

from __future__ import annotations

import pytest

from components.sagemaker.failures import EndpointError
from tests.components.sagemaker_endpoint import L4_NEW, NAME, RESOURCE, Stack


@pytest.fixture
def stack() -> Stack:
    """A stack whose endpoint serves."""
    deployed = Stack()
    deployed.up()
    deployed.forget_calls()
    return deployed


def test_nothing_drifted(stack):
    """Properties and outputs are those that the deployment returned."""
    before = stack.state
    stack.refresh()
    assert stack.state == before
    assert stack.aws.orders() == []


def test_replicas_that_moved_between_the_limits_are_no_drift(stack):
    """That is what scaling is for."""
    stack.endpoint.desired = stack.endpoint.running = 3
    stack.refresh()
    assert not stack.changes()


def test_a_fixed_number_that_was_changed_is_drift(stack):
    """Nothing but the stack moves it."""
    stack.up(minReplicas=2, maxReplicas=2)
    stack.refresh()
    assert not stack.changes(minReplicas=2, maxReplicas=2)
    stack.endpoint.desired = stack.endpoint.running = 1
    stack.refresh()
    stack.up(minReplicas=2, maxReplicas=2)
    assert stack.endpoint.running == 2


def test_another_configuration_is_drift_and_is_taken_back(stack):
    """Somebody updated the endpoint by hand."""
    stack.aws.add_config("by-hand", "ml.g6.2xlarge")
    stack.endpoint.config = "by-hand"
    stack.refresh()
    assert stack.outputs()["currentConfigName"] == "by-hand"
    assert stack.changes()
    stack.up()
    assert stack.endpoint.config == "chat-config-l4-1"


@pytest.mark.parametrize("status", ["Failed", "UpdateRollbackFailed", "OutOfService"])
def test_an_endpoint_that_does_not_serve_rightly_is_drift(stack, status):
    """The next deployment repairs it."""
    stack.endpoint.status = status
    stack.refresh()
    assert stack.outputs()["state"] == status.lower()
    stack.up()
    assert stack.outputs()["state"] == "awake"


def test_what_is_under_way_is_not_judged(stack):
    """What it will be is not known, and a refresh does not wait."""
    stack.endpoint.status = "Updating"
    stack.refresh()
    assert not stack.changes()
    assert stack.outputs()["state"] == "awake"
    assert stack.aws.time.now < 600


@pytest.mark.parametrize("limits", [{"MinCapacity": 1, "MaxCapacity": 9}, None])
def test_limits_that_somebody_changed_are_drift(stack, limits):
    """A registration that is gone is one too."""
    if limits:
        stack.aws.targets[RESOURCE] |= limits
    else:
        stack.aws.targets.clear()
        stack.aws.policies.clear()
    stack.refresh()
    assert stack.changes()
    stack.up()
    assert stack.aws.targets[RESOURCE]["MaxCapacity"] == 3
    assert RESOURCE in stack.aws.policies


def test_a_policy_that_is_gone_is_drift(stack):
    """Without it nothing scales; a destroy after such a refresh works as well."""
    stack.aws.policies.clear()
    stack.refresh()
    assert stack.changes()
    stack.up()
    assert RESOURCE in stack.aws.policies
    stack.aws.policies.clear()
    stack.refresh()
    stack.destroy()
    assert stack.aws.endpoints == {}


def test_a_tag_that_is_gone_is_drift(stack):
    """It is what costs are allocated by; tags of others are not."""
    stack.endpoint.tags.pop("environment")
    stack.endpoint.tags["cost-tool"] = "x"
    stack.refresh()
    stack.up()
    assert stack.aws.orders() == ["AddTags"]
    assert stack.aws.asked("AddTags")[0]["Tags"] == [{"Key": "environment", "Value": "dev"}]


def test_a_refresh_after_a_rollback_leads_to_another_try(stack):
    """The state says what is in place, so the new configuration is still a difference."""
    stack.aws.updates["chat-config-l4-2"] = ("InService", "no")
    with pytest.raises(EndpointError):
        stack.up(configurations=[L4_NEW])
    stack.refresh()
    assert stack.changes(configurations=[L4_NEW])
    assert not stack.changes()


def test_a_refresh_with_the_wrong_credentials_forgets_nothing(stack):
    """In another account the endpoint would seem to be gone."""
    stack.aws.account = "999999999999"
    with pytest.raises(EndpointError, match="account 999999999999"):
        stack.refresh()
    assert stack.state is not None
    assert NAME in stack.aws.endpoints
