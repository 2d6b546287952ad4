"""The pack as a whole: broken rules, its configuration, and what our own components look like to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from pulumi_policy import ResourceValidationPolicy

from policies import cost, network
from policies.guard import guarded

ROOT = Path(__file__).parents[2]
STACKS = sorted(path.name.split(".")[1] for path in (ROOT / "stacks").glob("Pulumi.*.yaml"))


def test_a_rule_that_raises_is_a_violation_that_names_it(pack):
    """A bug in a rule stops the deployment with the rule's name, and not the whole pack without one."""

    def broken(args, report_violation):
        return {}["missing"]

    rule = ResourceValidationPolicy(name="service-cost-ceiling", description="x", validate=guarded("broken", broken))
    assert pack("dev", [rule]).resource("any:type:T", {}) == [
        "mandatory service-cost-ceiling: rule broken could not be checked (KeyError: 'missing'); report this as a bug"
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_each_stack_configures_exactly_the_rules_of_the_pack(stack):
    """A misspelt rule in a configuration would end the CLI with a useless message."""
    config = json.loads((ROOT / "policies" / "config" / f"{stack}.json").read_text())
    assert set(config) == {policy.name for policy in [*cost.POLICIES, *network.POLICIES]}
    ceiling = config["service-cost-ceiling"]
    assert 0 < ceiling["maxExpectedUsdPerMonth"] <= ceiling["maxUsdPerMonth"]


def test_no_configuration_is_without_a_stack():
    """Configuration files and stack files are the same list."""
    assert sorted(path.stem for path in (ROOT / "policies" / "config").glob("*.json")) == STACKS


def test_the_pack_runs_in_the_projects_environment():
    """The virtual environment resolves from the folder of the pack."""
    manifest = yaml.safe_load((ROOT / "policies" / "PulumiPolicy.yaml").read_text())
    assert manifest["runtime"] == {"name": "python", "options": {"virtualenv": "../.venv"}}
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert project["runtime"] == {"name": "python", "options": {"virtualenv": ".venv"}}
