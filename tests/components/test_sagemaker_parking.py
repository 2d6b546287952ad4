"""Asleep is a state: a deployment wakes nothing, a refresh shows no drift, a destroy leaves nothing."""

from __future__ import annotations

import pytest

from components.sagemaker.failures import EndpointError
from tests.components.sagemaker_api import PING, FakeEndpoint, refusal
from tests.components.sagemaker_endpoint import A10G_NEW, L4_NEW, NAME, RESOURCE, SCALING, TAGS, Stack

OFF = {"power": "off", "minReplicas": 0, "maxReplicas": 0}


@pytest.fixture
def stack() -> Stack:
    """A stack whose endpoint serves."""
    deployed = Stack()
    deployed.up()
    deployed.forget_calls()
    return deployed


def test_off_deletes_the_endpoint_and_waits_until_it_is_gone(stack):
    """The registration first, since whoever deletes needs the right to end it."""
    stack.up(**OFF)
    assert stack.aws.orders() == ["DeregisterScalableTarget", "DeleteEndpoint"]
    assert stack.aws.endpoints == {}
    assert stack.aws.calls[-1][0] == "DescribeEndpoint"
    assert stack.outputs() == {"state": "parked"}


def test_a_deployment_while_off_wakes_nothing(stack):
    """Another model, other limits, other tags: nothing is ordered."""
    stack.up(**OFF)
    stack.forget_calls()
    stack.up(**OFF, configurations=[L4_NEW, A10G_NEW], tags={**TAGS, "owner": "ml"}, scaling={**SCALING, "target": 2})
    assert stack.aws.orders() == []
    assert stack.outputs() == {"state": "parked"}


def test_a_refresh_while_off_shows_no_drift(stack):
    """There is no endpoint, and there should be none."""
    stack.up(**OFF)
    stack.refresh()
    assert not stack.changes(**OFF)


def test_an_endpoint_that_somebody_woke_is_drift(stack):
    """It costs money although the stack says off; the next deployment ends it."""
    stack.up(**OFF)
    stack.aws.endpoints[NAME] = FakeEndpoint(NAME, "chat-config-l4-1", "InService", dict(TAGS), 1, 0.0, running=1)
    stack.refresh()
    assert stack.changes(**OFF)
    stack.up(**OFF)
    assert stack.aws.endpoints == {}


def test_an_endpoint_of_somebody_else_is_no_drift_of_a_parked_one(stack):
    """The name is theirs while this service needs none."""
    stack.up(**OFF)
    stack.aws.endpoints[NAME] = FakeEndpoint(NAME, "theirs", "InService", {}, 1, 0.0, running=1)
    stack.refresh()
    assert not stack.changes(**OFF)


@pytest.mark.parametrize("work", ["deploy", "destroy"])
def test_an_endpoint_of_somebody_else_stops_no_work_on_a_parked_one(stack, work):
    """It has none of its own, so there is nothing to claim: the other one is left alone, and that is said."""
    stack.up(**OFF)
    stack.aws.endpoints[NAME] = FakeEndpoint(NAME, "theirs", "InService", {}, 1, 0.0, running=1)
    stack.forget_calls()
    if work == "deploy":
        stack.up(**OFF, configurations=[L4_NEW])
    else:
        stack.destroy()
    assert stack.aws.orders() == []
    assert stack.said == ["dev-chat: is there, not tagged as this service's: left alone"]


def test_a_parked_service_may_be_made_beside_somebody_elses_endpoint():
    """The name is theirs while this service needs none; only waking it says so."""
    stack = Stack()
    stack.aws.endpoints[NAME] = FakeEndpoint(NAME, "theirs", "InService", {}, 1, 0.0, running=1)
    stack.up(**OFF)
    assert stack.outputs() == {"state": "parked"}
    with pytest.raises(EndpointError, match="is not tagged as this service's"):
        stack.up()


def test_a_destroy_that_meets_the_end_of_the_endpoint_waits_for_it(stack):
    """Somebody deletes it at this moment: whose it was is no question any more."""
    stack.aws.clients().sagemaker.delete_endpoint(EndpointName=NAME)
    stack.aws.errors["ListTags"].append(refusal("ListTags", "ValidationException", "Could not find resource arn."))
    stack.destroy()
    assert stack.aws.endpoints == {}


def test_an_end_that_does_not_show_yet_is_ordered_once(stack):
    """DescribeEndpoint may say InService for a while after DeleteEndpoint."""
    stack.aws.stale_for = 20
    stack.destroy()
    assert len(stack.aws.asked("DeleteEndpoint")) == 1
    assert stack.aws.endpoints == {}


def test_on_makes_it_again_with_what_was_deployed_meanwhile(stack):
    """Under its name, scaled as planned."""
    stack.up(**OFF, configurations=[L4_NEW])
    stack.forget_calls()
    stack.up(configurations=[L4_NEW])
    assert stack.aws.orders() == ["CreateEndpoint", "RegisterScalableTarget", "PutScalingPolicy"]
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"


def test_what_the_keeper_parked_stays_parked(stack):
    """A deployment meanwhile updates nothing and makes nothing, a refresh finds no fault."""
    stack.up(keeperManaged=True)
    stack.aws.endpoints.clear()
    stack.refresh()
    assert stack.outputs() == {"state": "parked"}
    assert not stack.changes(keeperManaged=True)
    stack.forget_calls()
    stack.up(keeperManaged=True, configurations=[L4_NEW])
    assert stack.aws.orders() == []
    assert stack.said == ["dev-chat: is parked, and stays so"]
    assert stack.outputs() == {"state": "parked"}


@pytest.fixture
def new():
    """A stack that nothing is deployed in yet."""
    return Stack()


def test_what_is_made_outside_its_hours_is_made_asleep(new):
    """The keeper starts it; that its hours open later is no change, and neither a refresh nor a deployment wakes it."""
    stack = new
    stack.up(keeperManaged=True, startsAwake=False)
    assert stack.aws.orders() == []
    assert stack.said == ["dev-chat: is made asleep; the keeper starts it"]
    assert stack.outputs() == {"state": "parked"}
    stack.refresh()
    assert not stack.changes(keeperManaged=True, startsAwake=True)
    stack.up(keeperManaged=True, startsAwake=True, configurations=[L4_NEW])
    assert stack.aws.orders() == []


def test_what_is_there_outside_its_hours_is_taken_up(stack):
    """An endpoint of this service that an interrupted deployment left: to be known, and stopped by the keeper."""
    stack.state = None
    stack.up(keeperManaged=True, startsAwake=False)
    assert stack.outputs()["state"] == "awake"


def test_who_has_no_keeper_starts_at_any_hour(new):
    """`startsAwake` is a keeper's alone."""
    new.up(startsAwake=False)
    assert new.outputs()["state"] == "awake"


def test_what_the_keeper_parked_is_taken_back(stack):
    """Without a keeper nobody else would wake it."""
    stack.up(keeperManaged=True)
    stack.aws.endpoints.clear()
    stack.aws.targets.clear()
    stack.refresh()
    stack.forget_calls()
    stack.up()
    assert stack.aws.orders() == ["CreateEndpoint", "RegisterScalableTarget", "PutScalingPolicy"]
    assert stack.outputs()["state"] == "awake"


def test_what_runs_is_handed_over_as_it_is(stack):
    """The keeper finds it awake."""
    stack.forget_calls()
    stack.up(keeperManaged=True, startsAwake=False)
    assert "DeleteEndpoint" not in stack.aws.orders()
    assert "CreateEndpoint" not in stack.aws.orders()
    assert stack.outputs()["state"] == "awake"


def test_a_destroy_while_it_sleeps_asks_for_nothing(new):
    """There is nothing left to delete, and nothing is made to be deleted."""
    new.up(keeperManaged=True, startsAwake=False)
    new.destroy()
    assert new.aws.orders() == []


def test_a_destroy_takes_what_the_keeper_woke_meanwhile(stack):
    """The state says that it is parked, AWS says that it runs: nothing is left billing."""
    stack.up(keeperManaged=True)
    stack.state = {**stack.state, "state": "parked"}
    stack.destroy()
    assert stack.aws.endpoints == {}


def test_what_the_keeper_woke_is_awake(stack):
    """Capacity is the keeper's: what it registers is no drift."""
    stack.up(keeperManaged=True)
    stack.aws.targets.clear()
    stack.refresh()
    assert not stack.changes(keeperManaged=True)
    assert stack.outputs()["state"] == "awake"


def test_an_endpoint_that_somebody_deleted_is_made_again(stack):
    """Without a keeper its absence is a fault: the refresh drops the resource, so the deployment makes it."""
    stack.aws.endpoints.clear()
    stack.aws.targets.clear()
    stack.refresh()
    assert stack.state is None
    stack.up()
    assert stack.outputs()["state"] == "awake"


def test_a_deployment_that_finds_no_endpoint_makes_it(stack):
    """Also when nobody refreshed before."""
    stack.aws.endpoints.clear()
    stack.aws.targets.clear()
    stack.up(configurations=[L4_NEW])
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"


def test_a_destroy_leaves_nothing(stack):
    """And returns only when AWS knows nothing of the endpoint any more."""
    stack.destroy()
    assert stack.aws.endpoints == {}
    assert stack.aws.targets == {}
    assert stack.aws.calls[-1][0] == "DescribeEndpoint"


@pytest.mark.parametrize("status", ["Creating", "Updating", "RollingBack", "SystemUpdating"])
def test_a_destroy_waits_for_what_is_under_way(stack, status):
    """AWS refuses the order until then, and a provider that takes that for success leaves a GPU running."""
    stack.endpoint.status, stack.endpoint.until = status, stack.aws.time.now + 3000
    stack.endpoint.then = lambda endpoint: setattr(endpoint, "status", "InService")
    stack.destroy()
    assert stack.aws.endpoints == {}


def test_a_destroy_ends_a_failed_endpoint(stack):
    """It is one that only a deletion ends."""
    stack.endpoint.status, stack.endpoint.failure = "Failed", PING
    stack.destroy()
    assert stack.aws.endpoints == {}


def test_a_destroy_of_what_is_gone_is_done(stack):
    """Nothing is ordered."""
    stack.aws.endpoints.clear()
    stack.destroy()
    assert stack.aws.orders() == []


def test_a_destroy_that_meets_an_update_tries_again(stack):
    """It may begin between the question and the order."""
    busy = refusal("DeleteEndpoint", "ValidationException", 'Cannot update in-progress endpoint "arn".')
    stack.aws.errors["DeleteEndpoint"].append(busy)
    stack.destroy()
    assert stack.aws.asked("DeleteEndpoint") == [{"EndpointName": NAME}] * 2
    assert stack.aws.endpoints == {}


def test_a_destroy_that_was_not_heard_is_ordered_again(stack):
    """An endpoint that serves on is no success."""
    first = []

    def deaf(endpoint):
        if not first:
            first.append(endpoint)
            endpoint.status = "InService"
        else:
            ended(endpoint)

    ended, stack.aws._ended = stack.aws._ended, deaf
    stack.destroy()
    assert len(stack.aws.asked("DeleteEndpoint")) == 2
    assert stack.aws.endpoints == {}


def test_a_destroy_that_never_ends_is_an_error(stack):
    """The resource stays in the state, so that it is not forgotten."""
    stack.endpoint.status = "Updating"
    with pytest.raises(EndpointError, match="still Updating after 2 h 0 min, which is the limit"):
        stack.destroy()
    assert stack.state is not None


def test_a_destroy_that_is_refused_is_an_error(stack):
    """With the right that is missing."""
    denied = refusal("DeleteEndpoint", "AccessDeniedException", "not authorized to perform: sagemaker:DeleteEndpoint")
    stack.aws.errors["DeleteEndpoint"].append(denied)
    with pytest.raises(EndpointError, match="not authorized to perform: sagemaker:DeleteEndpoint"):
        stack.destroy()


def test_a_destroy_leaves_somebody_elses_endpoint_alone(stack):
    """It is neither deleted nor forgotten: whoever stripped the tags of this one has to say so."""
    stack.endpoint.tags.clear()
    stack.refresh()
    with pytest.raises(EndpointError, match=r"is not tagged as this service's .* aws sagemaker add-tags"):
        stack.destroy()
    assert stack.aws.orders() == []


def test_a_destroy_in_the_wrong_account_is_an_error(stack):
    """There, the endpoint would seem to be gone."""
    stack.aws.account = "999999999999"
    with pytest.raises(EndpointError, match="account 999999999999"):
        stack.destroy()


def test_a_destroy_of_a_parked_service_is_done(stack):
    """Nothing is there, nothing is ordered."""
    stack.up(**OFF)
    stack.forget_calls()
    stack.destroy()
    assert stack.aws.orders() == []
    assert RESOURCE not in stack.aws.targets
