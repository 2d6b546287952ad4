"""What a planned service registers is what the rules read: on every target, under the names of the contract."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from components.plan import UNBUILT, make_plan
from components.plan.registered import registered
from components.spec import load_spec
from policies.judge import judge_service
from policies.resources import Resource
from policies.rules import RULES
from policies.settings import read
from policies.value import Value
from tests.policies.happy import CONFIG, HAPPY, SERVICE

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 21)
ON = {"ecs": {}, "sagemaker": {"engine": {"kind": "vllm"}}, "runpod": {"scaling": {"min_replicas": 0}}, "local": {}}


def told(target: Any, **overrides: Any) -> dict[str, Any]:
    """What the example service registers on a target."""
    spec = load_spec(ROOT / "stacks/services/qwen-2-5-32b.yaml", {**ON[target], **overrides})
    plan = make_plan(spec, target=target, stack="dev", region="us-east-1", images=UNBUILT, today=TODAY)
    return registered(spec.model_dump(mode="json"), plan)


def test_the_decisions_of_a_service_on_ecs() -> None:
    """Every key is a contract with rules, reports and whoever reads the state."""
    assert told("ecs")["plan"] == {
        "environment": "dev",
        "region": "us-east-1",
        "hardware": ["g6e.xlarge"],
        "gpusPerReplica": 1,
        "memory": {"budgetGib": 40.23, "weightsGib": 18.0, "runtimeGib": 1.5},
        "replicas": {"min": 1, "max": 2},
        "awakeHoursPerMonth": 730,
        "images": {
            "engine": "vllm/vllm-openai:v0.33.0",
            "weightCache": "weight-cache:unbuilt",
            "gateway": "gateway:unbuilt",
        },
        "keeperOwnsCapacity": False,
        "tags": {"cost_center": "4711", "owner": "ml-platform"},
    }


def test_the_workers_of_a_service_on_runpod() -> None:
    """Pools are its hardware; the idle timeout is missing where RunPod forbids it."""
    plan = told("runpod")["plan"]
    assert plan["hardware"] == ["ADA_48_PRO"]
    assert plan["runpod"] == {
        "workersMin": 0,
        "workersMax": 2,
        "idleTimeoutSeconds": None,
        "scaler": "REQUEST_COUNT",
    }


def test_sagemaker_names_all_that_it_may_fall_back_to() -> None:
    """A rule on families must know them before a shortage uses one."""
    accelerators = ["L40S", "A10G:4"]
    assert told("sagemaker", accelerators=accelerators)["plan"]["hardware"] == ["ml.g6e.xlarge", "ml.g5.12xlarge"]


def test_a_parked_service_is_never_awake() -> None:
    """Nothing of it runs, whatever its schedule says."""
    assert told("ecs", power="off")["plan"]["awakeHoursPerMonth"] == 0


def test_a_local_service_has_no_hardware_to_be_judged() -> None:
    """Neither memory nor images."""
    plan = told("local")["plan"]
    assert (plan["hardware"], plan["memory"], plan["images"]) == ([], None, {})


@pytest.mark.parametrize("target", ON)
def test_every_rule_can_read_every_target(target: str) -> None:
    """Nothing that a rule asks about is unknown, of a wrong type or under another name."""
    service = Resource.of_service(told(target), name="qwen-2-5-32b", stack="dev")
    outcomes = judge_service(RULES, service, read(CONFIG, RULES, place="test"), TODAY)
    assert [one.text for one in outcomes if one.status in ("unknown", "error")] == []
    # A rule that reads what is not there says that it is missing: of these, only the spec's own fields may be.
    missing = [one.message for one in outcomes if "is missing" in one.message or "does not say" in one.message]
    allowed = ("spec.model.revision is missing, so replicas may serve different weights",)
    assert [message for message in missing if message not in allowed] == []


def test_the_happy_service_of_the_tests_has_the_keys_of_a_real_one() -> None:
    """Otherwise rules would be tested on what no service says."""
    real, happy = told("ecs"), HAPPY[SERVICE]
    assert set(happy) == set(real)
    assert set(happy["plan"]) == set(real["plan"])
    assert set(happy["costEstimate"]) <= set(real["costEstimate"])
    for path in _leaves(happy["spec"]):
        value = Value(real["spec"])
        for key in path:
            value = value[key]
        assert value.data is not None or path[0] in ("schedule", "model"), path


def _leaves(spec: dict[str, Any]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, group in spec.items():
        found += [(name, field) for field in group] if isinstance(group, dict) else [(name,)]
    return found
