"""A service on ECS is parked, changed, woken and destroyed with the real Pulumi CLI; the tests run in this order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.cli import main as sandbox_command
from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
LLAMA = "llama-3-1-8b"
LLAMA_SPEC = f"stacks/services/{LLAMA}.yaml"


def service(deployment: Deployment) -> dict[str, Any]:
    """The service as ECS describes it."""
    outputs = deployment.outputs()["services"][LLAMA]
    client = deployment.client("ecs")
    [found] = client.describe_services(cluster=outputs["cluster"], services=[outputs["ecs_service"]])["services"]
    return found


def tasks(deployment: Deployment) -> tuple[int, int]:
    """Tasks that are wanted, and that run."""
    found = service(deployment)
    return found["desiredCount"], found["runningCount"]


def limits(deployment: Deployment) -> tuple[int, int]:
    """Between which Application Auto Scaling moves them."""
    outputs = deployment.outputs()["services"][LLAMA]
    resource = f"service/{outputs['cluster']}/{outputs['ecs_service']}"
    client = deployment.client("application-autoscaling")
    [target] = client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource])["ScalableTargets"]
    return target["MinCapacity"], target["MaxCapacity"]


def counts_ordered(deployment: Deployment) -> list[int]:
    """The number of tasks in each order to make or change a service, since the account was made."""
    lines = (deployment.root / ".berth" / "sandbox" / "journal.jsonl").read_text().splitlines()
    calls = [json.loads(line.partition(" ")[2]) for line in lines]
    bodies = [
        json.loads(call["body"]) for call in calls if call.get("op") in {"ecs:CreateService", "ecs:UpdateService"}
    ]
    return [body["desiredCount"] for body in bodies if "desiredCount" in body]


def test_off_stops_the_tasks_and_keeps_the_address(deployment: Deployment) -> None:
    """Only the limits move; a second preview and a refresh change nothing."""
    deployment.keep("ecs", spec=LLAMA)
    deployment.up(*POLICIES)
    assert (tasks(deployment), limits(deployment)) == ((1, 1), (1, 3))
    address = deployment.outputs()["services"][LLAMA]["openai_base_url"]
    deployment.edit(LLAMA_SPEC, power="off")
    changes = {name: operation for name, operation in deployment.changes().items() if name.startswith("aws:")}
    assert changes == {f"aws:appautoscaling/target:Target {LLAMA}-replicas": "update"}
    deployment.up(*POLICIES)
    assert (tasks(deployment), limits(deployment)) == ((0, 0), (0, 0))
    outputs = deployment.outputs()["services"][LLAMA]
    assert (outputs["state"], outputs["openai_base_url"]) == ("parked", address)
    assert deployment.changes() == {}
    assert deployment.changes("--refresh") == {}


def test_status_says_parked_and_what_stays(deployment: Deployment) -> None:
    """No GPU is paid for; the row tells that nothing runs because nothing should."""
    [row] = json.loads(deployment.run("berth", "status", "--stack", "local", "--json").stdout)["services"]
    assert (row["state"], row["replicas_running"], row["usd_per_hour"]) == ("parked", 0, 0)


def test_a_refreshed_up_wakes_nothing(deployment: Deployment) -> None:
    """What the account has is what is wanted."""
    printed = deployment.up("--refresh")
    assert "unchanged" in printed
    assert tasks(deployment) == (0, 0)


def test_another_model_while_off_wakes_nothing(deployment: Deployment) -> None:
    """The service gets its new revision without a task."""
    before = service(deployment)["taskDefinition"]
    deployment.edit(LLAMA_SPEC, model__max_context_tokens=8192)
    deployment.up()
    assert service(deployment)["taskDefinition"] != before
    assert (tasks(deployment), limits(deployment)) == ((0, 0), (0, 0))
    assert deployment.changes("--refresh") == {}


def test_another_gpu_while_off_wakes_nothing(deployment: Deployment) -> None:
    """The service that replaces the old one is made without a task, though the old one was once made with one."""
    cluster = deployment.outputs()["services"][LLAMA]["cluster"]
    ordered = len(counts_ordered(deployment))
    deployment.edit(LLAMA_SPEC, accelerators=["A10G"])
    deployment.up()
    assert deployment.outputs()["services"][LLAMA]["cluster"] != cluster
    assert set(counts_ordered(deployment)[ordered:]) == {0}
    assert (tasks(deployment), limits(deployment)) == ((0, 0), (0, 0))
    assert deployment.changes("--refresh") == {}


def test_on_wakes_what_was_deployed_meanwhile(deployment: Deployment) -> None:
    """At the address that clients have, within the limits of the spec."""
    before = deployment.outputs()["services"][LLAMA]
    deployment.edit(LLAMA_SPEC, power="on")
    deployment.up(*POLICIES)
    after = deployment.outputs()["services"][LLAMA]
    assert (after["state"], after["openai_base_url"]) == ("awake", before["openai_base_url"])
    assert (tasks(deployment), limits(deployment)) == ((1, 1), (1, 3))
    assert after["hardware"]["gpu"] == "A10G"
    assert deployment.changes("--refresh") == {}


def test_a_parked_stack_is_destroyed_without_a_rest(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """Load balancer and weight cache, which parking keeps, go too."""
    deployment.edit(LLAMA_SPEC, power="off")
    deployment.up()
    assert sandbox_command(["down", "--root", str(deployment.root)]) == 0
    assert "nothing is left on the sandbox" in capsys.readouterr().out
