"""Which ways of paying does each target have, and what should a user know about them?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from components.catalogue.discounts import COMMITMENT_TERMS
from components.errors import SpecError
from components.plan.ecs.quotas import quota_notes
from components.spec.pricing import ON_DEMAND, Commitment

Planner = "Callable[..., Plan]"

S3: dict[str, Any] = {"model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}}
ON_RUNPOD: dict[str, Any] = {"runpod": {"token_secret": "huggingface_token"}}


def _notes(plan: Any, field: str) -> list[tuple[str, str]]:
    return [(note.level, note.text) for note in plan.notes if note.field == field]


def test_the_terms_of_the_spec_are_those_of_the_catalogue() -> None:
    """One list, in two places for the sake of the schema."""
    assert get_args(Commitment) == (ON_DEMAND, *COMMITMENT_TERMS)


def test_a_commitment_is_noted_and_bought_by_nobody(llama: dict[str, Any], plan: Planner) -> None:
    """Berth changes the price alone; always awake, nothing of it is wasted."""
    made = plan(llama, {"pricing": {"commitment": "3y_partial_upfront"}, "scaling": {"min_replicas": 2}})
    assert _notes(made, "pricing.commitment") == [
        (
            "info",
            (
                "3y_partial_upfront: prices 2 of the instances, all 730 hours; buy the Savings Plan yourself, Berth "
                "does not"
            ),
        )
    ]


@pytest.mark.parametrize(("environment", "level"), [("dev", "info"), ("prod", "warning")])
def test_what_spare_capacity_means_is_noted(llama: dict[str, Any], plan: Planner, environment: str, level: str) -> None:
    """Two minutes' notice, an empty place for a start, no way back to on demand."""
    change = {"environment": environment, "pricing": {"spot_percent": 50}, "scaling": {"min_replicas": 2}}
    notes = {text: level for level, text in _notes(plan(llama, change), "pricing.spot_percent")}
    text = next(text for text in notes if text.startswith("50: AWS takes such an instance back"))
    assert "an answer of more than 2m is cut off (drain: 10m)" in text
    assert text.endswith("or until there is capacity; nothing falls back to on demand")
    assert notes[text] == level


@pytest.mark.parametrize(
    ("percent", "on_demand", "spot"),
    [(0, 48, None), (50, 24, 24), (30, 40, 8), (100, None, 48)],
)
def test_each_way_of_buying_has_a_quota_of_its_own(
    llama: dict[str, Any], plan: Planner, percent: int, on_demand: int | None, spot: int | None
) -> None:
    """Of 6 instances of 8 vCPUs; a group rounds in favour of on demand. What is not bought needs no quota."""
    made = plan(llama, {"pricing": {"spot_percent": percent}, "scaling": {"max_replicas": 6}})
    quotas = [note.text for note in made.notes if "quota of" in note.text]
    said = {
        f"the account needs an on-demand quota of {on_demand} vCPUs for G instances (L-DB2E81BA in Service Quotas; a "
        "new account has 0)": on_demand,
        f"the account needs a spot quota of {spot} vCPUs for G instances (L-3819A6DF in Service Quotas; a new account "
        "has 0)": spot,
    }
    assert sorted(quotas) == sorted(text for text, vcpus in said.items() if vcpus)


@pytest.mark.parametrize(
    ("instance_type", "where"),
    [
        ("g5.xlarge", "G instances (L-3819A6DF in Service Quotas;"),
        ("gr6.4xlarge", "G instances (L-3819A6DF in Service Quotas;"),
        ("p3dn.24xlarge", "P instances (L-7212CCBC in Service Quotas;"),
        ("p4de.24xlarge", "P instances (L-7212CCBC in Service Quotas;"),
        ("p5en.48xlarge", "P instances (L-C4BD4855 in Service Quotas;"),
        ("p6-b200.48xlarge", "P instances (in Service Quotas;"),
    ],
)
def test_a_spot_quota_is_that_of_the_generation(
    llama: dict[str, Any], plan: Planner, instance_type: str, where: str
) -> None:
    """P5 has one apart from the older ones; a code that nobody names is left out, not guessed."""
    made = plan(llama, {"pricing": {"spot_percent": 100}})
    [note] = quota_notes(replace(made.hardware, instance_type=instance_type), made.ecs)
    assert where in note.text


def test_one_replica_in_prod_is_never_spare_alone(llama: dict[str, Any], plan: Planner) -> None:
    """A single reclaim would take the service off the air; a second replica, or one on demand, is the fix."""
    change = {"environment": "prod", "pricing": {"spot_percent": 100}}
    with pytest.raises(SpecError) as caught:
        plan(llama, change)
    assert str(caught.value) == (
        "llama-3-1-8b: pricing.spot_percent: 100 leaves a service of environment prod with 1 replica, whose instance "
        "AWS may take back within two minutes: it would be down for a whole start; set scaling.min_replicas to 2 or "
        "more, or spot_percent to 99 or less"
    )
    for fixed in ({"scaling": {"min_replicas": 2}}, {"pricing": {"spot_percent": 99}}, {"environment": "dev"}):
        merged = {**change, **fixed}
        assert plan(llama, merged).ecs.spot_percent == merged["pricing"]["spot_percent"]


@pytest.mark.parametrize(
    ("target", "change", "message"),
    [
        (
            "sagemaker",
            {**S3, "pricing": {"spot_percent": 30}},
            (
                "pricing.spot_percent: 30 is not possible on sagemaker: endpoints run on demand, its spot instances "
                "are "
                "for training alone; remove it, or use target ecs"
            ),
        ),
        (
            "runpod",
            {**ON_RUNPOD, "pricing": {"spot_percent": 30}},
            (
                "pricing.spot_percent: 30 is not possible on RunPod: serverless workers have one price; remove it, "
                "or use "
                "target ecs"
            ),
        ),
        (
            "runpod",
            {**ON_RUNPOD, "pricing": {"commitment": "1y_no_upfront"}},
            (
                "pricing.commitment: 1y_no_upfront is a Savings Plan of AWS; RunPod publishes no price for a "
                "commitment; "
                "remove it, in the stack's overrides where another target has the same spec"
            ),
        ),
    ],
)
def test_what_a_target_does_not_sell_is_refused(
    llama: dict[str, Any], plan: Planner, target: str, change: dict[str, Any], message: str
) -> None:
    """With the reason, and a fix."""
    with pytest.raises(SpecError) as caught:
        plan(llama, change, target=target)
    assert str(caught.value) == f"llama-3-1-8b: {message}"


def test_a_commitment_on_sagemaker_is_priced_and_noted(llama: dict[str, Any], plan: Planner) -> None:
    """SageMaker has Savings Plans of its own; a rate that nobody publishes is unknown."""
    made = plan(llama, {**S3, "pricing": {"commitment": "1y_no_upfront"}}, target="sagemaker")
    assert made.cost.lines[1].name == "GPU committed"
    assert any(unknown.endswith(" under 1y_no_upfront") for unknown in made.cost.unknowns)
    assert _notes(made, "pricing.commitment")[0][1].startswith("1y_no_upfront: prices 1 of the instances")
