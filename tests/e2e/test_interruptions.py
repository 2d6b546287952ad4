"""What a kill at the wrong moment leaves, and how the next command gets over it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from sandbox import environment
from sandbox.stack import Backend

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]


def start_up(deployment: Deployment) -> subprocess.Popen[bytes]:
    """`berth sandbox up` in a process group of its own, as a terminal starts it."""
    variables = environment.process_environment(deployment.root, deployment.ports)
    return subprocess.Popen(
        ["berth", "sandbox", "up"],
        cwd=deployment.root,
        env=variables | deployment.port_variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def wait_for_first_resources(deployment: Deployment) -> None:
    """Until the program has begun to make a service's own resources."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if deployment.client("logs").describe_log_groups()["logGroups"]:
            return
        time.sleep(0.02)
    raise TimeoutError("no log group was made within a minute")


def run_up(deployment: Deployment) -> str:
    variables = [f"{name}={value}" for name, value in deployment.port_variables.items()]
    result = deployment.run("env", *variables, "berth", "sandbox", "up")
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_a_deployment_that_was_killed_is_completed_by_the_next(deployment: Deployment) -> None:
    """Lock, pending operations and half an account are got over without a question, and nothing is made twice."""
    deployment.keep(spec="llama-3-1-8b")
    first = start_up(deployment)
    wait_for_first_resources(deployment)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert Backend(deployment.root).lock_holders() != []
    printed = run_up(deployment)
    assert "llama-3-1-8b" in printed
    assert "make down" in printed
    assert deployment.changes("--refresh") == {}
    groups = [group["logGroupName"] for group in deployment.client("logs").describe_log_groups()["logGroups"]]
    assert len(groups) == len(set(groups)) == 3 + 1
    assert len(deployment.client("ec2").describe_nat_gateways()["NatGateways"]) == 1
    assert len(deployment.client("sagemaker").list_endpoints()["Endpoints"]) == 1
    assert len(deployment.runpod("GET", "/v2/serverless")["endpoints"]) == 1


def test_ctrl_c_lets_pulumi_finish_what_is_under_way(deployment: Deployment) -> None:
    """Nothing is left pending or locked, and the next run goes on from there."""
    deployment.pulumi("destroy", "--yes")
    again = start_up(deployment)
    wait_for_first_resources(deployment)
    os.killpg(again.pid, signal.SIGINT)
    assert again.wait(timeout=60) != 0
    assert not Backend(deployment.root).interrupted()
    assert Backend(deployment.root).lock_holders() == []
    run_up(deployment)
    assert deployment.changes() == {}


def test_two_stacks_in_one_account_do_not_clash(deployment: Deployment) -> None:
    """The same services under another stack's name get resources of their own; taking one down leaves the other."""
    stacks = deployment.root / "stacks"
    lines = (stacks / "Pulumi.local.yaml").read_text().splitlines(keepends=True)
    (stacks / "Pulumi.twin.yaml").write_text("".join(line for line in lines if "encryptionsalt" not in line))
    deployment.run("berth", "sandbox", "runpod", "settings", "worker_quota=10")
    deployment.up(stack="twin")
    clusters = deployment.client("ecs").list_clusters()["clusterArns"]
    assert sorted(arn.rpartition("/")[2] for arn in clusters) == [
        "berth_local_llama-3-1-8b_g6-2xlarge",
        "berth_twin_llama-3-1-8b_g6-2xlarge",
    ]
    endpoints = [one["EndpointName"] for one in deployment.client("sagemaker").list_endpoints()["Endpoints"]]
    assert sorted(endpoints) == [
        "local-llama-3-1-8b-sm",
        "twin-llama-3-1-8b-sm",
    ]
    assert len(deployment.runpod("GET", "/v2/serverless")["endpoints"]) == 2
    result = deployment.pulumi("destroy", "--yes", stack="twin")
    assert result.returncode == 0, result.stdout + result.stderr
    assert deployment.changes("--refresh") == {}
