"""The pack in the real CLI: a preview and a deployment are stopped before anything is made, a state is judged later."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.deployment import Deployment

pytestmark = pytest.mark.e2e
CONFIG = "policies/config/local.json"
SPEC = "stacks/services/llama-3-1-8b.yaml"
SERVICE = "berth:index:ModelService"
EXPIRES = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def events(deployment: Deployment, *arguments: str) -> list[dict[str, Any]]:
    """What `pulumi preview` streams: its digest has no word of policies."""
    command = ("pulumi", "preview", "--json", "--stack", "local", "--non-interactive", *arguments)
    result = deployment.run("env", "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1", *command)
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def stricter(deployment: Deployment, **change: Any) -> tuple[str, ...]:
    """Arguments for the pack under the stack's configuration with some rules stricter."""
    document = json.loads((deployment.root / CONFIG).read_text())
    path: Path = deployment.root / "policies/config/strict.json"
    path.write_text(json.dumps({**document, **{name.replace("_", "-"): value for name, value in change.items()}}))
    return ("--policy-pack", "policies", "--policy-pack-config", str(path))


def made(deployment: Deployment) -> list[str]:
    """Types of what the stack holds."""
    exported = json.loads(deployment.pulumi("stack", "export").stdout)
    return [one["type"] for one in exported["deployment"].get("resources", [])]


def test_the_example_stack_keeps_every_rule_and_its_first_preview_knows_all_that_rules_read(
    deployment: Deployment,
) -> None:
    """On all three targets: no violation, and nothing that a rule could not check."""
    deployment.run("pulumi", "stack", "select", "--create", "local")
    found = [one["policyEvent"] for one in events(deployment, *POLICIES) if "policyEvent" in one]
    assert [(one["policyName"], one["message"]) for one in found] == []


def test_a_service_above_its_ceiling_is_stopped_before_anything_is_made(deployment: Deployment) -> None:
    """By a preview, and by a deployment that has none: the message names both sides and what to do."""
    deployment.keep("runpod")
    low = stricter(deployment, cost_ceiling_service={"enforcementLevel": "mandatory", "maxExpectedUsdPerMonth": 1})
    previewed = deployment.pulumi("preview", *low)
    deployed = deployment.pulumi("up", "--yes", "--skip-preview", *low)
    for result in (previewed, deployed):
        assert result.returncode != 0
        assert "USD per month at the expected load is above the ceiling of 1.00" in result.stdout
        assert "or raise maxExpectedUsdPerMonth in policies/config" in result.stdout
        assert "[mandatory] [severity: high]  cost-ceiling-service" in result.stdout
    assert [kind for kind in made(deployment) if kind.startswith(("aws:", "pulumi-python:"))] == []


def test_an_exemption_lets_a_service_pass_and_is_no_pass_itself(deployment: Deployment) -> None:
    """The engine counts the rule neither as kept nor as broken; reports list it by `policies.judge`."""
    low = stricter(deployment, max_replicas={"enforcementLevel": "mandatory", "maxReplicas": 1, "maxInstances": 2})
    entry = {"rule": "max-replicas", "reason": "the launch is on Monday", "expires": EXPIRES}
    deployment.edit(SPEC, policy_exemptions=[entry])
    deployment.edit("stacks/services/qwen-2-5-32b.yaml", policy_exemptions=[entry])
    streamed = events(deployment, *low)
    assert [one["policyEvent"]["message"] for one in streamed if "policyEvent" in one] == []
    summaries = [one["policyAnalyzeSummaryEvent"] for one in streamed if "policyAnalyzeSummaryEvent" in one]
    of_services = [one for one in summaries if f"::{SERVICE}::" in one["resourceUrn"]]
    assert len(of_services) == 2
    for one in of_services:
        assert "cost-ceiling-service" in one["passed"]
        assert "max-replicas" not in one["passed"] + one.get("failed", [])


def test_a_deployed_stack_is_judged_again_without_its_program(deployment: Deployment) -> None:
    """At night: by today's prices and rules, with the same messages, and no call to a cloud."""
    deployment.up(*POLICIES)
    fine = deployment.pulumi("policy", "analyze", *POLICIES)
    assert fine.returncode == 0, fine.stdout + fine.stderr
    stale = stricter(deployment, cost_unknown={"enforcementLevel": "mandatory", "maxPriceAgeDays": 1})
    found = deployment.pulumi("policy", "analyze", *stale)
    assert found.returncode != 0
    assert "days old, and may be 1" in found.stdout
    total = stricter(deployment, cost_ceiling_stack={"enforcementLevel": "mandatory", "maxExpectedUsdPerMonth": 1})
    summed = deployment.pulumi("policy", "analyze", *total)
    assert summed.returncode != 0
    assert "together cost" in summed.stdout


def test_the_state_has_what_the_rules_read(deployment: Deployment) -> None:
    """The component's inputs and outputs both hold spec, decisions and estimate."""
    exported = json.loads(deployment.pulumi("stack", "export").stdout)["deployment"]["resources"]
    services = [one for one in exported if one["type"] == SERVICE]
    assert len(services) == 2
    for one in services:
        for key in ("spec", "plan", "costEstimate"):
            assert one["outputs"][key] == one["inputs"][key]
        assert one["outputs"]["spec"]["policy_exemptions"][0]["expires"] == EXPIRES
