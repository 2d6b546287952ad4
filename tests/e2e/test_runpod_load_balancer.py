"""A service behind RunPod's load balancer with the real Pulumi CLI; the tests tell one story and run in this order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
import yaml

from sandbox.cli import main as sandbox_command
from sandbox.runpod.commands import ask_control
from sandbox.runpod.keys import FULL_KEY
from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = pytest.mark.e2e
SERVICE = "llama-3-1-8b-rp"
STACK_FILE = "stacks/Pulumi.local.yaml"
ENDPOINT = f"pulumi-python:dynamic/runpod:Endpoint {SERVICE}-endpoint"
IMAGE = "berth/runpod-worker:0.1.0"


def settings(deployment: Deployment, most: int = 3, **runpod: Any) -> None:
    """Leave one service of the stack, with so many workers and these settings of its `runpod` block."""
    path = deployment.root / STACK_FILE
    document = yaml.safe_load(path.read_text())
    [service] = [one for one in document["config"]["berth:services"] if one.get("overrides", {}).get("name") == SERVICE]
    scaling = {"min_replicas": 0, "max_replicas": most}
    service["overrides"] |= {"gateway": {"max_request": "5m"}, "scaling": scaling, "runpod": runpod}
    document["config"]["berth:services"] = [service]
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def images(deployment: Deployment, **change: str | None) -> None:
    """Change the images of the stack."""
    path = deployment.root / STACK_FILE
    document = yaml.safe_load(path.read_text())
    merged = document["config"]["berth:images"] | change
    document["config"]["berth:images"] = {name: image for name, image in merged.items() if image is not None}
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def live(deployment: Deployment) -> dict[str, Any]:
    """What RunPod answers about the endpoint."""
    endpoint = deployment.outputs()["services"][SERVICE]["endpoint_id"]
    return deployment.runpod("GET", f"/v2/serverless/{endpoint}")


def smoke(deployment: Deployment, *arguments: str) -> dict[str, Any]:
    """The result of `berth smoke` for the service; its key is in none of the output."""
    asked = deployment.run("berth", "smoke", SERVICE, "--stack", "local", "--json", *arguments)
    assert FULL_KEY not in asked.stdout + asked.stderr
    [result] = json.loads(asked.stdout)["services"]
    return result


def test_a_stack_without_the_workers_image_says_how_to_get_one(deployment: Deployment) -> None:
    """Nothing is made before."""
    settings(deployment, mode="load_balancer")
    images(deployment, runpod_worker=None)
    deployment.run("pulumi", "stack", "select", "--create", "local")
    refused = deployment.pulumi("preview")
    assert refused.returncode != 0
    assert (
        "stacks/Pulumi.local.yaml: berth:images.runpod_worker: is missing; build images/runpod_worker, push it, and "
        "set what the push printed: pulumi config set --stack local --path 'berth:images.runpod_worker' "
        "NAME@sha256:DIGEST"
    ) in " ".join((refused.stdout + refused.stderr).split())
    assert deployment.runpod("GET", "/v2/serverless") == {"endpoints": []}


def test_the_first_up_makes_a_load_balancer_of_our_own_worker(deployment: Deployment) -> None:
    """Ports, arguments, gateway and secrets by reference, as the real API wants them."""
    images(deployment, runpod_worker=IMAGE)
    settings(deployment, mode="load_balancer", client_keys_secret="client_keys")
    deployment.up(*POLICIES)
    endpoint = live(deployment)
    assert (endpoint["type"], endpoint["image"]) == ("LOAD_BALANCER", IMAGE)
    assert endpoint["ports"] == ["8080/http", "8081/http"]
    assert endpoint["args"].startswith("meta-llama/Llama-3.1-8B-Instruct --served-model-name=")
    assert endpoint["scaling"] == {"type": "REQUEST_COUNT", "requestCount": 8}
    assert endpoint["workers"] == {"min": 0, "max": 3, "idleTimeout": 10}
    env = endpoint["env"]
    assert env["BERTH_CLIENT_KEYS"] == "{{ RUNPOD_SECRET_client_keys }}"
    assert env["HF_TOKEN"] == "{{ RUNPOD_SECRET_huggingface_token }}"
    assert (env["PORT"], env["PORT_HEALTH"], env["BERTH_MAX_REQUEST_SECONDS"]) == ("8080", "8081", "300")
    outputs = deployment.outputs()["services"][SERVICE]
    assert outputs["mode"] == "load_balancer"
    assert outputs["openai_base_url"] == f"{endpoint['requestUrls']['base']}/v1"


def test_a_second_up_and_a_refresh_change_nothing(deployment: Deployment) -> None:
    """What RunPod answers is what was deployed."""
    assert deployment.changes() == {}
    assert deployment.changes("--refresh") == {}


def test_one_question_is_answered_through_the_load_balancer(deployment: Deployment) -> None:
    """`berth smoke` asks the address of the stack's outputs, which starts a worker; `berth status` sees it."""
    result = smoke(deployment)
    assert (result["target"], result["result"]) == ("runpod", "answered"), result
    assert result["answer"].startswith("This is the sandbox")
    health = urllib3.request(
        "GET", live(deployment)["requestUrls"]["health"], headers={"Authorization": f"Bearer {FULL_KEY}"}
    )
    assert health.status == 200
    status = json.loads(deployment.run("berth", "status", "--stack", "local", "--json").stdout)
    assert SERVICE in json.dumps(status)


def test_a_worker_that_does_not_start_fails_the_smoke_test(deployment: Deployment) -> None:
    """RunPod answers 400 to who finds none; the command says so in the end."""
    ask_control(deployment.ports.runpod, "POST", "clock", {"advance_seconds": 600})
    slow = {"cold_start_seconds": 3600, "balancer_wait_seconds": 0.5}
    ask_control(deployment.ports.runpod, "PATCH", "settings", slow)
    result = smoke(deployment, "--timeout", "3")
    assert result["result"] == "failed"
    assert result["problem"].endswith("answered 400: no workers available")
    ask_control(deployment.ports.runpod, "PATCH", "settings", {"cold_start_seconds": 0.5, "balancer_wait_seconds": 120})


def test_a_replacement_over_the_quota_leaves_the_old_endpoint(deployment: Deployment) -> None:
    """Old and new stand side by side for a moment, three workers each, and a new account has five."""
    old = live(deployment)["id"]
    settings(deployment, mode="queue")
    refused = deployment.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "over the account's quota of 5" in refused.stdout + refused.stderr
    assert [one["id"] for one in deployment.runpod("GET", "/v2/serverless")["endpoints"]] == [old]


def test_the_other_mode_replaces_the_endpoint(deployment: Deployment) -> None:
    """A new id and a new address, made before the old one goes; then it is a queue again."""
    old = live(deployment)["id"]
    settings(deployment, most=2, mode="queue")
    assert deployment.changes()[ENDPOINT] == "replace"
    deployment.up()
    endpoint = live(deployment)
    assert (endpoint["type"], endpoint["id"] == old) == ("QUEUE", False)
    assert [one["id"] for one in deployment.runpod("GET", "/v2/serverless")["endpoints"]] == [endpoint["id"]]
    outputs = deployment.outputs()["services"][SERVICE]
    assert (outputs["mode"], outputs["openai_base_url"].endswith("/openai/v1")) == ("queue", True)
    assert smoke(deployment)["result"] == "answered"


def test_no_key_is_stored_anywhere(deployment: Deployment) -> None:
    """State and logs hold references alone."""
    stored = [path for path in (deployment.root / ".berth").rglob("*") if path.is_file()]
    assert any(b"RUNPOD_SECRET_client_keys" in path.read_bytes() for path in stored)
    assert [path for path in stored if FULL_KEY.encode() in path.read_bytes()] == []


def test_down_leaves_nothing(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """The endpoint is gone from the account."""
    assert sandbox_command(["down", "--root", str(deployment.root)]) == 0
    assert "nothing is left on the sandbox" in capsys.readouterr().out
