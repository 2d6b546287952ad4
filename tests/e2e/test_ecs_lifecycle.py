"""The whole life of a stack on ECS with the real Pulumi CLI; the tests tell one story and run in this order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from sandbox import process
from sandbox.cli import main as sandbox_command
from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
LLAMA = "llama-3-1-8b"
LLAMA_SPEC = f"stacks/services/{LLAMA}.yaml"


def scalable_target(deployment: Deployment) -> tuple[int, int]:
    service = deployment.outputs()["services"][LLAMA]
    [target] = deployment.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[f"service/{service['cluster']}/{service['ecs_service']}"]
    )["ScalableTargets"]
    return target["MinCapacity"], target["MaxCapacity"]


def running_task_definition(deployment: Deployment) -> str:
    service = deployment.outputs()["services"][LLAMA]
    [found] = deployment.client("ecs").describe_services(cluster=service["cluster"], services=[service["ecs_service"]])[
        "services"
    ]
    return found["taskDefinition"].rpartition("/")[2]


def test_the_first_up_deploys_both_services_under_the_policies(deployment: Deployment) -> None:
    """The outputs of both services are there, and AWS has what they name."""
    deployment.keep("ecs")
    printed = deployment.up(*POLICIES)
    assert "Policies:" in printed
    services = deployment.outputs()["services"]
    assert len(services) == 2
    for name, service in services.items():
        assert service["target"] == "ecs"
        assert service["state"] == "awake"
        assert service["openai_base_url"].startswith("http://")
        assert service["openai_base_url"].endswith("/v1")
        [found] = deployment.client("ecs").describe_services(
            cluster=service["cluster"], services=[service["ecs_service"]]
        )["services"]
        assert found["desiredCount"] == found["runningCount"] == service["replicas"]["min"], name


def test_a_second_preview_changes_nothing(deployment: Deployment) -> None:
    """The same program on the same account is all `same`."""
    assert deployment.changes() == {}


def test_a_refresh_shows_no_drift(deployment: Deployment) -> None:
    """What the account answers is what was deployed."""
    assert deployment.changes("--refresh") == {}


def test_a_change_made_outside_is_drift(deployment: Deployment) -> None:
    """A refresh sees it, names the resource, and an up takes it back."""
    client = deployment.client("logs")
    client.put_retention_policy(logGroupName=f"/berth/local/{LLAMA}/vllm", retentionInDays=1)
    assert deployment.changes("--refresh") == {f"aws:cloudwatch/logGroup:LogGroup {LLAMA}-vllm-logs": "update"}
    deployment.up("--refresh")
    [group] = client.describe_log_groups(logGroupNamePrefix=f"/berth/local/{LLAMA}/vllm")["logGroups"]
    assert group["retentionInDays"] != 1


def test_a_killed_sandbox_comes_back_with_the_same_account(deployment: Deployment) -> None:
    """After a hard kill and a new start, a refreshing preview finds every resource under its old id."""
    before = deployment.outputs()
    deployment.kill()
    deployment.start()
    assert deployment.changes("--refresh") == {}
    assert deployment.outputs() == before


def test_more_replicas_are_an_update_in_place(deployment: Deployment) -> None:
    """Limits move; no task definition, no service and no instance is replaced."""
    assert scalable_target(deployment)[1] != 4
    deployment.edit(LLAMA_SPEC, scaling__max_replicas=4)
    operations = {name: operation for name, operation in deployment.changes().items() if name.startswith("aws:")}
    assert operations == {
        f"aws:appautoscaling/target:Target {LLAMA}-replicas": "update",
        f"aws:autoscaling/group:Group {LLAMA}-instances": "update",
    }
    deployment.up()
    assert scalable_target(deployment)[1] == 4
    assert deployment.changes() == {}


def test_another_model_is_a_new_revision_rolled_out_by_the_same_service(deployment: Deployment) -> None:
    """The task definition is replaced, the service updated, and no capacity, storage or address is touched."""
    address = deployment.outputs()["services"][LLAMA]["openai_base_url"]
    before = running_task_definition(deployment)
    deployment.edit(LLAMA_SPEC, model__id="NousResearch/Meta-Llama-3.1-8B-Instruct")
    deployment.up()
    after = running_task_definition(deployment)
    assert before.rpartition(":")[0] == after.rpartition(":")[0]
    assert int(after.rpartition(":")[2]) == int(before.rpartition(":")[2]) + 1
    assert deployment.outputs()["services"][LLAMA]["openai_base_url"] == address


def test_another_gpu_is_a_service_beside_the_old_one_behind_the_same_address(deployment: Deployment) -> None:
    """Cluster, group and service are made anew, without a gap in what serves; address and weights stay."""
    before = deployment.outputs()["services"][LLAMA]
    deployment.edit(LLAMA_SPEC, accelerators=["A10G"], ecs__deployment="surge")
    replaced = {name for name, operation in deployment.changes().items() if "replace" in operation}
    assert {
        name for name in replaced if "fileSystem" in name or "LoadBalancer" in name or "TargetGroup" in name
    } == set()
    assert f"aws:ecs/cluster:Cluster {LLAMA}-cluster" in replaced
    deployment.up()
    after = deployment.outputs()["services"][LLAMA]
    assert after["hardware"]["gpu"] == "A10G"
    assert after["openai_base_url"] == before["openai_base_url"]
    clusters = [arn.rpartition("/")[2] for arn in deployment.client("ecs").list_clusters()["clusterArns"]]
    assert [name for name in clusters if LLAMA in name] == [after["cluster"]] != [before["cluster"]]
    assert scalable_target(deployment) == (1, 4)
    assert deployment.changes("--refresh") == {}


def test_a_public_service_gets_a_load_balancer_of_its_own_for_the_same_tasks(deployment: Deployment) -> None:
    """The target group moves over, which AWS allows only when nothing of the old load balancer uses it any more."""
    inside = deployment.outputs()["services"][LLAMA]
    certificate = deployment.client("acm").request_certificate(DomainName="llm.example.com")["CertificateArn"]
    public = {"exposure": "public", "certificate_arn": certificate, "domain": "llm.example.com"}
    deployment.edit(LLAMA_SPEC, network=public)
    deployment.up()
    outside = deployment.outputs()["services"][LLAMA]
    assert outside["openai_base_url"] == "https://llm.example.com/v1"
    assert outside["load_balancer"] != inside["load_balancer"]
    assert outside["ecs_service"] == inside["ecs_service"]
    assert deployment.changes("--refresh") == {}


def test_status_prints_what_runs(deployment: Deployment) -> None:
    """One row per service with its live numbers, and the same facts as JSON."""
    printed = deployment.run("berth", "status", "--stack", "local")
    assert printed.returncode == 0, printed.stderr
    assert LLAMA in printed.stdout
    document = json.loads(deployment.run("berth", "status", "--stack", "local", "--json").stdout)
    row = next(row for row in document["services"] if row["service"] == LLAMA)
    assert (row["replicas_running"], row["replicas_min"], row["replicas_max"]) == (1, 1, 4)
    assert row["usd_per_hour"] == row["instance_usd_per_hour"] * row["replicas_running"]


def test_no_secret_value_is_stored_anywhere(deployment: Deployment) -> None:
    """A secret is made, read by a deployment and rotated: state, journal and logs hold references, never the value."""
    secrets, values = deployment.client("secretsmanager"), ("first-" + uuid4().hex, "second-" + uuid4().hex)
    secrets.create_secret(Name="e2e/token", SecretString=values[0])
    deployment.edit(LLAMA_SPEC, model__token_secret="e2e/token")
    deployment.up()
    secrets.put_secret_value(SecretId="e2e/token", SecretString=values[1])
    assert secrets.get_secret_value(SecretId="e2e/token")["SecretString"] == values[1]
    stored = [path for path in (deployment.root / ".berth").rglob("*") if path.is_file()]
    assert {"journal.jsonl", "log.txt", "local.json"} <= {path.name for path in stored}
    assert any(b"e2e/token" in path.read_bytes() for path in stored)
    assert [path for path in stored if any(value.encode() in path.read_bytes() for value in values)] == []
    deployment.edit(LLAMA_SPEC, model__token_secret="huggingface/token")
    deployment.up()
    secrets.delete_secret(SecretId="e2e/token", ForceDeleteWithoutRecovery=True)


def test_down_leaves_nothing_and_no_process(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """The stack is destroyed, the account is empty, the sandbox has ended and forgotten it."""
    running = process.status(deployment.root)
    assert running is not None
    assert sandbox_command(["down", "--root", str(deployment.root)]) == 0
    assert "nothing is left on the sandbox" in capsys.readouterr().out
    assert process.status(deployment.root) is None
    assert not process.State(deployment.root).journal.exists()
