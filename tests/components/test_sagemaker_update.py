"""An endpoint changes in place, keeps serving, and an update that AWS took back is never reported as done."""

from __future__ import annotations

import pytest
from botocore.exceptions import ReadTimeoutError

from components.sagemaker.failures import EndpointError
from tests.components.sagemaker_api import CAPACITY, PING, refusal
from tests.components.sagemaker_endpoint import (
    A10G,
    A10G_NEW,
    ALARM,
    INPUTS,
    L4,
    L4_NEW,
    NAME,
    RESOURCE,
    SCALING,
    TAGS,
    Stack,
)

NEW = [L4_NEW, A10G_NEW]


@pytest.fixture
def stack() -> Stack:
    """A stack whose endpoint serves."""
    deployed = Stack()
    deployed.up()
    deployed.forget_calls()
    return deployed


def test_no_change_asks_nothing(stack):
    """A deployment of the same inputs makes no call."""
    assert not stack.changes()
    stack.up()
    assert stack.aws.calls == []


def test_a_new_configuration_is_an_update_that_keeps_the_instances(stack):
    """The count that runs is kept, everything else is the new configuration's; alarms guard the change."""
    stack.endpoint.desired = stack.endpoint.running = 3
    stack.up(configurations=NEW)
    assert stack.aws.orders() == ["UpdateEndpoint"]
    [order] = stack.aws.asked("UpdateEndpoint")
    assert order == {
        "EndpointName": NAME,
        "EndpointConfigName": "chat-config-l4-2",
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
                "TerminationWaitInSeconds": 120,
                "MaximumExecutionTimeoutInSeconds": 3600,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": ALARM}]},
        },
    }
    assert stack.endpoint.running == 3
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"
    assert stack.said[0] == "dev-chat: updating to ml.g6.2xlarge, configuration chat-config-l4-2"
    assert stack.said[-1] == "dev-chat: InService after 8 min"


@pytest.mark.parametrize(("count", "batch"), [(2, 1), (20, 1), (30, 2)])
def test_a_rolling_update_goes_in_the_smallest_batches(stack, count, batch):
    """One instance at a time, and never less than the 5 % that AWS asks for."""
    stack.endpoint.desired = stack.endpoint.running = count
    stack.up(configurations=NEW, maxReplicas=40, deployment={**INPUTS["deployment"], "policy": "rolling"})
    [order] = stack.aws.asked("UpdateEndpoint")
    assert order["DeploymentConfig"]["RollingUpdatePolicy"] == {
        "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": batch},
        "WaitIntervalInSeconds": 120,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }


def test_one_instance_cannot_be_replaced_in_batches(stack):
    """AWS asks for batches of at most half the instances: a single one is replaced on a second fleet."""
    stack.up(configurations=NEW, deployment={**INPUTS["deployment"], "policy": "rolling"})
    [order] = stack.aws.asked("UpdateEndpoint")
    assert "BlueGreenUpdatePolicy" in order["DeploymentConfig"]


def test_limits_and_policy_touch_the_scaling_alone(stack):
    """No instance is replaced because of another limit."""
    stack.up(minReplicas=2, maxReplicas=5, scaling={**SCALING, "target": 6})
    assert stack.aws.orders() == ["RegisterScalableTarget", "PutScalingPolicy"]
    assert (stack.aws.targets[RESOURCE]["MinCapacity"], stack.aws.targets[RESOURCE]["MaxCapacity"]) == (2, 5)
    assert stack.aws.policies[RESOURCE]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 6.0
    assert stack.outputs()["state"] == "awake"


def test_a_fixed_number_ends_the_scaling(stack):
    """The target goes, and the number is ordered."""
    stack.up(minReplicas=2, maxReplicas=2)
    assert stack.aws.orders() == ["DeregisterScalableTarget", "UpdateEndpointWeightsAndCapacities"]
    assert stack.aws.targets == {}
    assert stack.endpoint.running == 2


def test_a_number_that_aws_does_not_give_is_an_error(stack):
    """Both numbers are in the message."""
    stack.aws._counted = lambda endpoint: setattr(endpoint, "status", "InService")
    with pytest.raises(EndpointError, match="runs 1 instances, and AWS did not give 2"):
        stack.up(minReplicas=2, maxReplicas=2)


def test_a_number_that_does_not_show_yet_is_waited_for(stack):
    """DescribeEndpoint may say InService with the old number for a while."""
    stack.aws.stale_for = 30
    stack.up(minReplicas=2, maxReplicas=2)
    assert stack.endpoint.running == 2


def test_a_number_is_ordered_again_when_the_scaling_had_begun_something(stack):
    """What the ended registration began is waited for, as AWS refuses every order meanwhile."""

    def begin(**identity):
        forget(**identity)
        stack.aws._count(stack.endpoint, 3)

    forget, stack.aws._deregister_scalable_target = stack.aws._deregister_scalable_target, begin
    stack.up(minReplicas=2, maxReplicas=2)
    assert len(stack.aws.asked("UpdateEndpointWeightsAndCapacities")) == 2
    assert stack.endpoint.running == 2


def test_what_concerns_no_call_makes_none(stack):
    """How the next update goes, or how long to wait for it, is only remembered."""
    stack.up(readyTimeoutSeconds=2000, deployment={**INPUTS["deployment"], "policy": "rolling"}, profile="work")
    assert stack.aws.orders() == []
    assert not stack.changes(
        readyTimeoutSeconds=2000, deployment={**INPUTS["deployment"], "policy": "rolling"}, profile="work"
    )
    assert stack.provider.asked_as[-1].profile == "work"


def test_another_instance_type_is_taken_although_the_endpoint_scales(stack):
    """AWS refuses that while a scalable target is registered: it goes first and comes back afterwards."""
    stack.up(configurations=[A10G_NEW])
    assert stack.aws.orders() == [
        "DeregisterScalableTarget",
        "UpdateEndpoint",
        "RegisterScalableTarget",
        "PutScalingPolicy",
    ]
    assert stack.outputs()["currentInstanceType"] == "ml.g5.2xlarge"


def test_the_scaling_comes_back_when_the_update_was_taken_back(stack):
    """As it was before, since the old configuration serves on."""
    stack.aws.updates["chat-config-a10g-2"] = ("InService", PING)
    with pytest.raises(EndpointError):
        stack.up(configurations=[A10G_NEW], maxReplicas=9)
    assert stack.aws.targets[RESOURCE]["MaxCapacity"] == 3
    assert stack.aws.policies[RESOURCE]["PolicyName"] == "berth"


def test_scaling_that_does_not_come_back_is_said_too(stack):
    """Neither of two failures hides the other."""
    stack.aws.updates["chat-config-a10g-2"] = ("InService", PING)
    denied = refusal("RegisterScalableTarget", "AccessDeniedException", "no")
    stack.aws.errors["RegisterScalableTarget"].append(denied)
    with pytest.raises(EndpointError, match=r"ping health check.*; and its scaling could not be registered again: "):
        stack.up(configurations=[A10G_NEW])


def test_a_silent_rollback_is_an_error_that_says_why(stack):
    """AWS reports InService: the configuration that is in place tells that it is the old one."""
    stack.aws.updates["chat-config-l4-2"] = ("InService", PING)
    stack.aws.log_streams.append("AllTraffic/i-0123")
    with pytest.raises(EndpointError) as error:
        stack.up(configurations=NEW)
    assert str(error.value).startswith(
        "dev-chat: the update to chat-config-l4-2 was not done, chat-config-l4-1 is in place and InService: The primary"
        " container for production variant AllTraffic did not pass the ping health check; "
    )
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-1"


def test_a_rollback_by_an_alarm_names_it(stack):
    """The alarm that rang meanwhile is why."""
    stack.aws.updates["chat-config-l4-2"] = ("InService", "Rolled back")

    def ring(endpoint):
        stack.aws.alarms[ALARM] = "ALARM"
        updated(endpoint)

    updated, stack.aws._updated = stack.aws._updated, ring
    with pytest.raises(EndpointError, match=rf"and InService: {ALARM} in ALARM; Rolled back; see aws logs tail"):
        stack.up(configurations=NEW)


def test_an_alarm_that_rings_already_does_not_stop_its_own_cure(stack):
    """AWS would take the update back at once; the user is told that it is not guarded."""
    stack.aws.alarms[ALARM] = "ALARM"
    stack.up(configurations=NEW)
    [order] = stack.aws.asked("UpdateEndpoint")
    assert "AutoRollbackConfiguration" not in order["DeploymentConfig"]
    assert f"dev-chat: alarm {ALARM} is in ALARM already, so it does not guard this update" in stack.said


def test_an_update_that_does_not_show_yet_is_not_taken_for_a_rollback(stack):
    """DescribeEndpoint may say InService with the old configuration for a while."""
    stack.aws.stale_for = 60
    stack.up(configurations=NEW)
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"


def test_an_update_that_never_begins_is_an_error(stack):
    """After two minutes, and not after the whole time that an update may take."""
    stack.aws.errors["UpdateEndpoint"].append(ReadTimeoutError(endpoint_url="https://api.sagemaker"))
    begun = stack.aws.time.now
    with pytest.raises(
        EndpointError, match=r"chat-config-l4-1 is in place and InService: Read timeout .* gives no reason"
    ):
        stack.up(configurations=NEW)
    assert 120 <= stack.aws.time.now - begun <= 180


def test_an_update_without_any_answer_may_have_been_heard(stack):
    """It is watched like any other, and ordered once."""
    stack.aws.lost_answers["UpdateEndpoint"] = ReadTimeoutError(endpoint_url="https://api.sagemaker")
    stack.up(configurations=NEW)
    assert len(stack.aws.asked("UpdateEndpoint")) == 1
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"


def test_an_update_that_the_sdk_ordered_twice_is_one_update(stack):
    """The second order is refused, since the first was heard: the fleet is not replaced twice."""
    stack.aws.lost_answers["UpdateEndpoint"] = refusal(
        "UpdateEndpoint", "ValidationException", 'Cannot update in-progress endpoint "arn".'
    )
    stack.up(configurations=NEW)
    assert len(stack.aws.asked("UpdateEndpoint")) == 1
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"


def test_an_update_that_meets_the_scaling_is_ordered_again(stack):
    """The replicas that it adds are kept."""
    stack.aws.errors["UpdateEndpoint"].append(
        refusal("UpdateEndpoint", "ValidationException", 'Cannot update in-progress endpoint "arn".')
    )
    stack.aws._count(stack.endpoint, 3)
    stack.up(configurations=NEW)
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"
    assert stack.endpoint.running == 3


def test_a_rollback_that_failed_is_an_error_and_the_next_update_repairs_it(stack):
    """The endpoint serves with a mix of both; another update is the only way out, on a fleet of its own."""
    stack.endpoint.desired = stack.endpoint.running = 2
    rolling = {**INPUTS["deployment"], "policy": "rolling"}
    stack.aws.updates["chat-config-l4-2"] = ("UpdateRollbackFailed", "Both failed")
    with pytest.raises(EndpointError, match="chat-config-l4-1 is in place and UpdateRollbackFailed: Both failed"):
        stack.up(configurations=NEW, deployment=rolling)
    del stack.aws.updates["chat-config-l4-2"]
    stack.forget_calls()
    stack.up(configurations=NEW, deployment=rolling)
    [order] = stack.aws.asked("UpdateEndpoint")
    assert "BlueGreenUpdatePolicy" in order["DeploymentConfig"]
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"


def test_a_mix_that_cannot_be_repaired_for_want_of_capacity_is_no_success(stack):
    """The configuration in place is a wanted one, but not all of the endpoint has it."""
    stack.endpoint.status = "UpdateRollbackFailed"
    short = refusal("UpdateEndpoint", "InsufficientCapacity", CAPACITY)
    stack.aws.errors["UpdateEndpoint"] += [short, short]
    with pytest.raises(EndpointError, match=r"AWS has none of ml.g6.2xlarge, ml.g5.2xlarge in us-east-1 now"):
        stack.up(readyTimeoutSeconds=2000)


def test_an_update_that_killed_the_endpoint_is_followed_by_a_new_one(stack):
    """A failed endpoint can only be deleted."""
    stack.aws.updates["chat-config-l4-2"] = ("Failed", PING)
    with pytest.raises(EndpointError, match="and Failed"):
        stack.up(configurations=NEW)
    stack.forget_calls()
    stack.up(configurations=NEW)
    assert stack.aws.orders()[1:3] == ["DeleteEndpoint", "CreateEndpoint"]
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"


def test_without_capacity_an_update_goes_on_to_the_next_accelerator(stack):
    """The old configuration serves in between, and the scaling is registered in the end."""
    stack.aws.updates["chat-config-l4-2"] = ("InService", CAPACITY)
    stack.up(configurations=NEW)
    assert [order["EndpointConfigName"] for order in stack.aws.asked("UpdateEndpoint")] == [
        "chat-config-l4-2",
        "chat-config-a10g-2",
    ]
    assert stack.outputs()["currentAccelerator"] == "A10G"
    assert RESOURCE in stack.aws.targets
    assert not stack.changes(configurations=NEW)


def test_without_any_capacity_the_old_configuration_is_kept_and_the_update_fails(stack):
    """It still serves and scales."""
    stack.aws.updates |= {"chat-config-l4-2": ("InService", CAPACITY), "chat-config-a10g-2": ("InService", CAPACITY)}
    with pytest.raises(EndpointError, match=r"AWS has none of ml.g6.2xlarge, ml.g5.2xlarge in us-east-1 now"):
        stack.up(configurations=NEW)
    assert stack.endpoint.config == "chat-config-l4-1"
    assert RESOURCE in stack.aws.targets


def test_another_fallback_moves_nothing(stack):
    """The configuration in place is still the first that is wanted."""
    stack.up(configurations=[L4])
    assert stack.aws.orders() == []


def test_a_fallback_in_place_stays_until_something_better_is_asked_for():
    """It was taken for want of the first; a deployment that does not concern it leaves it."""
    stack = Stack()
    stack.aws.starts["ml.g6.2xlarge"] = CAPACITY
    stack.up()
    stack.forget_calls()
    stack.up(maxReplicas=5, configurations=[L4, A10G, A10G_NEW])
    assert "UpdateEndpoint" not in stack.aws.orders()


def test_another_preference_is_followed_and_the_endpoint_stays_where_it_cannot_be(stack):
    """The new first choice has no capacity; the one in place is wanted as well, so that is no failure."""
    stack.aws.updates["chat-config-a10g-1"] = ("InService", CAPACITY)
    stack.up(configurations=[A10G, L4])
    assert [order["EndpointConfigName"] for order in stack.aws.asked("UpdateEndpoint")] == ["chat-config-a10g-1"]
    assert "dev-chat: stays on ml.g6.2xlarge" in stack.said
    assert stack.outputs()["currentAccelerator"] == "L4"
    assert RESOURCE in stack.aws.targets


@pytest.mark.parametrize("status", ["Updating", "RollingBack", "SystemUpdating", "Creating"])
def test_what_others_began_is_waited_for(stack, status):
    """AWS refuses every order until it is over."""
    stack.endpoint.status, stack.endpoint.until = status, stack.aws.time.now + 300
    stack.endpoint.then = lambda endpoint: setattr(endpoint, "status", "InService")
    stack.up(configurations=NEW)
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"
    assert f"dev-chat: {status}" in stack.said


def test_an_endpoint_that_is_being_deleted_is_made_anew(stack):
    """Its end is waited for, since the name is taken until then."""
    stack.aws.clients().sagemaker.delete_endpoint(EndpointName=NAME)
    stack.up(configurations=NEW)
    assert stack.outputs()["currentConfigName"] == "chat-config-l4-2"


def test_waiting_for_others_is_bounded(stack):
    """The message says what it is still doing."""
    stack.endpoint.status = "SystemUpdating"
    with pytest.raises(EndpointError, match="still SystemUpdating after 50 min, which is the limit"):
        stack.up(configurations=NEW)


def test_tags_change_in_place_and_those_of_others_stay(stack):
    """What the stack no longer sets is taken away, what it never set is not."""
    stack.endpoint.tags["cost-tool"] = "x"
    stack.up(tags={**{key: value for key, value in TAGS.items() if key != "environment"}, "owner": "ml"})
    assert stack.aws.orders() == ["AddTags", "DeleteTags"]
    assert stack.aws.asked("DeleteTags")[0]["TagKeys"] == ["environment"]
    assert stack.endpoint.tags["owner"] == "ml"
    assert stack.endpoint.tags["cost-tool"] == "x"
    assert not stack.changes(tags={**{k: v for k, v in reversed(TAGS.items()) if k != "environment"}, "owner": "ml"})


def test_an_endpoint_that_was_exchanged_by_somebody_is_not_updated(stack):
    """Its tags are not this service's."""
    stack.endpoint.tags.clear()
    with pytest.raises(EndpointError, match="so it is left alone"):
        stack.up(configurations=NEW)
    assert stack.aws.orders() == []


def test_an_update_in_the_wrong_account_changes_nothing(stack):
    """The credentials may have changed since the endpoint was made."""
    stack.aws.account = "999999999999"
    with pytest.raises(EndpointError, match="nothing was changed"):
        stack.up(configurations=NEW)
    assert stack.aws.orders() == []
