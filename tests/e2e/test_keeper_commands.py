"""Services on SageMaker and RunPod are kept, and people order: the real CLI and commands, tests run in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from sandbox.runpod.keys import FULL_KEY
from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
SM, RP = "llama-3-1-8b-sm", "llama-3-1-8b-rp"
STACK_FILE = "stacks/Pulumi.local.yaml"
WEIGHTS = {"source": "s3", "s3_uri": "s3://acme-weights/llama-3-1-8b-instruct/", "token_secret": None}
SPEC = "services/llama-3-1-8b.yaml"


def services(hours: str) -> list[dict[str, Any]]:
    kept = {"schedule": {"hours": hours}}
    return [
        {"spec": SPEC, "target": "sagemaker", "overrides": {"name": SM, "model": WEIGHTS, **kept}},
        {
            "spec": SPEC,
            "target": "runpod",
            "overrides": {
                "name": RP,
                "scaling": {"min_replicas": 0, "max_replicas": 3},
                "runpod": {"api_key_secret": "runpod/key"},
                **kept,
            },
        },
    ]


def has_endpoint(deployment: Deployment) -> bool:
    try:
        deployment.client("sagemaker").describe_endpoint(EndpointName=f"local-{SM}")
    except ClientError as error:
        assert "Could not find endpoint" in str(error)  # noqa: PT017 - every other refusal is a failure
        return False
    return True


def workers(deployment: Deployment) -> tuple[int, int]:
    [endpoint] = deployment.runpod("GET", "/v2/serverless")["endpoints"]
    return endpoint["workers"]["min"], endpoint["workers"]["max"]


def berth(deployment: Deployment, *arguments: str, code: int = 0) -> str:
    result = deployment.run("berth", *arguments, "--stack", "local")
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout


def drifted(output: str) -> list[str]:
    checks = json.loads(output)["checks"]
    assert {one["service"] for one in checks if one["check"] == "drift"} == {SM, RP}
    return [one["service"] for one in checks if one["check"] == "drift" and one["result"] != "ok"]


def test_what_is_made_asleep_starts_nothing(deployment: Deployment) -> None:
    """No endpoint, no worker; neither a preview nor a refresh finds a difference."""
    deployment.client("secretsmanager").create_secret(Name="runpod/key", SecretString=FULL_KEY)
    deployment.edit(STACK_FILE, **{"config__berth:services": services("never")})
    deployment.up(*POLICIES)
    assert (has_endpoint(deployment), workers(deployment)) == (False, (0, 0))
    assert deployment.changes() == {}
    assert deployment.changes("--refresh") == {}
    assert drifted(berth(deployment, "doctor", "--drift", "--json")) == []


def test_an_order_wakes_at_once(deployment: Deployment) -> None:
    """The command writes it, and runs the keeper; a deployment meanwhile leaves both awake."""
    for service in (SM, RP):
        berth(deployment, "awake", service, "--for", "3h")
    assert (has_endpoint(deployment), workers(deployment)) == (True, (0, 3))
    assert deployment.changes("--refresh") == {}
    deployment.up(*POLICIES)
    assert (has_endpoint(deployment), workers(deployment)) == (True, (0, 3))


def test_an_order_to_sleep_is_kept(deployment: Deployment) -> None:
    """Also by a deployment of something else, and by a refresh."""
    for service in (SM, RP):
        berth(deployment, "sleep", service, "--now")
    assert (has_endpoint(deployment), workers(deployment)) == (False, (0, 0))
    changed = services("never")
    for one in changed:
        one["overrides"]["model"] = {**one["overrides"].get("model", {}), "max_context_tokens": 8192}
    deployment.edit(STACK_FILE, **{"config__berth:services": changed})
    deployment.up(*POLICIES)
    deployment.up("--refresh")
    assert (has_endpoint(deployment), workers(deployment)) == (False, (0, 0))


def test_what_somebody_starts_behind_the_keepers_back_is_drift(deployment: Deployment) -> None:
    """The next run would undo it; `berth doctor --drift` says so with an exit code of its own."""
    [endpoint] = deployment.runpod("GET", "/v2/serverless")["endpoints"]

    url = f"http://127.0.0.1:{deployment.ports.runpod}/v2/serverless/{endpoint['id']}"
    answer = urllib3.request(
        "PATCH", url, headers={"Authorization": f"Bearer {FULL_KEY}"}, json={"workers": {"min": 1, "max": 1}}
    )
    assert answer.status == 200
    assert drifted(berth(deployment, "doctor", "--drift", "--json", code=3)) == [RP]
    assert workers(deployment) == (1, 1)
    berth(deployment, "sleep", RP, "--now")
    assert workers(deployment) == (0, 0)


def test_a_destroy_leaves_nothing(deployment: Deployment) -> None:
    """Of services that an order has woken."""
    for service in (SM, RP):
        berth(deployment, "awake", service, "--for", "1h")
    assert (has_endpoint(deployment), workers(deployment)) == (True, (0, 3))
    result = deployment.pulumi("destroy", "--yes", "--skip-preview")
    assert result.returncode == 0, result.stdout + result.stderr
    assert not has_endpoint(deployment)
    assert deployment.runpod("GET", "/v2/serverless")["endpoints"] == []
    assert deployment.client("lambda").list_functions()["Functions"] == []
