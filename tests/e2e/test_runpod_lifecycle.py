"""The whole life of a stack on RunPod with the real Pulumi CLI; the tests tell one story and run in this order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.cli import main as sandbox_command
from sandbox.runpod.commands import ask_control
from sandbox.runpod.keys import FULL_KEY
from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
LLAMA, QWEN = "llama-3-1-8b-rp", "qwen-2-5-32b-rp"
LLAMA_SPEC = "stacks/services/llama-3-1-8b.yaml"
QWEN_SPEC = "stacks/services/qwen-2-5-32b.yaml"
ENDPOINT = "pulumi-python:dynamic/runpod:Endpoint"
VOLUME = "pulumi-python:dynamic/runpod:NetworkVolume"


def calls(deployment: Deployment, since: int = 0) -> list[tuple[str, str, int]]:
    """Management calls after number `since`: method, path and status."""
    log = ask_control(deployment.ports.runpod, "GET", f"calls?since={since}")
    return [(call["method"], call["path"], call["status"]) for call in log["calls"] if call["path"].startswith("/v2")]


def last_call(deployment: Deployment) -> int:
    return ask_control(deployment.ports.runpod, "GET", "calls")["last"]


def live(deployment: Deployment, service: str) -> dict[str, Any]:
    """What RunPod answers about a service's endpoint."""
    endpoint = deployment.outputs()["services"][service]["endpoint_id"]
    return deployment.runpod("GET", f"/v2/serverless/{endpoint}")


def test_the_first_up_deploys_both_services_under_the_policies(deployment: Deployment) -> None:
    """Pools, exclusions, worker environment and volume are those of the plans."""
    deployment.keep("runpod")
    assert "Policies:" in deployment.up(*POLICIES)
    services = deployment.outputs()["services"]
    assert sorted(services) == [LLAMA, QWEN]
    for service in services.values():
        assert service["openai_base_url"].endswith(f"/{service['endpoint_id']}/openai/v1")
        assert service["state"] == "awake"
    llama, qwen = live(deployment, LLAMA), live(deployment, QWEN)
    assert llama["gpu"]["pools"] == ["AMPERE_24", "ADA_48_PRO"]
    assert llama["env"]["HF_TOKEN"] == "{{ RUNPOD_SECRET_huggingface_token }}"
    assert (llama["workers"]["min"], llama["workers"]["max"]) == (0, 3)
    assert llama["scaling"] == {"type": "REQUEST_COUNT", "requestCount": 8}
    assert qwen["networkVolumes"] == [services[QWEN]["volume_id"]]
    assert qwen["dataCenterIds"] == ["EU-RO-1"]


def test_a_second_up_changes_nothing_and_asks_nothing(deployment: Deployment) -> None:
    """Without a change there is not one call to RunPod."""
    before = last_call(deployment)
    assert deployment.changes() == {}
    deployment.up()
    assert calls(deployment, before) == []


def test_a_refresh_shows_no_drift(deployment: Deployment) -> None:
    """What RunPod answers is what was deployed."""
    assert deployment.changes("--refresh") == {}


def test_a_killed_sandbox_comes_back_with_the_same_account(deployment: Deployment) -> None:
    """After a hard kill and a new start, every endpoint is there under its id."""
    before = deployment.outputs()
    deployment.kill()
    deployment.start()
    assert deployment.changes("--refresh") == {}
    assert deployment.outputs() == before


def test_a_preview_needs_no_key(deployment: Deployment) -> None:
    """The preview of a fork has no secrets, and shows the change all the same."""
    deployment.edit(LLAMA_SPEC, model__max_context_tokens=4096)
    before = last_call(deployment)
    shown = deployment.run("env", "-u", "RUNPOD_API_KEY", "pulumi", "preview", "--stack", "local", "--non-interactive")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert f"{LLAMA}-endpoint" in shown.stdout
    assert calls(deployment, before) == []


def test_a_changed_field_alone_is_sent(deployment: Deployment) -> None:
    """Another context is one PATCH of the environment, which rolls the workers; the endpoint keeps its address."""
    address = deployment.outputs()["services"][LLAMA]["openai_base_url"]
    before = last_call(deployment)
    deployment.up()
    endpoint = live(deployment, LLAMA)
    written = [call for call in calls(deployment, before) if call[0] != "GET"]
    assert written == [("PATCH", f"/v2/serverless/{endpoint['id']}", 200)]
    assert endpoint["env"]["MAX_MODEL_LEN"] == "4096"
    assert deployment.outputs()["services"][LLAMA]["openai_base_url"] == address
    assert deployment.changes("--refresh") == {}


def test_a_lost_answer_makes_no_second_endpoint(deployment: Deployment) -> None:
    """The POST that failed after it was done is adopted by its marker."""
    deployment.pulumi("destroy", "--yes")
    fault = {"method": "POST", "path": "/v2/serverless", "status": 502, "after_commit": True}
    ask_control(deployment.ports.runpod, "POST", "faults", fault)
    before = last_call(deployment)
    deployment.up()
    found = deployment.runpod("GET", "/v2/serverless")["endpoints"]
    assert sorted(endpoint["name"] for endpoint in found) == ["local-" + LLAMA, "local-" + QWEN]
    assert [call for call in calls(deployment, before) if call[0] == "POST" and call[1] == "/v2/serverless"] == [
        ("POST", "/v2/serverless", 502),
        ("POST", "/v2/serverless", 201),
    ]
    assert deployment.changes("--refresh") == {}


def test_a_parked_service_has_no_workers(deployment: Deployment) -> None:
    """Zero is sent as zero; nothing drifts, and a deployment meanwhile wakes nothing."""
    deployment.edit(LLAMA_SPEC, power="off")
    deployment.up()
    assert live(deployment, LLAMA)["workers"] == {"min": 0, "max": 0}
    assert deployment.outputs()["services"][LLAMA]["state"] == "parked"
    assert deployment.changes("--refresh") == {}
    deployment.edit(LLAMA_SPEC, model__max_context_tokens=8192)
    deployment.up()
    assert live(deployment, LLAMA)["workers"] == {"min": 0, "max": 0}
    deployment.edit(LLAMA_SPEC, power="on")
    deployment.up()
    assert live(deployment, LLAMA)["workers"]["max"] == 3


def test_a_volume_grows_and_never_shrinks(deployment: Deployment) -> None:
    """More is an update in place; less is refused before anything is done."""
    stack = deployment.root / "stacks" / "Pulumi.local.yaml"
    text = stack.read_text()
    stack.write_text(text.replace("size: 50GB", "size: 80GB"))
    assert {name: operation for name, operation in deployment.changes().items() if name.startswith(VOLUME)} == {
        f"{VOLUME} {QWEN}-weights": "update"
    }
    deployment.up()
    stack.write_text(text)
    refused = deployment.pulumi("preview")
    assert refused.returncode != 0
    assert "80" in refused.stdout + refused.stderr
    assert "50" in refused.stdout + refused.stderr
    stack.write_text(text.replace("size: 50GB", "size: 80GB"))
    assert deployment.changes("--refresh") == {}


def test_what_runpod_scaled_down_by_itself_is_drift(deployment: Deployment) -> None:
    """After a week without requests RunPod takes the workers away; a refresh says so, an up gives them back."""
    ask_control(deployment.ports.runpod, "POST", "clock", {"advance_seconds": 8 * 86_400})
    assert live(deployment, QWEN)["workers"]["max"] == 0
    assert deployment.changes("--refresh")[f"{ENDPOINT} {QWEN}-endpoint"] == "update"
    deployment.up("--refresh")
    assert live(deployment, QWEN)["workers"]["max"] == 2
    assert deployment.changes("--refresh") == {}


def test_one_job_runs_through_the_sdk(deployment: Deployment) -> None:
    """`berth smoke` asks through runpod.Endpoint and prints what came back, never the key."""
    answer = deployment.run("berth", "smoke", QWEN, "--stack", "local", "--json")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    [result] = json.loads(answer.stdout)["services"]
    assert (result["service"], result["target"], result["result"]) == (QWEN, "runpod", "answered")
    assert result["answer"]
    assert FULL_KEY not in answer.stdout + answer.stderr


def test_no_key_and_no_token_is_stored_anywhere(deployment: Deployment) -> None:
    """State, journal and logs hold the secret's reference, never a key."""
    stored = [path for path in (deployment.root / ".berth").rglob("*") if path.is_file()]
    assert any(b"RUNPOD_SECRET_huggingface_token" in path.read_bytes() for path in stored)
    assert [path for path in stored if FULL_KEY.encode() in path.read_bytes()] == []


def test_down_leaves_nothing(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """Endpoints and volume are gone from the account."""
    assert sandbox_command(["down", "--root", str(deployment.root)]) == 0
    assert "nothing is left on the sandbox" in capsys.readouterr().out
