"""`berth plan --policies` asks the rules of an environment about a spec, before anything is deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.cli.main import main
from policies.rules import RULES

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "stacks/services/qwen-2-5-32b.yaml"
COMMIT = "a" * 40


def spec(tmp_path: Path, more: str = "") -> str:
    """The example with its revision pinned, and more lines at the end."""
    text = SPEC.read_text().replace("max_context_tokens: 16384", f"max_context_tokens: 16384\n  revision: {COMMIT}")
    path = tmp_path / "chat.yaml"
    path.write_text(f"{text}\n{more}")
    return str(path)


def test_a_spec_that_keeps_the_rules_ends_with_0(tmp_path: Path, capsys: Any) -> None:
    """The plan comes first, the policies after it; advice stops nothing."""
    assert main(["plan", spec(tmp_path), "--policies", "preview"]) == 0
    printed = capsys.readouterr().out
    plan, _, policies = printed.partition("Policies of preview: ")
    assert "g6e.xlarge, 1 x L40S for a replica" in plan
    assert policies.startswith(
        "16 kept, none would stop a deployment\nViolated\n  prod-ha (advisory): plan.replicas.min: 1,"
    )


def test_a_mandatory_violation_ends_with_1_and_says_what_to_do(tmp_path: Path, capsys: Any) -> None:
    """One replica is not enough for production, and the image has no digest."""
    assert main(["plan", spec(tmp_path), "--policies", "prod"]) == 1
    policies = " ".join(capsys.readouterr().out.partition("Policies of prod: ")[2].split())
    assert policies.startswith(
        "15 kept, 2 would stop a deployment Violated prod-ha (mandatory): plan.replicas.min: 1, "
    )
    assert "; set scaling.min_replicas to minReplicas or more, over subnets of two zones" in policies
    assert "image-pinned (mandatory): plan.images.engine: vllm/vllm-openai:v0.33.0 has no digest" in policies


def test_what_the_stack_builds_is_not_judged(tmp_path: Path, capsys: Any) -> None:
    """The images of gateway and weight cache are known to a stack alone."""
    main(["plan", spec(tmp_path), "--policies", "prod"])
    assert "unbuilt" not in capsys.readouterr().out.partition("Policies of prod: ")[2]


def test_an_exemption_is_listed_with_reason_and_last_day(tmp_path: Path, capsys: Any) -> None:
    """It stops nothing until then; the rule about exemptions looks at the day."""
    more = """
policy_exemptions:
  - {rule: prod-ha, reason: one replica until the quota is granted, expires: "2999-01-31"}
  - {rule: image-pinned, reason: the registry moves next week, expires: "2020-01-31"}
"""
    assert main(["plan", spec(tmp_path, more), "--policies", "prod"]) == 1
    policies = " ".join(capsys.readouterr().out.partition("Policies of prod: ")[2].split())
    listed = "prod-ha (mandatory): plan.replicas.min: 1, and 2 are needed so that one may fail (until 2999-01-31: one"
    assert f"Exempt {listed} replica until the quota is granted)" in policies
    assert "spec.policy_exemptions[1].expires: the exemption from image-pinned ended on 2020-01-31" in policies
    assert "image-pinned (mandatory): plan.images.engine" in policies


def test_json_has_every_outcome(tmp_path: Path, capsys: Any) -> None:
    """For programs: beside the plan, each rule with status, message, remediation and whether it blocks."""
    assert main(["plan", spec(tmp_path), "--policies", "prod", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["hardware"]["instance_type"] == "g6e.xlarge"
    [ha] = [one for one in document["policies"] if one["rule"] == "prod-ha"]
    assert ha == {
        "rule": "prod-ha",
        "level": "mandatory",
        "severity": "high",
        "status": "violation",
        "message": "plan.replicas.min: 1, and 2 are needed so that one may fail",
        "remediation": next(rule.remedy for rule in RULES if rule.name == "prod-ha"),
        "blocks": True,
        "exemption": None,
    }


def test_own_limits_are_given_by_path(tmp_path: Path, capsys: Any) -> None:
    """A misspelt one is refused with the nearest."""
    own = tmp_path / "own.json"
    own.write_text('{"all": "disabled", "cost-ceilling-service": "mandatory"}')
    assert main(["plan", spec(tmp_path), "--policies", str(own)]) == 1
    assert (
        "own.json: cost-ceilling-service: is not a rule; did you mean cost-ceiling-service?" in capsys.readouterr().err
    )


@pytest.mark.parametrize("environment", ["prd", "other.json"])
def test_an_environment_without_a_configuration_is_refused(environment: str, capsys: Any) -> None:
    """With the nearest that has one."""
    assert main(["plan", str(SPEC), "--policies", environment]) == 1
    assert f"berth: --policies: {environment} has no configuration; " in capsys.readouterr().err
