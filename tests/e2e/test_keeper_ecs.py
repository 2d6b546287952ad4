"""A service on ECS is kept: asleep, woken, taken back and destroyed with the real Pulumi CLI; tests run in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.deployment import POLICIES
from tests.e2e.test_ecs_parking import counts_ordered, limits, tasks

if TYPE_CHECKING:
    from typing import Any

    from tests.e2e.deployment import Deployment

pytestmark = pytest.mark.e2e
LLAMA = "llama-3-1-8b"
LLAMA_SPEC = f"stacks/services/{LLAMA}.yaml"


def state(deployment: Deployment) -> dict[str, Any]:
    """What the keeper has written down."""
    name = deployment.outputs()["services"][LLAMA]["keeper"]["parameters"]["state"]
    return json.loads(deployment.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def priorities(deployment: Deployment) -> list[str]:
    """Of the listener's rules, but for the default one."""
    client = deployment.client("elbv2")
    [balancer] = client.describe_load_balancers()["LoadBalancers"]
    [listener] = client.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    rules = client.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    return sorted((rule["Priority"] for rule in rules if not rule["IsDefault"]), key=int)


def test_a_service_that_is_made_asleep_starts_nothing(deployment: Deployment) -> None:
    """No task from the first moment on; the keeper has looked by the end of the deployment, and a function answers."""
    deployment.keep("ecs", spec=LLAMA)
    deployment.edit(LLAMA_SPEC, schedule={"hours": "never"}, budget={"monthly_usd": 1000})
    deployment.up(*POLICIES)
    assert (tasks(deployment), limits(deployment)) == ((0, 0), (0, 0))
    assert set(counts_ordered(deployment)) == {0}
    assert (state(deployment)["state"], state(deployment)["reason"]) == ("asleep", "hours")
    assert priorities(deployment) == ["5", "10"]


def test_neither_a_preview_nor_a_refresh_finds_a_difference(deployment: Deployment) -> None:
    """The keeper has moved a rule and written its documents: none of that is drift."""
    assert deployment.changes() == {}
    assert deployment.changes("--refresh") == {}


def test_a_deployment_while_it_sleeps_wakes_nothing(deployment: Deployment) -> None:
    """Another model is another revision, and no task."""
    deployment.edit(LLAMA_SPEC, model__max_context_tokens=8192)
    deployment.up(*POLICIES)
    deployment.up("--refresh")
    assert (tasks(deployment), limits(deployment)) == ((0, 0), (0, 0))
    assert set(counts_ordered(deployment)) == {0}


def test_changed_hours_take_effect_with_their_deployment(deployment: Deployment) -> None:
    """The keeper runs at its end, and starts what is to be awake now."""
    deployment.edit(LLAMA_SPEC, schedule={"hours": "always"})
    deployment.up(*POLICIES)
    assert (tasks(deployment)[0], limits(deployment)) == (1, (1, 3))
    assert state(deployment)["wanted"] == "awake"
    assert deployment.changes() == {}
    assert deployment.changes("--refresh") == {}


def test_without_a_keeper_pulumi_takes_the_limits_back(deployment: Deployment) -> None:
    """Asleep until then, it is awake again: nobody else would wake it."""
    deployment.edit(LLAMA_SPEC, schedule={"hours": "never"})
    deployment.up(*POLICIES)
    assert (tasks(deployment)[0], limits(deployment)) == (0, (0, 0))
    deployment.edit(LLAMA_SPEC, schedule=None, budget=None)
    deployment.up(*POLICIES)
    assert (tasks(deployment)[0], limits(deployment)) == (1, (1, 3))
    assert priorities(deployment) == ["10"]
    assert "keeper" not in deployment.outputs()["services"][LLAMA]
    assert deployment.client("lambda").list_functions()["Functions"] == []


def test_a_destroy_leaves_nothing(deployment: Deployment) -> None:
    """Of a service that the keeper has woken: no service, no function, no schedule, no parameter."""
    deployment.edit(LLAMA_SPEC, schedule={"hours": "always"}, budget={"monthly_usd": 1000})
    deployment.up(*POLICIES)
    result = deployment.pulumi("destroy", "--yes", "--skip-preview")
    assert result.returncode == 0, result.stdout + result.stderr
    assert deployment.client("ecs").list_clusters()["clusterArns"] == []
    assert deployment.client("lambda").list_functions()["Functions"] == []
    assert deployment.client("scheduler").list_schedules()["Schedules"] == []
    assert deployment.client("sqs").list_queues().get("QueueUrls", []) == []
    found = deployment.client("ssm").describe_parameters()["Parameters"]
    assert [one["Name"] for one in found if one["Name"].startswith("/berth/")] == []
