"""How is a service on ECS started and stopped, call by call?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ConnectTimeoutError

from components.keeper.runtime.errors import BusyError, DocumentError, KeeperError, NoCapacityError
from components.keeper.runtime.facts import Capacity
from components.keeper.runtime.targets.ecs import EcsDetails
from tests.components.sagemaker_api import refusal
from tests.keeper.runtime.ecs_account import (
    CLUSTER,
    DETAILS,
    GROUP,
    NOW,
    RESOURCE,
    RULE,
    SERVICE,
    EcsAccount,
    Instance,
)

OURS = {"cluster": CLUSTER, "service": SERVICE}
SCALED = {"ServiceNamespace": "ecs", "ResourceId": RESOURCE, "ScalableDimension": "ecs:service:DesiredCount"}
NO_GPU = (
    "We currently do not have sufficient g6.2xlarge capacity in the Availability Zone you requested (us-east-1a)."
    " Launching EC2 instance failed."
)


def limits(least: int, most: int) -> tuple[str, dict]:
    return "RegisterScalableTarget", {**SCALED, "MinCapacity": least, "MaxCapacity": most}


def count(number: int) -> tuple[str, dict]:
    return "UpdateService", {**OURS, "desiredCount": number}


def rule(priority: int) -> tuple[str, dict]:
    return "SetRulePriorities", {"RulePriorities": [{"RuleArn": RULE, "Priority": priority}]}


def ended(instance: str) -> tuple[str, dict]:
    return "TerminateInstanceInAutoScalingGroup", {"InstanceId": instance, "ShouldDecrementDesiredCapacity": True}


def awake(**changes) -> EcsAccount:
    """An account whose service serves."""
    usual = {
        "desired": 1,
        "running": 1,
        "limits": (1, 4),
        "priority": 20,
        "instances": {"i-1": Instance(tasks=("RUNNING/RUNNING",))},
    }
    return EcsAccount(**{**usual, **changes})


def woken(account: EcsAccount, **changes) -> str:
    target = account.target(**changes)
    return target.wake(target.capacity(), 0)


def stopped(account: EcsAccount, **changes) -> str:
    target = account.target(**changes)
    return target.sleep(target.capacity(), "hard")


def test_woken_once():
    """Limits and count at once; the load balancer when a task answers; then nothing more."""
    account = EcsAccount()
    assert woken(account) == "limits 1 to 4; 1 tasks, not 0"
    assert account.orders() == [limits(1, 4), count(1)]
    assert woken(account) == ""
    account.running, account.healthy = 1, False
    assert woken(account) == ""
    assert account.orders() == []
    account.healthy = True
    assert woken(account) == "the service is asked again"
    assert account.orders() == [rule(20)]
    assert woken(account) == ""
    assert account.orders() == []


def test_what_scaling_has_made_is_left_alone():
    """A count between the limits is nobody else's business."""
    account = awake(desired=3, running=3)
    assert woken(account) == ""
    assert account.orders() == []


@pytest.mark.parametrize(
    ("desired", "least", "most", "ordered"),
    [
        (1, 2, 4, [limits(2, 4), count(2)]),
        (3, 1, 2, [limits(1, 2), count(2)]),
        (0, 0, 4, [limits(0, 4), count(1)]),
    ],
)
def test_changed_limits_take_effect(desired, least, most, ordered):
    """More at least, fewer at most; and awake is at least one, whatever the least is."""
    account = awake(desired=desired, running=desired)
    woken(account, min_replicas=least, max_replicas=most)
    assert account.orders() == ordered


def test_a_service_that_nobody_scales():
    """No scalable target is made for it."""
    account = EcsAccount(limits=None)
    woken(account)
    stopped(account)
    assert account.orders() == [count(1), count(0)]


def test_stopped_once():
    """First somebody else answers, then the tasks stop; what runs ends by itself, and is not told twice."""
    account = awake()
    assert stopped(account) == "asleep is answered; limits 0 to 0; 0 tasks, not 1"
    assert account.orders() == [rule(5), limits(0, 0), count(0)]
    assert stopped(account) == ""
    assert account.orders() == []


def test_empty_instances_do_not_wait_for_managed_scaling():
    """As soon as the last task has left; a second run has nothing to end."""
    account = awake()
    stopped(account)
    account.orders()
    account.running = 0
    account.instances["i-1"].tasks = ("STOPPED/STOPPED",)
    assert stopped(account) == "ended i-1"
    assert account.orders() == [ended("i-1")]
    assert stopped(account) == ""
    assert account.orders() == []
    assert account.target().capacity() == Capacity("off", {}, "0 of 0 tasks run, 0 start")


@pytest.mark.parametrize(
    "task", ["RUNNING/RUNNING", "RUNNING/PENDING", "STOPPED/RUNNING", "STOPPED/DEACTIVATING", "STOPPED/STOPPING"]
)
def test_an_instance_with_a_task_is_never_ended(task):
    """Nor one whose task was told to stop and still answers, which ECS does not count as running."""
    account = awake(desired=0, running=0, limits=(0, 0), priority=5)
    account.instances = {"i-1": Instance(tasks=("STOPPED/STOPPED", task)), "i-2": Instance()}
    assert stopped(account) == "ended i-2"
    assert account.orders() == [ended("i-2")]


def test_only_the_service_s_own_instances_are_ended():
    """Not those of another group in the same cluster, and none that is on its way in or out."""
    account = awake(desired=0, running=0, limits=(0, 0), priority=5)
    account.instances = {"i-1": Instance("Pending"), "i-2": Instance("Terminating:Wait"), "i-3": Instance()}
    account.strangers = {"i-9": Instance()}
    stopped(account)
    assert account.orders() == [ended("i-3")]


@pytest.mark.parametrize(("running", "orders"), [(0, [ended("i-1")]), (1, [])])
def test_an_instance_that_the_cluster_does_not_know(running, orders):
    """Nobody else would ever end it; while the service has tasks, it may have one of them."""
    account = awake(desired=0, running=running, limits=(0, 0), priority=5)
    account.instances = {"i-1": Instance(tasks=None)}
    stopped(account)
    assert account.orders() == orders


def test_no_instance_is_ended_while_a_task_is_wanted():
    """Somebody has raised the count between two looks: the count goes down, instances stay."""
    account = awake(limits=(0, 0), priority=5)
    account.instances = {"i-1": Instance()}
    assert stopped(account) == "0 tasks, not 1; ended i-1"
    account = awake(limits=(0, 0), priority=5, instances={"i-1": Instance()})
    account.errors["UpdateService"] = [refusal("UpdateService", "AccessDeniedException", "no")]
    with pytest.raises(KeeperError, match="UpdateService: AccessDeniedException: no"):
        stopped(account)
    assert [name for name, _ in account.orders()] == ["UpdateService"]


def test_an_instance_that_somebody_else_has_just_ended():
    """Is no error."""
    account = awake(desired=0, running=0, limits=(0, 0), priority=5, instances={"i-1": Instance()})
    text = "Instance Id not found - No managed instance found for instance ID i-1"
    account.errors["TerminateInstanceInAutoScalingGroup"] = [
        refusal("TerminateInstanceInAutoScalingGroup", "ValidationError", text)
    ]
    assert stopped(account) == "ended i-1"


def test_a_rule_that_cannot_be_switched_keeps_no_gpu_running():
    """The others are ordered all the same; then it is an error."""
    account = awake()
    account.errors["SetRulePriorities"] = [refusal("SetRulePriorities", "PriorityInUse", "Priority '5' is in use.")]
    with pytest.raises(KeeperError) as raised:
        stopped(account)
    assert str(raised.value) == "SetRulePriorities: PriorityInUse: Priority '5' is in use"
    assert account.orders() == [rule(5), limits(0, 0), count(0)]


def test_all_that_was_refused_is_told():
    """In the order in which it was ordered."""
    account = awake()
    account.errors["RegisterScalableTarget"] = [refusal("RegisterScalableTarget", "ValidationException", "no.")]
    account.errors["UpdateService"] = [refusal("UpdateService", "ServiceNotActiveException", "not active")]
    account.errors["SetRulePriorities"] = [refusal("SetRulePriorities", "RuleNotFound", "gone")]
    with pytest.raises(KeeperError) as raised:
        stopped(account)
    assert str(raised.value) == (
        "SetRulePriorities: RuleNotFound: gone; RegisterScalableTarget: ValidationException: no"
    )


def test_what_is_busy_alone_is_no_alarm():
    """The next run tries again."""
    account = awake()
    account.errors["UpdateService"] = [refusal("UpdateService", "ServiceNotActiveException", "Service was not ACTIVE.")]
    with pytest.raises(BusyError, match=r"^UpdateService: ServiceNotActiveException: Service was not ACTIVE$"):
        stopped(account)


def test_aws_may_stumble():
    """A call is made again, with growing pauses, and then it is an error."""
    account = awake()
    throttled = refusal("DescribeServices", "ThrottlingException", "Rate exceeded")
    account.errors["DescribeServices"] = [throttled, ConnectTimeoutError(endpoint_url="https://ecs")]
    assert account.target().capacity().power == "on"
    assert account.slept == [1.0, 2.0]
    account.slept.clear()
    account.errors["DescribeServices"] = [throttled] * 4
    with pytest.raises(KeeperError, match=r"^DescribeServices: ThrottlingException: Rate exceeded$"):
        account.target().capacity()
    assert account.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("changes", "power"),
    [
        ({}, "on"),
        ({"healthy": False}, "starting"),
        ({"running": 0, "pending": 1}, "starting"),
        ({"running": 0, "instances": {}}, "starting"),
        ({"rollout": "IN_PROGRESS"}, "on"),
        ({"running": 0, "rollout": "IN_PROGRESS"}, "starting"),
        ({"running": 0, "rollout": "FAILED"}, "failed"),
        ({"rollout": "FAILED"}, "on"),
        ({"desired": 0}, "stopping"),
        ({"desired": 0, "running": 0}, "stopping"),
        ({"desired": 0, "running": 0, "pending": 1, "instances": {}}, "stopping"),
        ({"desired": 0, "running": 0, "instances": {}}, "off"),
    ],
)
def test_how_it_is(changes, power):
    """It answers when a task runs and the load balancer calls it healthy; it costs while there is an instance."""
    assert awake(**changes).target().capacity().power == power


def test_what_is_billed():
    """Each instance until it is gone, by its type."""
    states = ("Pending", "InService", "Terminating:Wait", "Standby", "Terminated", "Detached", "Warmed:Stopped")
    account = awake(instances={f"i-{state}": Instance(state) for state in states})
    assert account.target().capacity() == Capacity("on", {"g6.2xlarge": 4}, "1 of 1 tasks run, 0 start")


def test_a_service_on_somebody_else_s_instances():
    """Each task is what is billed, one that runs answers, and no instance is ever ended."""
    foreign = {"group": None, "target_group": None, "asleep_rule": None, "instance_type": "fargate"}
    account = awake(running=2, desired=2)
    assert account.target(foreign).capacity() == Capacity("on", {"fargate": 2}, "2 of 2 tasks run, 0 start")
    target = account.target(foreign)
    assert target.sleep(target.capacity(), "hard") == "limits 0 to 0; 0 tasks, not 2"
    assert {name for name, _ in account.calls} == {
        "DescribeServices",
        "DescribeScalableTargets",
        "RegisterScalableTarget",
        "UpdateService",
    }


@pytest.mark.parametrize(
    ("activity", "error", "said"),
    [
        ({"StatusMessage": NO_GPU}, NoCapacityError, f"{GROUP}: {NO_GPU[:-1]}"),
        (
            {"StatusMessage": "You have requested more vCPU capacity than your current vCPU limit of 0 allows."},
            KeeperError,
            f"{GROUP}: You have requested more vCPU capacity than your current vCPU limit of 0 allows",
        ),
        (
            {"StatusMessage": "There is no Spot capacity available that matches your request."},
            NoCapacityError,
            f"{GROUP}: There is no Spot capacity available that matches your request",
        ),
        ({}, KeeperError, f"{GROUP}: the last launch failed"),
    ],
)
def test_no_instance_to_be_had(activity, error, said):
    """What the group was refused is told, once nothing else is left to order."""
    account = awake(running=0, instances={}, priority=5)
    account.activity = {"StatusCode": "Failed", "StartTime": NOW - timedelta(minutes=3), **activity}
    with pytest.raises(KeeperError) as raised:
        woken(account)
    assert (type(raised.value), str(raised.value)) == (error, said)


@pytest.mark.parametrize(
    "changes",
    [
        {"activity": None},
        {"activity": {"StatusCode": "Successful", "StartTime": NOW}},
        {"activity": {"StatusCode": "Failed", "StartTime": NOW - timedelta(hours=9), "StatusMessage": NO_GPU}},
        {"activity": {"StatusCode": "Failed", "StartTime": NOW}, "instances": {"i-1": Instance("Pending")}},
    ],
)
def test_a_start_that_takes_its_time_is_no_failure(changes):
    """Nor is what was refused yesterday."""
    assert woken(awake(**{"running": 0, "instances": {}, "priority": 5, **changes})) == ""


def test_a_deployment_that_failed():
    """Is told as long as nothing of it runs."""
    with pytest.raises(KeeperError) as raised:
        woken(awake(running=0, rollout="FAILED"))
    assert str(raised.value) == f"ECS service {CLUSTER}/{SERVICE}: it is FAILED"


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        ("missing", KeeperError, "is not there any more; deploy the stack"),
        ("INACTIVE", KeeperError, "is not there any more; deploy the stack"),
        ("DRAINING", BusyError, "is being deleted"),
    ],
)
def test_a_service_that_is_gone(status, error, said):
    """Or that a deployment is just replacing."""
    with pytest.raises(KeeperError) as raised:
        awake(status=status).target().capacity()
    assert (type(raised.value), str(raised.value)) == (error, f"ECS service {CLUSTER}/{SERVICE} {said}")


@pytest.mark.parametrize("name", ["cluster", "service", "instance_type"])
def test_a_document_without_names(name):
    """Says which one is missing."""
    with pytest.raises(DocumentError) as raised:
        EcsDetails.parse({one: value for one, value in DETAILS.items() if one != name})
    assert str(raised.value) == f"config: ecs.{name} is missing; deploy the stack"


def test_no_bill_at_hand():
    """AWS has it hours later."""
    assert awake().target().billed_usd(NOW) is None
