"""What `make up` and `make down` do: the same spec files on every target, in one stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from components.contracts import SERVICE_OUTPUTS
from sandbox import process
from sandbox.cli import main as sandbox_command
from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = pytest.mark.e2e
TARGETS = {
    "llama-3-1-8b": "ecs",
    "llama-3-1-8b-rp": "runpod",
    "llama-3-1-8b-sm": "sagemaker",
    "qwen-2-5-32b": "ecs",
    "qwen-2-5-32b-rp": "runpod",
    "qwen-2-5-32b-sm": "sagemaker",
}


def test_one_up_deploys_both_specs_on_every_target(deployment: Deployment) -> None:
    """Each service has the same outputs, whatever platform it is on."""
    assert "Policies:" in deployment.up(*POLICIES)
    services = deployment.outputs()["services"]
    assert {name: service["target"] for name, service in services.items()} == TARGETS
    for service in services.values():
        assert set(SERVICE_OUTPUTS) <= set(service)
        assert service["state"] == "awake"
        assert service["openai_base_url"].endswith("/v1")


def test_a_second_preview_and_a_refresh_change_nothing(deployment: Deployment) -> None:
    """Nothing is to do, and nothing has drifted."""
    assert deployment.changes() == {}
    assert deployment.changes("--refresh") == {}


def test_status_has_a_row_for_each(deployment: Deployment) -> None:
    """Every platform is asked what runs; RunPod runs nothing without requests, and that costs nothing."""
    answer = deployment.run("berth", "status", "--stack", "local", "--json")
    assert answer.returncode == 0, answer.stderr + answer.stdout
    rows = {row["service"]: row for row in json.loads(answer.stdout)["services"]}
    assert {name: row["target"] for name, row in rows.items()} == TARGETS
    for name, target in TARGETS.items():
        if target == "runpod":
            assert (rows[name]["replicas_running"], rows[name]["usd_per_hour"]) == (0, 0), name
        else:
            assert rows[name]["replicas_running"] == 1
            assert rows[name]["usd_per_hour"] > 0


def test_down_leaves_nothing_and_no_process(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """Both accounts are empty, the sandbox has ended and forgotten them."""
    assert sandbox_command(["down", "--root", str(deployment.root)]) == 0
    assert "nothing is left on the sandbox" in capsys.readouterr().out
    assert process.status(deployment.root) is None
