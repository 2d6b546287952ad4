"""`berth ci` with the real CLI: a change is previewed, refused, deployed, and taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
SPEC = "stacks/services/llama-3-1-8b.yaml"


def ci(deployment: Deployment, *arguments: str) -> CompletedProcess[str]:
    return deployment.run("berth", *arguments, "--stack", "local")


def specs(deployment: Deployment) -> dict[str, Any]:
    """The specs that the state of the stack holds."""
    exported = json.loads(deployment.pulumi("stack", "export").stdout)["deployment"]["resources"]
    return {one["urn"].rpartition("::")[2]: one["inputs"]["spec"] for one in exported if "ModelService" in one["type"]}


def report(deployment: Deployment) -> dict[str, Any]:
    """What the last command with `--output out` wrote of the stack."""
    return json.loads((deployment.root / "out" / "report.json").read_text())["projects"][0]


def test_a_stack_with_a_keeper_is_previewed_from_nothing(deployment: Deployment) -> None:
    """No mandatory policy meets what a first preview cannot know, or nobody could ever deploy one."""
    first = deployment.run("berth", "ci", "preview", "--stack", "preview", "--output", "out")
    assert first.returncode == 0, first.stdout + first.stderr
    assert report(deployment)["deployed"] is False
    assert [one for one in report(deployment)["policies"] if one["status"] == "could-not-run"] == []


def test_a_change_is_previewed_deployed_and_taken_back(deployment: Deployment) -> None:
    """One story, as each part takes seconds: exit codes, classes, digest, smoke test, history, roll-back."""
    deployment.keep("runpod")
    first = ci(deployment, "ci", "preview", "--output", "out")
    assert first.returncode == 0, first.stdout + first.stderr
    assert (report(deployment)["deployed"], report(deployment)["resources"][0]["change"]) == (False, "new")
    made = ci(deployment, "ci", "deploy", "--smoke", "--output", "out", "--expect-digest", report(deployment)["digest"])
    assert made.returncode == 0, made.stdout + made.stderr
    assert "answered in" in made.stderr

    deployment.edit(SPEC, scaling__max_replicas=2, model__max_context_tokens=8192)
    changed = ci(deployment, "ci", "preview", "--output", "out")
    assert changed.returncode == 0, changed.stdout + changed.stderr
    service = next(one for one in report(deployment)["resources"] if one["name"] == "llama-3-1-8b-rp")
    assert (service["change"], service["steps"]) == (
        "rolling",
        [{"op": "update", "name": "runpod.Endpoint llama-3-1-8b-rp-endpoint"}],
    )
    assert [one["path"] for one in service["fields"]] == ["model.max_context_tokens"]
    assert service["cost"]["byPrices"] == "0"
    strange = ci(deployment, "ci", "deploy", "--expect-digest", "sha256:another")
    assert strange.returncode == 6, strange.stderr
    reviewed = ci(deployment, "ci", "deploy", "--reviewed", "out/report.json", "--smoke")
    assert reviewed.returncode == 0, reviewed.stdout + reviewed.stderr

    back = ci(deployment, "rollback", "--to", "1", "--yes")
    assert back.returncode == 0, back.stdout + back.stderr
    listed = json.loads(ci(deployment, "rollback", "--json").stdout)["deployments"]
    assert [(one["number"], one["good"], one["message"].split(" sha256")[0]) for one in listed] == [
        (3, True, "berth rollback to 1"),
        (2, True, "berth ci deploy"),
        (1, True, "berth ci deploy"),
    ]
    assert specs(deployment)["llama-3-1-8b-rp"]["model"]["max_context_tokens"] is None


def test_what_does_not_answer_is_taken_back(deployment: Deployment) -> None:
    """The specs of the last good deployment are in place again, and the exit code says which check failed."""
    deployment.edit(SPEC, model__max_context_tokens=4096)
    fault = ("--path", "/ai/v2/*", "--times", "1000", "--status", "500")
    assert deployment.run("berth", "sandbox", "runpod", "fault", *fault).returncode == 0
    silent = ci(deployment, "ci", "deploy", "--smoke", "--smoke-timeout", "10")
    assert silent.returncode == 8, silent.stdout + silent.stderr
    assert specs(deployment)["llama-3-1-8b-rp"]["model"]["max_context_tokens"] is None
    listed = json.loads(ci(deployment, "rollback", "--json").stdout)["deployments"]
    assert [one["good"] for one in listed[:2]] == [True, False]
    deployment.edit(SPEC, model__max_context_tokens=None)


def test_the_cost_of_a_week_is_reported(deployment: Deployment) -> None:
    """Estimate and meter, without Cost Explorer; a service that nothing keeps has no meter."""
    asked = ci(deployment, "ci", "cost-report", "--no-cost-explorer", "--output", "out")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    written = (deployment.root / "out" / "report.md").read_text()
    assert "llama-3-1-8b-rp" in written


def test_a_violation_and_a_wrong_spec_have_codes_of_their_own(deployment: Deployment) -> None:
    """After the first test: the stack is deployed, and stays as it is."""
    config = deployment.root / "policies" / "config" / "local.json"
    document = json.loads(config.read_text())
    document["cost-ceiling-service"]["maxExpectedUsdPerMonth"] = 1
    config.write_text(json.dumps(document))
    violated = ci(deployment, "ci", "preview", "--output", "out")
    assert violated.returncode == 2, violated.stdout + violated.stderr
    found = [one for one in report(deployment)["policies"] if one["blocks"]]
    assert {one["rule"] for one in found} == {"cost-ceiling-service"}
    assert "is above the ceiling of 1.00" in found[0]["message"]
    refused = ci(deployment, "ci", "deploy")
    assert refused.returncode == 2, refused.stderr
    assert "nothing was deployed" in refused.stderr
    deployment.edit(SPEC, scaling__metric="nonsense")
    wrong = ci(deployment, "ci", "preview")
    assert wrong.returncode == 1
    assert "scaling.metric: nonsense is not" in wrong.stdout
