"""The scripts of the workflows that deploy, look and remove, run for real: on the sandbox, as their jobs do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox import environment

sys.path.append(str(Path(__file__).parents[1] / "workflows"))
from workflow import filled, steps

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
STEPS = {step.key: step for step in steps()}
IMAGES = {"gateway": "berth/gateway:0.1.0", "weight_cache": "berth/weight-cache:0.1.0"}
SMALL = {"scaling": {"min_replicas": 1, "max_replicas": 1}, "ecs": {"deployment": "recreate", "log_retention": "7d"}}
SERVICE = {"spec": "services/llama-3-1-8b.yaml", "target": "ecs", "overrides": SMALL}


def run(deployment: Deployment, key: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Run a step as its job does; `values` are its variables, in place of what GitHub would fill in."""
    step = STEPS[key]
    ours = {name: text for name, text in step.env.items() if "${{" not in str(text)}
    assert {name: filled(text, {}) for name, text in ours.items()} == ours
    variables = environment.process_environment(deployment.root, deployment.ports)
    variables |= {
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase of its own",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_EVENT_NAME": "workflow_dispatch",
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_STEP_SUMMARY": str(deployment.root / "summary.md"),
        **ours,
        **values,
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script]
    return subprocess.run(command, cwd=deployment.root, env=variables, capture_output=True, text=True, check=False)


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a step said; fails the test with it when the step did."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dev(deployment: Deployment) -> Deployment:
    """Stack dev, deployed by the step of its workflow."""
    deployment.edit("stacks/Pulumi.dev.yaml", **{"config__berth:images": IMAGES, "config__berth:services": [SERVICE]})
    deployment.edit("stacks/Pulumi.preview.yaml", **{"config__berth:services": [SERVICE]})
    # The rules of dev ask for hours and a budget, which would install a keeper for each of these tests.
    policies = deployment.root / "policies" / "config"
    rules = json.loads((policies / "preview.json").read_text())
    rules["budget-required"]["enforcementLevel"] = "advisory"
    for environment_name in ("dev", "preview"):
        (policies / f"{environment_name}.json").write_text(json.dumps(rules))
    deployment.run("pulumi", "stack", "init", "dev", stack="dev")
    succeeded(run(deployment, "deploy-stack: deploy: Deploy what was reviewed", STACK="dev"))
    return deployment


def test_a_deployed_stack_has_not_drifted_and_keeps_todays_rules(dev: Deployment) -> None:
    """The three questions of the night, right after the deployment."""
    for name in (
        "What is there, and what the program says",
        "What runs, and what the specs allow at this hour",
        "What is deployed, and today's rules",
    ):
        done = run(dev, f"drift: drift: {name}", STACK="dev")
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_somebody_changed_by_hand_is_drift(dev: Deployment) -> None:
    """The step fails, and its workflow opens an issue."""
    group = dev.client("logs").describe_log_groups(logGroupNamePrefix="/berth/dev/")["logGroups"][0]["logGroupName"]
    dev.client("logs").put_retention_policy(logGroupName=group, retentionInDays=1)
    done = run(dev, "drift: drift: What is there, and what the program says", STACK="dev")
    assert done.returncode != 0
    assert "retentionInDays" in done.stdout
    dev.client("logs").put_retention_policy(logGroupName=group, retentionInDays=7)


def test_the_report_of_the_week_is_written(dev: Deployment) -> None:
    """Also for stacks that nobody has deployed yet."""
    run(dev, "cost-report: report: Estimate, meter and bill")
    assert (dev.root / "report" / "report.json").is_file()


def test_a_pull_requests_stack_is_made_from_the_template_and_removed(dev: Deployment) -> None:
    """With its tags, and nothing of it is left."""
    succeeded(run(dev, "pr-stack: deploy: Deploy it", NUMBER="7"))
    tags = dev.pulumi("stack", "tag", "ls", stack="pr-7").stdout
    assert "octocat" in tags
    assert "ttl" in tags
    succeeded(run(dev, "cleanup: remove: Remove what is over", NUMBER="7"))
    assert "pr-7" not in dev.run("pulumi", "stack", "ls", "--json", stack="dev").stdout
    named = dev.client("logs").describe_log_groups(logGroupNamePrefix="/berth/pr-7/")["logGroups"]
    assert named == []
