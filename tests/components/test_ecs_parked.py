"""A parked service on ECS: the same resources, and nothing that starts a task."""

from __future__ import annotations

from dataclasses import replace

import pytest


@pytest.fixture
def parked(render, plan_of):
    """What a deployment of the parked service registers."""
    plan = plan_of(power="off")
    return render(replace(plan, scaling=replace(plan.scaling, min_replicas=0, max_replicas=0)))


def differing(made, other):
    """Names of the resources whose inputs are not those that `other` registers under the same name."""
    before = {(one.type, one.name): one.inputs for one in other.resources}
    return {
        one.name: {
            key
            for key in {*one.inputs, *before[one.type, one.name]}
            if one.inputs.get(key) != before[one.type, one.name].get(key)
        }
        for one in made.resources
        if one.inputs != before[one.type, one.name]
    }


def test_parking_makes_and_removes_nothing(parked, chat):
    """Another set of resources would be a replacement on waking, with another address or an empty weight cache."""
    assert parked.names() == chat.names()


def test_parking_moves_the_limits_alone(parked, chat):
    """And what policies read of the plan; the number of tasks that a service is made with moves none that is there."""
    assert differing(parked, chat) == {
        "chat": {"plan"},
        "chat-replicas": {"minCapacity", "maxCapacity"},
        "chat-service": {"desiredCount"},
    }
    assert parked.of("ecs/service:Service", "chat-service").ignore_changes == ("desiredCount",)


def test_a_parked_service_has_no_task_whatever_is_measured(parked):
    """Both limits are 0, so tracking cannot add one; a service that is made parked starts without any."""
    target = parked.of("Target", "chat-replicas").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (0, 0)
    assert parked.of("ecs/service:Service", "chat-service").inputs["desiredCount"] == 0


def test_the_instances_may_go_and_may_come_back(parked):
    """ECS ends each that runs no task; the room for the replicas stays, so that waking changes no group."""
    group = parked.of("autoscaling/group:Group", "chat-instances")
    assert (group.inputs["minSize"], group.inputs["maxSize"]) == (0, 4)
    assert "desiredCapacity" not in group.inputs
    assert group.ignore_changes == ("desiredCapacity",)


def test_its_outputs_say_that_it_is_parked(parked):
    """The address stays the one that clients have; nobody answers there."""
    outputs = parked.result["chat"]
    assert outputs["state"] == "parked"
    assert outputs["replicas"] == {"min": 0, "max": 0}
    assert outputs["openai_base_url"] == "http://chat-alb.elb.amazonaws.com/v1"
