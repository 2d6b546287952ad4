"""The life of fronts before SageMaker and RunPod with the real Pulumi CLI; the tests tell one story, in this order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sandbox.cli import main as sandbox_command
from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
STACK = "stacks/Pulumi.local.yaml"
SM, RP, ECS = "llama-3-1-8b-sm", "llama-3-1-8b-rp", "llama-3-1-8b"
LIMITS: dict[str, Any] = {"usd_per_month": 20, "requests_per_minute": 60}
FALLBACK = [{"service": RP, "key_secret": "runpod/api-key"}]
RUNPOD_KEY = "rpa_E2EFRONTKEY"


def services_of(deployment: Deployment) -> list[dict[str, Any]]:
    """The services of the copy's stack file."""
    return yaml.safe_load((deployment.root / STACK).read_text())["config"]["berth:services"]


def change(deployment: Deployment, name: str, **fields: Any) -> None:
    """Set fields of one service over its spec."""
    services = services_of(deployment)
    next(one for one in services if one["overrides"]["name"] == name)["overrides"].update(fields)
    deployment.edit(STACK, **{"config__berth:services": services})


def front_of(deployment: Deployment, name: str) -> dict[str, Any]:
    """The front of a service as ECS describes it."""
    outputs = deployment.outputs()["services"][name]["front"]
    client = deployment.client("ecs")
    [found] = client.describe_services(cluster=outputs["cluster"], services=[outputs["ecs_service"]])["services"]
    return found


def config_of(deployment: Deployment, name: str) -> dict[str, Any]:
    """What the front that runs was told."""
    definition = front_of(deployment, name)["taskDefinition"]
    task = deployment.client("ecs").describe_task_definition(taskDefinition=definition)["taskDefinition"]
    [container] = task["containerDefinitions"]
    return json.loads(next(one["value"] for one in container["environment"] if one["name"] == "BERTH_CONFIG"))


def test_fronts_are_deployed_before_endpoints(deployment: Deployment) -> None:
    """One address and one kind of key on both targets; each front knows its endpoint, one falls back on the other."""
    secrets = deployment.client("secretsmanager")
    secrets.create_secret(Name="runpod/api-key", SecretString=RUNPOD_KEY)
    both = [entry for entry in services_of(deployment) if entry.get("overrides", {}).get("name") in (SM, RP)]
    deployment.edit(STACK, **{"config__berth:services": both})
    change(deployment, SM, gateway={"front": True, **LIMITS, "fallback": FALLBACK})
    change(deployment, RP, gateway={"front": True}, runpod={"api_key_secret": "runpod/api-key"})
    assert "Policies:" in deployment.up(*POLICIES)
    found = deployment.outputs()["services"]
    for name in (SM, RP):
        assert found[name]["auth"] == {"scheme": "bearer", "secret": "berth/client-keys"}
        address = found[name]["openai_base_url"]
        assert "front-" in address
        assert address.endswith(".elb.amazonaws.com/v1")
        front = front_of(deployment, name)
        assert (front["launchType"], front["desiredCount"], front["runningCount"]) == ("FARGATE", 1, 1)
    sagemaker = config_of(deployment, SM)
    assert sagemaker["upstreams"][0]["endpoint"] == f"local-{SM}"
    assert sagemaker["upstreams"][1]["endpoint_id"] == found[RP]["endpoint_id"]
    assert sagemaker["budget"] == {"table": f"berth_local_{SM}_front-spending"}
    assert config_of(deployment, RP)["upstreams"][0]["endpoint_id"] == found[RP]["endpoint_id"]


def test_a_second_preview_and_a_refresh_change_nothing(deployment: Deployment) -> None:
    """Nothing is to do, and nothing has drifted."""
    assert deployment.changes() == {}
    assert deployment.changes("--refresh") == {}


def test_no_key_is_stored_anywhere(deployment: Deployment) -> None:
    """State, journal and logs know the secret by its name alone."""
    stored = [path for path in (deployment.root / ".berth").rglob("*") if path.is_file()]
    assert {"journal.jsonl", "log.txt", "local.json"} <= {path.name for path in stored}
    assert any(b"runpod/api-key" in path.read_bytes() for path in stored)
    assert [path for path in stored if RUNPOD_KEY.encode() in path.read_bytes()] == []


def test_a_killed_sandbox_comes_back_with_the_same_fronts(deployment: Deployment) -> None:
    """Tasks, table and load balancers under their old ids."""
    before = deployment.outputs()
    deployment.kill()
    deployment.start()
    assert deployment.changes("--refresh") == {}
    assert deployment.outputs() == before


def test_another_limit_is_another_revision_of_the_front(deployment: Deployment) -> None:
    """It rolls; neither the endpoint nor the address is touched, and no GPU hears of it."""
    before = deployment.outputs()["services"][SM]
    change(deployment, SM, gateway={"front": True, **LIMITS, "requests_per_minute": 90, "fallback": FALLBACK})
    changes = {name: operation for name, operation in deployment.changes().items() if "ModelService" not in name}
    assert set(changes) == {
        f"aws:ecs/taskDefinition:TaskDefinition {SM}-front-task",
        f"aws:ecs/service:Service {SM}-front-service",
    }
    assert changes[f"aws:ecs/service:Service {SM}-front-service"] == "update"
    deployment.up(*POLICIES)
    assert config_of(deployment, SM)["keys"]["defaults"]["requests_per_minute"] == 90
    assert deployment.outputs()["services"][SM]["openai_base_url"] == before["openai_base_url"]
    assert deployment.changes() == {}


def test_a_parked_service_keeps_its_front(deployment: Deployment) -> None:
    """The endpoint is gone and its front knows; who asks hears it at the address that clients have."""
    before = deployment.outputs()["services"][SM]
    change(deployment, SM, power="off")
    deployment.up(*POLICIES)
    after = deployment.outputs()["services"][SM]
    assert (after["state"], after["openai_base_url"]) == ("parked", before["openai_base_url"])
    assert config_of(deployment, SM)["sleep"]["state"] == "asleep"
    assert front_of(deployment, SM)["runningCount"] == 1
    endpoints = deployment.client("sagemaker").list_endpoints()["Endpoints"]
    assert [one["EndpointName"] for one in endpoints] == []
    assert deployment.changes("--refresh") == {}


def test_status_shows_the_address_of_the_front(deployment: Deployment) -> None:
    """And no problem: all of its tasks run."""
    answer = deployment.run("berth", "status", "--stack", "local", "--json")
    rows = {row["service"]: row for row in json.loads(answer.stdout)["services"]}
    outputs = deployment.outputs()["services"]
    for name in (SM, RP):
        assert rows[name]["openai_base_url"] == outputs[name]["openai_base_url"]
        assert rows[name]["problem"] is None


def test_without_a_front_its_parts_go(deployment: Deployment) -> None:
    """Load balancer, tasks, table and network are taken away, and clients are told of the endpoint again."""
    for name in (SM, RP):
        change(deployment, name, gateway={})
    deployment.up(*POLICIES)
    outputs = deployment.outputs()["services"]
    assert outputs[SM]["auth"]["scheme"] == "sigv4"
    assert "front" not in outputs[SM]
    assert deployment.client("dynamodb").list_tables()["TableNames"] == []
    assert deployment.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert (
        deployment.client("ec2").describe_nat_gateways(Filters=[{"Name": "state", "Values": ["available"]}])[
            "NatGateways"
        ]
        == []
    )


def test_a_front_comes_before_a_service_that_runs_already(deployment: Deployment) -> None:
    """On ECS clients move to the front; the service's own load balancer lets in its tasks and nobody else."""
    gpu = {"spec": "services/llama-3-1-8b.yaml", "target": "ecs", "overrides": {"name": ECS, "gateway": LIMITS}}
    deployment.edit(STACK, **{"config__berth:services": [*services_of(deployment), gpu]})
    deployment.up(*POLICIES)
    before = deployment.outputs()["services"][ECS]
    change(deployment, ECS, gateway={"front": True, **LIMITS})
    deployment.up(*POLICIES)
    after = deployment.outputs()["services"][ECS]
    assert after["openai_base_url"] != before["openai_base_url"] == after["front"]["target_base_url"]
    assert (after["cluster"], after["ecs_service"]) == (before["cluster"], before["ecs_service"])
    assert config_of(deployment, ECS)["upstreams"][0] == {
        "health_path": "/readyz",
        "name": "target",
        "price": {"requests_per_replica": 8, "usd_per_hour": 0.9776},
        "url": before["openai_base_url"],
    }
    [group] = deployment.client("ec2").describe_security_groups(
        Filters=[{"Name": "tag:Name", "Values": [f"local/{ECS}-alb"]}]
    )["SecurityGroups"]
    [rule] = group["IpPermissions"]
    assert (rule["FromPort"], rule["IpRanges"], len(rule["UserIdGroupPairs"])) == (80, [], 1)
    assert deployment.changes("--refresh") == {}


def test_down_leaves_nothing(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """Fronts go before what they stand before, budgets with them; the user's secret stays his."""
    change(deployment, SM, gateway={"front": True, **LIMITS})
    deployment.up(*POLICIES)
    assert len(deployment.client("dynamodb").list_tables()["TableNames"]) == 2
    deployment.client("secretsmanager").delete_secret(SecretId="runpod/api-key", ForceDeleteWithoutRecovery=True)
    assert sandbox_command(["down", "--root", str(deployment.root)]) == 0
    assert "nothing is left on the sandbox" in capsys.readouterr().out
