"""How is an endpoint started and stopped, run by run, against an AWS that takes its time?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.config import KeeperConfig
from components.keeper.runtime.errors import BusyError, DocumentError, KeeperError, NoCapacityError
from components.keeper.runtime.facts import Capacity
from components.keeper.runtime.patience import Patience
from components.keeper.runtime.targets.sagemaker import SagemakerTarget
from tests.components.sagemaker_api import CAPACITY, PING, START_SECONDS, FakeAws, FakeEndpoint, Time, refusal
from tests.components.sagemaker_endpoint import A10G, INPUTS, L4, L4_NEW, NAME, RESOURCE, TAGS
from tests.keeper.situation import config

IDENTITY = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{NAME}"
QUOTA = "The account-level service limit 'ml.g6.2xlarge for endpoint usage' is 0 Instances."


@dataclass
class Kept:
    """An endpoint between the keeper's runs."""

    aws: FakeAws = field(default_factory=lambda: FakeAws(Time()))
    inputs: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in (L4, A10G, L4_NEW):
            self.aws.add_config(one["endpointConfigName"], one["instanceType"])

    @property
    def target(self) -> SagemakerTarget:
        time = self.aws.time
        patience = Patience(now=lambda: time.now, sleep=time.sleep)
        return SagemakerTarget(self.config, self.aws.clients(), Calls(time.sleep), patience.clock)

    @property
    def config(self) -> KeeperConfig:
        return config(target="sagemaker", details={**INPUTS, "keeperManaged": True, **self.inputs})

    def wake(self, attempts: int = 0) -> str:
        target = self.target
        return target.wake(target.capacity(), attempts)

    def sleep(self) -> str:
        target = self.target
        return target.sleep(target.capacity(), "hard")

    def passes(self, seconds: float) -> Kept:
        self.aws.time.now += seconds
        return self

    def orders(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the calls that change something, and forget all."""
        found = [(name, params) for name, params in self.aws.calls if name in self.aws.orders()]
        self.aws.calls.clear()
        return found

    def has(self, status: str, **values: Any) -> Kept:
        """Let there be an endpoint of this service in some state."""
        usual = {"desired": 1, "running": 1, "created": self.aws.time.now}
        self.aws.endpoints[NAME] = FakeEndpoint(
            NAME, values.pop("config", "chat-config-l4-1"), status, dict(TAGS), **{**usual, **values}
        )
        return self


def test_woken_over_some_runs():
    """Ordered with its tags, scaled as soon as it serves, and then left alone."""
    kept = Kept()
    assert kept.wake() == "starts on ml.g6.2xlarge"
    tags = [{"Key": key, "Value": value} for key, value in sorted(TAGS.items())]
    assert kept.orders() == [
        ("CreateEndpoint", {"EndpointName": NAME, "EndpointConfigName": "chat-config-l4-1", "Tags": tags})
    ]
    assert kept.wake() == ""
    assert kept.target.capacity() == Capacity("starting", {"ml.g6.2xlarge": 1}, "Creating", "L4")
    assert kept.orders() == []
    kept.passes(START_SECONDS)
    assert kept.wake() == "scaled from 1 to 3"
    assert [name for name, _ in kept.orders()] == ["RegisterScalableTarget", "PutScalingPolicy"]
    assert kept.aws.targets == {RESOURCE: {"MinCapacity": 1, "MaxCapacity": 3, **IDENTITY}}
    assert kept.wake() == ""
    assert kept.orders() == []
    assert kept.target.capacity() == Capacity("on", {"ml.g6.2xlarge": 1}, "InService", "L4")


def test_stopped_over_some_runs():
    """The registration first; the second run, and the one after the end, order nothing."""
    kept = Kept()
    kept.wake()
    kept.passes(START_SECONDS).wake()
    kept.orders()
    assert kept.sleep() == "deleted the endpoint"
    assert kept.orders() == [("DeregisterScalableTarget", IDENTITY), ("DeleteEndpoint", {"EndpointName": NAME})]
    assert kept.sleep() == ""
    assert kept.target.capacity().power == "stopping"
    kept.passes(60)
    assert (kept.sleep(), kept.target.capacity()) == ("", Capacity("off"))
    assert kept.orders() == []
    assert kept.aws.targets == {}


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack"])
def test_what_moves_is_not_stopped_yet(status):
    """AWS refuses, so nothing is ordered, not even the end of its scaling."""
    kept = Kept().has(status)
    with pytest.raises(BusyError) as raised:
        kept.sleep()
    assert str(raised.value) == f"endpoint {NAME} is {status}, and until that is over AWS deletes nothing"
    assert kept.orders() == []


def test_what_begins_to_move_just_now_is_not_stopped_yet():
    """Between the look and the order."""
    kept = Kept().has("InService")
    in_progress = refusal("DeleteEndpoint", "ValidationException", f'Cannot update in-progress endpoint "{ARN}".')
    kept.aws.errors["DeleteEndpoint"] = [in_progress]
    with pytest.raises(BusyError, match="Cannot update in-progress endpoint"):
        kept.sleep()


def test_what_ends_is_not_started_yet():
    """The name is free only when the last one is gone."""
    kept = Kept().has("Deleting")
    with pytest.raises(BusyError, match=f"^endpoint {NAME} is being deleted$"):
        kept.wake()
    assert kept.orders() == []


@pytest.mark.parametrize(
    ("status", "power"),
    [
        ("Creating", "starting"),
        ("InService", "on"),
        ("Updating", "on"),
        ("SystemUpdating", "on"),
        ("RollingBack", "on"),
        ("UpdateRollbackFailed", "on"),
        ("Deleting", "stopping"),
        ("Failed", "failed"),
        ("OutOfService", "failed"),
    ],
)
def test_how_it_is(status, power):
    """An endpoint that is changed answers all the while."""
    assert Kept().has(status).target.capacity().power == power


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack"])
def test_a_deployment_under_way_is_not_disturbed(status):
    """It had to end the scaling itself, for another instance type."""
    kept = Kept().has(status)
    assert kept.wake() == ""
    assert kept.orders() == []


def test_an_update_that_could_not_be_taken_back_is_told_and_left_alone():
    """It may still serve."""
    kept = Kept().has("UpdateRollbackFailed")
    with pytest.raises(KeeperError, match=r"is UpdateRollbackFailed: .*; it may still serve: deploy the stack$"):
        kept.wake()
    assert kept.orders() == []


def test_what_serves_with_a_deleted_configuration_is_made_anew():
    """A run in the middle of a deployment started it; its weights are the old ones."""
    kept = Kept().has("InService", config="chat-config-l4-0")
    with pytest.raises(KeeperError, match=r"with configuration chat-config-l4-0, which is deleted; it is made anew$"):
        kept.wake()
    assert "DeleteEndpoint" in str(kept.orders())


def test_no_capacity_leads_to_the_next_alternative():
    """What failed is deleted by one run, and the next tries another type."""
    kept = Kept()
    kept.aws.starts["ml.g6.2xlarge"] = CAPACITY
    kept.wake()
    kept.passes(START_SECONDS)
    assert kept.target.capacity() == Capacity("failed", {}, f"Failed: {CAPACITY}", "L4")
    kept.orders()
    with pytest.raises(NoCapacityError) as raised:
        kept.wake()
    assert str(raised.value) == f"endpoint {NAME}: {CAPACITY[:-1]}; another one is tried"
    assert [name for name, _ in kept.orders()] == ["DeregisterScalableTarget", "DeleteEndpoint"]
    assert kept.passes(60).wake(attempts=1) == "starts on ml.g5.2xlarge"
    kept.passes(START_SECONDS)
    assert kept.target.capacity() == Capacity("on", {"ml.g5.2xlarge": 1}, "InService", "A10G")


@pytest.mark.parametrize(("attempts", "name"), [(0, "l4"), (1, "a10g"), (2, "l4"), (7, "a10g")])
def test_whose_turn_it_is(attempts, name):
    """Round and round."""
    kept = Kept()
    kept.wake(attempts)
    assert kept.aws.endpoints[NAME].config == f"chat-config-{name}-1"


def test_what_is_refused_at_once_leads_to_the_next_at_once():
    """And when none is left, the platform has nothing to give."""
    kept = Kept()
    refused = refusal("CreateEndpoint", "ValidationException", CAPACITY)
    kept.aws.errors["CreateEndpoint"] = [refused]
    assert kept.wake() == "starts on ml.g5.2xlarge"
    kept = Kept()
    kept.aws.errors["CreateEndpoint"] = [refused] * 2
    with pytest.raises(NoCapacityError) as raised:
        kept.wake()
    said = f"CreateEndpoint: ValidationException: {CAPACITY[:-1]}"
    assert str(raised.value) == f"ml.g6.2xlarge: {said}; ml.g5.2xlarge: {said}"


def test_a_quota_is_no_shortage():
    """It says which quota, and no other type is tried in its place."""
    kept = Kept()
    kept.aws.errors["CreateEndpoint"] = [refusal("CreateEndpoint", "ResourceLimitExceeded", QUOTA)]
    with pytest.raises(KeeperError) as raised:
        kept.wake()
    assert type(raised.value) is KeeperError
    assert str(raised.value).startswith(
        f"CreateEndpoint: ResourceLimitExceeded: {QUOTA[:-1]}; request the quota 'ml.g6.2xlarge for endpoint usage'"
    )
    assert [name for name, _ in kept.orders()] == ["CreateEndpoint"]


def test_an_engine_that_does_not_start_is_cleared_away_and_explained():
    """It is no shortage, and what it was is told with where to look."""
    kept = Kept().has("Failed", failure=PING, running=0)
    with pytest.raises(KeeperError) as raised:
        kept.wake()
    assert type(raised.value) is KeeperError
    assert str(raised.value).startswith(f"endpoint {NAME} is Failed: {PING[:-1]}; nothing was ever written to")
    assert [name for name, _ in kept.orders()] == ["DeregisterScalableTarget", "DeleteEndpoint"]


def test_a_failed_endpoint_is_deleted_outside_its_hours_too():
    """Nothing of it may be billed."""
    kept = Kept().has("Failed", failure=PING)
    assert kept.sleep() == "deleted the endpoint"


def test_an_endpoint_of_somebody_else_is_never_touched():
    """Whatever is wanted: it is neither metered, nor scaled, nor deleted."""
    kept = Kept().has("InService")
    del kept.aws.endpoints[NAME].tags["service"]
    for order in (kept.target.capacity, kept.wake, kept.sleep):
        with pytest.raises(KeeperError, match="not tagged as this service's"):
            order()
    capacity = Capacity("on")
    with pytest.raises(KeeperError, match="not tagged as this service's"):
        kept.target.sleep(capacity, "hard")
    kept.aws.endpoints[NAME].status = "Failed"
    with pytest.raises(KeeperError, match="not tagged as this service's"):
        kept.target.wake(capacity, 0)
    assert kept.orders() == []


@pytest.mark.parametrize("config_name", ["chat-config-a10g-1", "chat-config-l4-2"])
def test_another_configuration_that_serves_is_left_alone(config_name):
    """A later alternative, or what a deployment is about to move."""
    kept = Kept().has("InService", config=config_name)
    assert kept.wake() == "scaled from 1 to 3"
    assert [name for name, _ in kept.orders()] == ["RegisterScalableTarget", "PutScalingPolicy"]


def test_what_a_configuration_of_before_runs_on():
    """AWS still knows; and where it does not, the dearest is metered."""
    kept = Kept().has("InService", config="chat-config-l4-2", running=2)
    assert kept.target.capacity() == Capacity("on", {"ml.g6.2xlarge": 2}, "InService")
    kept.has("InService", config="chat-config-l4-0")
    assert kept.target.capacity() == Capacity("on", {"g6.2xlarge": 1}, "InService")


def test_a_deployment_while_asleep_is_what_the_morning_starts():
    """The document has the new names, and they are what is ordered."""
    kept = Kept(inputs={"configurations": [L4_NEW], "minReplicas": 2, "maxReplicas": 5})
    kept.wake()
    assert kept.aws.endpoints[NAME].config == "chat-config-l4-2"
    assert kept.target.capacity().running == {"ml.g6.2xlarge": 2}
    assert kept.passes(START_SECONDS).wake() == "scaled from 2 to 5"
    assert kept.aws.endpoints[NAME].desired == 2


def test_changed_limits_take_effect():
    """In a run after the deployment, once."""
    kept = Kept()
    kept.wake()
    kept.passes(START_SECONDS).wake()
    kept.inputs = {"maxReplicas": 6}
    kept.orders()
    assert kept.wake() == "scaled from 1 to 6"
    kept.orders()
    assert (kept.wake(), kept.orders()) == ("", [])


def test_a_fixed_number_of_replicas():
    """Is ordered, and what scaled it before ends."""
    kept = Kept()
    kept.wake()
    kept.passes(START_SECONDS).wake()
    kept.inputs = {"minReplicas": 2, "maxReplicas": 2}
    kept.orders()
    assert kept.wake() == "2 instances, not 1"
    assert [name for name, _ in kept.orders()] == ["DeregisterScalableTarget", "UpdateEndpointWeightsAndCapacities"]
    kept.passes(120)
    assert (kept.wake(), kept.orders()) == ("", [])
    kept.inputs = {"minReplicas": 1, "maxReplicas": 3}
    kept.wake()
    kept.inputs = {"minReplicas": 2, "maxReplicas": 2}
    assert kept.wake() == "not scaled any more"


@pytest.mark.parametrize(
    "error",
    [
        refusal("CreateEndpoint", "ValidationException", f'Cannot create already existing endpoint "{ARN}".'),
        ReadTimeoutError(endpoint_url="https://api.sagemaker"),
    ],
)
def test_an_order_that_may_have_been_heard_is_looked_after_by_the_next_run(error):
    """Nothing is ordered twice."""
    kept = Kept()
    kept.aws.errors["CreateEndpoint"] = [error]
    with pytest.raises(BusyError):
        kept.wake()
    assert [name for name, _ in kept.orders()] == ["CreateEndpoint"]


def test_a_run_has_no_patience_for_minutes():
    """Throttled calls are tried again for seconds; then it is an error with AWS' own words."""
    kept = Kept().has("InService")
    kept.aws.throttle("DescribeEndpoint", 20)
    with pytest.raises(KeeperError, match=r"^DescribeEndpoint: ThrottlingException: Rate exceeded$"):
        kept.target.capacity()
    assert kept.aws.time.now <= 20


def test_a_configuration_that_is_gone():
    """Is an error with its name, after seconds and not a minute."""
    kept = Kept(inputs={"configurations": [{**L4, "endpointConfigName": "chat-config-l4-0"}]})
    with pytest.raises(KeeperError, match=r"Could not find endpoint configuration .*chat-config-l4-0"):
        kept.wake()
    assert kept.aws.time.now <= 20


def test_a_registration_that_cannot_be_ended_does_not_keep_the_endpoint():
    """It goes with the endpoint; and the error is told."""
    kept = Kept().has("InService")
    denied = refusal("DeregisterScalableTarget", "AccessDeniedException", "no")
    kept.aws.errors["DeregisterScalableTarget"] = [denied]
    with pytest.raises(KeeperError, match=r"^DeregisterScalableTarget: AccessDeniedException: no$"):
        kept.sleep()
    assert kept.aws.endpoints[NAME].status == "Deleting"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"configurations": []}, "config: sagemaker.configurations is empty; deploy the stack"),
        ({"deployment": {}}, "config: sagemaker lacks 'policy'; deploy the stack"),
    ],
)
def test_a_document_that_says_too_little(inputs, said):
    """Is told apart from what AWS refuses."""
    with pytest.raises(DocumentError) as raised:
        _ = Kept(inputs=inputs).target
    assert str(raised.value) == said


def test_no_bill_at_hand():
    """AWS has it hours later."""
    kept = Kept()
    assert kept.target.billed_usd(None) is None
