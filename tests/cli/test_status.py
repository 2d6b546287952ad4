"""`berth status` asks Pulumi what is deployed and AWS what runs, and never takes an unknown for zero."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from components.cli.main import main

CLUSTER = "berth_dev_chat"


def deployed(**changes: Any) -> dict[str, Any]:
    """The outputs of one service, as a stack exports them."""
    return {
        "target": "ecs",
        "region": "us-east-1",
        "state": "awake",
        "openai_base_url": "http://chat.example/v1",
        "hardware": {"instance_type": "g6.2xlarge", "gpu": "L4", "gpu_count": 1, "usd_per_hour": 0.9776},
        "estimate": {"floor": 800.0, "expected": 1000.0, "max": 2000.0, "shared": 36.5},
        "cluster": CLUSTER,
        "ecs_service": "chat",
        **changes,
    }


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A `pulumi` that answers `stack output` with what the test says, alone on PATH."""

    def answer(services: dict[str, Any] | None, *, error: str = "") -> None:
        (tmp_path / "outputs.json").write_text(json.dumps({} if services is None else {"services": services}))
        program = tmp_path / "pulumi"
        ends = f"echo '{error}' >&2; exit 255" if error else f"exec /bin/cat {tmp_path}/outputs.json"
        program.write_text(f"#!/bin/sh\n{ends}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path))

    return answer


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A service `chat` in AWS with two tasks, scaled from 1 to 3."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        ecs = boto3.client("ecs", region_name="us-east-1")
        ecs.create_cluster(clusterName=CLUSTER)
        ecs.register_task_definition(
            family="chat", containerDefinitions=[{"name": "vllm", "image": "vllm", "memory": 512}]
        )
        ecs.create_service(cluster=CLUSTER, serviceName="chat", taskDefinition="chat", desiredCount=1)
        ecs.update_service(cluster=CLUSTER, service="chat", desiredCount=2)
        boto3.client("application-autoscaling", region_name="us-east-1").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{CLUSTER}/chat",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=1,
            MaxCapacity=3,
        )
        yield


def test_a_row_has_live_counts_and_the_price_of_what_runs(stack: Any, running: None, capsys: Any) -> None:
    """Two of one to three replicas run, at the instance's price each."""
    stack({"chat": deployed()})
    assert main(["status", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["services"]
    assert (row["replicas_running"], row["replicas_min"], row["replicas_max"]) == (2, 1, 3)
    assert row["usd_per_hour"] == 1.9552
    assert row["hardware"] == "g6.2xlarge (1x L4)"
    assert row["problem"] is None


def test_the_table_counts_a_shared_network_once(stack: Any, running: None, capsys: Any) -> None:
    """Two services of 1,000 USD that share 36.50 USD cost 1,963.50 USD together."""
    stack({"chat": deployed(), "chat-2": deployed()})
    assert main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines[0].split()) == "SERVICE TARGET HARDWARE STATE NOW/MIN/MAX USD/H NOW USD/MONTH UP TO ENDPOINT"
    assert lines[1].split()[:2] == ["chat", "ecs"]
    assert lines[3].split() == ["total", "3.91", "1,964", "3,964"]
    assert lines[-1] == "total: the network that services share is counted once."


def test_an_unknown_price_stays_unknown(stack: Any, running: None, capsys: Any) -> None:
    """Neither the row nor the total pretends to know."""
    unknown = {"floor": None, "expected": None, "max": None, "shared": None}
    hardware = {"instance_type": "g6.2xlarge", "gpu": "L4", "gpu_count": 1, "usd_per_hour": None}
    stack({"chat": deployed(hardware=hardware, estimate=unknown)})
    assert main(["status"]) == 0
    assert capsys.readouterr().out.splitlines()[2].split() == ["total", "unknown", "unknown", "unknown"]


def test_a_service_that_is_gone_is_a_problem_of_its_row(stack: Any, running: None, capsys: Any) -> None:
    """The other rows are shown all the same, and the exit code tells."""
    stack({"chat": deployed(), "lost": deployed(ecs_service="lost")})
    assert main(["status"]) == 1
    printed = capsys.readouterr().out
    assert "?/?/?" in printed
    assert (
        f"lost: us-east-1: ECS service {CLUSTER}/lost: is not there any more; run `pulumi refresh`"
        in printed.splitlines()
    )


def test_a_front_that_does_not_run_is_a_problem_of_its_service(stack: Any, running: None, capsys: Any) -> None:
    """Its address is the service's; a front that is gone is named, and the service's own counts stay."""
    front = {"cluster": CLUSTER, "ecs_service": "front", "dashboard_url": "https://console.example/front"}
    stack({"chat": deployed(front=front, openai_base_url="http://front.example/v1")})
    assert main(["status", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["services"]
    assert (row["replicas_running"], row["openai_base_url"]) == (2, "http://front.example/v1")
    assert row["problem"] == (
        f"front: us-east-1: ECS service {CLUSTER}/front: is not there any more; run `pulumi refresh`"
    )


def test_a_front_with_too_few_tasks_says_where_to_look(stack: Any, running: None, capsys: Any) -> None:
    """A task that does not start has a reason, and the console shows it; moto starts none by itself."""
    front = {"cluster": CLUSTER, "ecs_service": "front", "dashboard_url": "https://console.example/front"}
    client = boto3.client("ecs", region_name="us-east-1")
    client.create_service(cluster=CLUSTER, serviceName="front", taskDefinition="chat", desiredCount=1)
    stack({"chat": deployed(front=front)})
    assert main(["status"]) == 0
    assert (
        "chat: front: 0 of 1 tasks run; https://console.example/front says why" in capsys.readouterr().out.splitlines()
    )


def test_a_front_that_runs_is_no_problem(stack: Any, running: None, capsys: Any) -> None:
    """All of its tasks are there."""
    front = {"cluster": CLUSTER, "ecs_service": "chat", "dashboard_url": "https://console.example/front"}
    stack({"chat": deployed(front=front)})
    assert main(["status", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["services"]
    assert row["problem"] is None


def test_a_stack_without_services_says_what_to_do(stack: Any, capsys: Any) -> None:
    """Nothing deployed is an error with the next step, not an empty table."""
    stack(None)
    assert main(["status", "--stack", "dev"]) == 1
    assert capsys.readouterr().err == "berth: stack dev has no services deployed; run `pulumi up`\n"


def test_what_pulumi_refuses_is_passed_on(stack: Any, capsys: Any) -> None:
    """Its own words, without its prefix."""
    stack(None, error="error: no stack named dev found")
    assert main(["status", "--stack", "dev"]) == 1
    assert capsys.readouterr().err == (
        "berth: `stack output --json --non-interactive --stack dev`: no stack named dev found\n"
    )


def test_without_pulumi_it_says_how_to_get_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The likeliest reason is a shell that was not pointed at the checkout's tools."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status"]) == 1
    assert 'eval "$(make -s env)"' in capsys.readouterr().err
