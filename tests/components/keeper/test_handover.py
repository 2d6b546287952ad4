"""Who owns the replicas: what a deployment says about them while a keeper does, before that and after that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.components.conftest import Recorded
from tests.components.keeper.kept_stack import NIGHT, NOON, ecs, metered, off, runpod, sagemaker
from tests.components.test_ecs_parked import differing

FREE = {
    "dynamicScalingInSuspended": False,
    "dynamicScalingOutSuspended": False,
    "scheduledScalingSuspended": False,
}
TARGET, SERVICE, RULE = "appautoscaling/target:Target", "ecs/service:Service", "lb/listenerRule:ListenerRule"
FUNCTION = "lambda/function:Function"
SAGEMAKER, RUNPOD = "dynamic/sagemaker:Endpoint", "dynamic/runpod:Endpoint"


def endpoint(made: Recorded, kind: str):
    return made.of(kind, "chat-endpoint").inputs


def limits(made: Recorded):
    inputs = made.of(TARGET, "chat-replicas").inputs
    return inputs["minCapacity"], inputs["maxCapacity"], made.of(SERVICE, "chat-service").inputs["desiredCount"]


def test_a_new_service_on_ecs_begins_as_the_hours_say(stack):
    """Made at night it has no task, and no room for one."""
    assert limits(stack(ecs(), now=NOON)) == (1, 3, 1)
    assert limits(stack(ecs(), now=NIGHT)) == (0, 0, 0)


def test_limits_on_ecs_are_the_keepers(stack):
    """So a deployment at any hour moves none of them, and a refresh finds no drift in them."""
    made = stack(ecs(), now=NIGHT)
    assert made.of(TARGET, "chat-replicas").ignore_changes == ("minCapacity", "maxCapacity")
    assert made.of(SERVICE, "chat-service").ignore_changes == ("desiredCount",)
    assert made.of("autoscaling/group:Group", "chat-instances").ignore_changes == ("desiredCapacity",)
    assert made.of(RULE, "chat-asleep").ignore_changes == ("priority",)


def test_the_hour_of_a_deployment_is_no_difference_on_ecs(stack):
    """All that differs between noon and night is ignored on what is there already."""
    night, noon = stack(ecs(), now=NIGHT), stack(ecs(), now=NOON)
    changed = {name: keys - {"code"} for name, keys in differing(night, noon).items()}
    assert (
        night.of(FUNCTION, "keeper-function").inputs["code"].path
        == noon.of(FUNCTION, "keeper-function").inputs["code"].path
    )
    assert {name: keys for name, keys in changed.items() if keys} == {
        "chat-replicas": {"minCapacity", "maxCapacity"},
        "chat-service": {"desiredCount"},
    }
    document = noon.of("ssm/parameter:Parameter", "chat-config").inputs
    assert night.of("ssm/parameter:Parameter", "chat-config").inputs == document


def test_limits_on_ecs_are_taken_back(stack):
    """A change beside them makes the provider write them, whatever the state says they are."""
    kept, own = (stack(plan).of(TARGET, "chat-replicas") for plan in (ecs(), metered(ecs())))
    assert kept.inputs["suspendedState"] == {**FREE, "scheduledScalingSuspended": True}
    assert own.inputs["suspendedState"] == FREE
    assert (own.inputs["minCapacity"], own.inputs["maxCapacity"], own.ignore_changes) == (1, 3, ())


@pytest.mark.parametrize("now", [NOON, NIGHT])
def test_a_meter_owns_nothing(stack, now):
    """With a budget that only alerts, the replicas stay Pulumi's, and nothing answers in the service's place."""
    made = stack(metered(ecs()), now=now)
    assert limits(made) == (1, 3, 1)
    assert not [one for one in made.resources if one.name == "chat-asleep"]
    assert endpoint(stack(metered(sagemaker()), now=now), SAGEMAKER)["keeperManaged"] is False
    assert "scheduleManaged" not in endpoint(stack(metered(runpod()), now=now), RUNPOD)


def test_power_off_parks_at_once(stack):
    """By the deployment itself: nobody wants anything to run, so nothing is handed over."""
    made = stack(off(ecs()), now=NOON)
    assert limits(made) == (0, 0, 0)
    assert made.of(TARGET, "chat-replicas").ignore_changes == ()
    assert endpoint(stack(off(sagemaker()), now=NOON), SAGEMAKER)["power"] == "off"
    assert "scheduleManaged" not in endpoint(stack(off(runpod()), now=NOON), RUNPOD)


def test_an_endpoint_is_the_keepers(stack):
    """On both: whether it begins awake is asked when it is made, and no more."""
    for now, awake in ((NOON, True), (NIGHT, False)):
        own = endpoint(stack(sagemaker(), now=now), SAGEMAKER)
        assert (own["keeperManaged"], own["startsAwake"], own["minReplicas"], own["maxReplicas"]) == (True, awake, 1, 3)
        workers = endpoint(stack(runpod(), now=now), RUNPOD)
        assert (workers["scheduleManaged"], workers["startsAwake"]) == (True, awake)
        assert workers["workers"] == {"min": 0, "max": 3}


def test_a_service_without_a_keeper_is_as_it_was(stack):
    """No input says anything of one."""
    for plan, kind in ((sagemaker(), SAGEMAKER), (runpod(), RUNPOD)):
        inputs = endpoint(stack(replace(plan, keeper=None)), kind)
        assert "startsAwake" not in inputs
        assert inputs.get("keeperManaged", False) is False
        assert "scheduleManaged" not in inputs


def test_state_and_keeper_are_told(stack):
    """What a service does now stands in its parameter; the stack says who keeps it."""
    names = {kind: f"/berth/dev/chat/{kind}" for kind in ("config", "state", "awake_until", "wake")}
    for plan in (ecs(), sagemaker(), runpod()):
        outputs = stack(plan, now=NIGHT).result["chat"]
        assert outputs["state"] == "kept"
        assert outputs["keeper"] == {"owns": True, "parameters": names, "function": "berth-dev-keeper"}
    told = stack(metered(ecs())).result["chat"]
    assert told["state"] == "awake"
    assert told["keeper"]["owns"] is False
    assert stack(off(ecs())).result["chat"]["state"] == "parked"
    assert "keeper" not in stack(replace(ecs(), keeper=None)).result["chat"]


def test_without_a_key_of_runpod_nothing_is_installed(stack):
    """Somebody runs the keeper by hand then, and Pulumi leaves the workers alone all the same."""
    made = stack(runpod(key=None), now=NIGHT)
    assert endpoint(made, RUNPOD)["scheduleManaged"] is True
    told = made.result["chat"]["keeper"]
    assert (told["owns"], told["parameters"], told["function"]) == (True, {}, None)
    assert [one.type for one in made.resources if one.type.startswith(("aws:", "berth:keeper"))] == []
