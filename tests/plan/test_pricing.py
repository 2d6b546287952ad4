"""Which ways of paying does each target have, and what should a user know about them?"""

from __future__ import annotations

from typing import Any, get_args

import pytest

from components.catalogue.discounts import COMMITMENT_TERMS
from components.errors import SpecError
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
    made = plan(llama, {"pricing": {"commitment": "3y-partial-upfront"}, "scaling": {"min_replicas": 2}})
    assert _notes(made, "pricing.commitment") == [
        (
            "info",
            (
                "3y-partial-upfront: prices 2 of the instances, all 730 hours; buy the Savings Plan yourself, Berth "
                "does not"
            ),
        )
    ]


@pytest.mark.parametrize(("environment", "level"), [("dev", "info"), ("prod", "warning")])
def test_what_spare_capacity_means_is_noted(llama: dict[str, Any], plan: Planner, environment: str, level: str) -> None:
    """Two minutes' notice, an empty place for a start, no way back to on demand, a quota of its own."""
    change = {"environment": environment, "pricing": {"spot_percent": 50}, "scaling": {"min_replicas": 2}}
    first, second = _notes(plan(llama, change), "pricing.spot_percent")
    notes = dict([first[::-1], second[::-1]])
    text = next(text for text in notes if text.startswith("50: AWS takes such an instance back"))
    assert notes[text] == level
    assert "an answer of more than 2m is cut off (drain: 10m)" in text
    assert text.endswith("or until there is capacity; nothing falls back to on demand")
    assert notes["the account needs a quota for spot instances besides that on demand"] == "info"


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
            {**ON_RUNPOD, "pricing": {"commitment": "1y-no-upfront"}},
            (
                "pricing.commitment: 1y-no-upfront is a Savings Plan of AWS; RunPod publishes no price for a "
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
    made = plan(llama, {**S3, "pricing": {"commitment": "1y-no-upfront"}}, target="sagemaker")
    assert made.cost.lines[1].name == "GPU committed"
    assert any(unknown.endswith(" under 1y-no-upfront") for unknown in made.cost.unknowns)
    assert _notes(made, "pricing.commitment")[0][1].startswith("1y-no-upfront: prices 1 of the instances")
