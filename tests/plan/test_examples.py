from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from components.plan import Plan, StackImages, make_plan
from components.spec import load_spec

STACKS = Path(__file__).parents[2] / "stacks"
SERVICES = STACKS / "services"
IMAGES = StackImages("gateway:local", "weight-cache:local")


def _plan(name: str) -> Plan:
    spec = load_spec(SERVICES / name, environment="local")
    return make_plan(
        spec,
        target="ecs",
        stack="local",
        region="us-east-1",
        images=IMAGES,
        today=date(2026, 11, 21),
        tags={"team": "a"},
    )


@pytest.mark.parametrize(
    ("name", "instance_type", "verdict"),
    [("llama-3-1-8b.yaml", "g6.2xlarge", "fits"), ("qwen-2-5-32b.yaml", "g6e.xlarge", "fits")],
)
def test_the_example_services_can_be_planned(name: str, instance_type: str, verdict: str) -> None:
    """Each example lands on one GPU in us-east-1 with a known price."""
    plan = _plan(name)
    assert (plan.hardware.instance_type, plan.hardware.fit.verdict) == (instance_type, verdict)
    assert plan.cost.unknowns == ()
    assert plan.cost.expected is not None


@pytest.mark.parametrize(
    ("name", "engine", "instance_type"),
    [("llama-3-1-8b-sm", "tgi", "ml.g6.xlarge"), ("qwen-2-5-32b-sm", "vllm", "ml.g6e.xlarge")],
)
def test_the_examples_of_stack_local_can_be_planned_on_sagemaker(name: str, engine: str, instance_type: str) -> None:
    """The same files with the stack's overrides: weights from S3 on TGI, weights from the Hub on vLLM."""
    config = yaml.safe_load((STACKS / "Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    [entry] = [row for row in config["berth:services"] if row.get("overrides", {}).get("name") == name]
    plan = make_plan(
        load_spec(STACKS / entry["spec"], entry["overrides"], environment="local"),
        target=entry["target"],
        stack="local",
        region=config["aws:region"],
        images=IMAGES,
        today=date(2026, 11, 21),
    )
    assert (plan.engine.kind, plan.hardware.instance_type, plan.hardware.fit.verdict) == (engine, instance_type, "fits")
    assert plan.cost.unknowns == ()


def test_tags_of_stack_and_spec_are_joined() -> None:
    """The spec's tags win over the stack's, in sorted order."""
    assert dict(_plan("llama-3-1-8b.yaml").tags) == {"cost_center": "4711", "owner": "ml-platform", "team": "a"}
