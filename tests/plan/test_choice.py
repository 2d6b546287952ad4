from __future__ import annotations

from typing import Any

import pytest

from components.errors import PlanError

Planner = "Callable[..., Plan]"


def _model(model_id: str, **fields: object) -> dict[str, Any]:
    return {"name": "chat", "model": {"id": model_id, **fields}}


def test_the_first_accelerator_that_fits_is_used(llama: dict[str, Any], plan: Planner) -> None:
    """L4 comes first and fits; the others are what a lack of it falls back to, each sized on its own."""
    result = plan(llama)
    assert (result.hardware.accelerator, result.hardware.instance_type) == ("L4", "g6.2xlarge")
    assert result.hardware_reason == "first of L4, A10G, L40S that fits"
    assert [(row.accelerator, row.instance_type) for row in result.fallbacks] == [
        ("A10G", "g5.2xlarge"),
        ("L40S", "g6e.xlarge"),
    ]


def test_each_refused_instance_says_why(llama: dict[str, Any], plan: Planner) -> None:
    """A share of a GPU, too little host memory, and what is cheaper though the spec does not name it: both sides."""
    assert [(row.accelerator, row.instance_type, row.reason) for row in plan(llama).rejected] == [
        ("L4", "g6f.4xlarge", "has 0.5 of a GPU, which the ECS image does not register"),
        (
            "L4",
            "g6.xlarge",
            "loading a checkpoint of 15.0 GiB needs 20.6 GiB of host memory, 16 GiB leave 13.5 to the engine",
        ),
        (
            "A10G",
            "g5.xlarge",
            "loading a checkpoint of 15.0 GiB needs 20.6 GiB of host memory, 16 GiB leave 13.5 to the engine",
        ),
        (
            "T4",
            "g4dn.xlarge",
            (
                "needs 18.5 GiB (weights 15.0, runtime 1.5, cache of 16,384 tokens 2.0), 13.1 GiB can be used of the "
                "14.6 on a GPU"
            ),
        ),
    ]


def test_an_accelerator_that_the_region_lacks_is_passed_over(llama: dict[str, Any], plan: Planner) -> None:
    """eu-west-1 has no L4: A10G is used, and the refusal says where L4 is offered."""
    result = plan(llama, region="eu-west-1")
    assert result.hardware.instance_type == "g5.2xlarge"
    (refusal,) = [row.reason for row in result.rejected if row.accelerator == "L4"]
    assert refusal.startswith("not offered in eu-west-1; offered in ap-northeast-1, ")


def test_auto_is_the_cheapest_that_fits(plan: Planner) -> None:
    """A 32B model in 4 bit goes on one L40S, the cheapest instance that holds it."""
    result = plan(_model("Qwen/Qwen2.5-32B-Instruct-AWQ"))
    assert (result.hardware.instance_type, result.hardware.usd_per_hour) == ("g6e.xlarge", 1.861)
    assert result.hardware_reason == "cheapest that fits in us-east-1"
    prices = [row.usd_per_hour for row in result.fallbacks]
    assert prices == sorted(prices)


def test_auto_never_prefers_an_unknown_price(plan: Planner) -> None:
    """Where no price is known something still fits, and its price is unknown."""
    result = plan(_model("Qwen/Qwen3-8B"), region="eu-west-2")
    assert result.hardware.usd_per_hour is None
    assert result.cost.floor is None
    assert f"price of {result.hardware.instance_type} in eu-west-2" in result.cost.unknowns


@pytest.mark.parametrize(
    ("model_id", "accelerators", "instance_type", "parallel"),
    [
        ("Qwen/Qwen2.5-32B-Instruct-AWQ", ["L40S"], "g6e.xlarge", 1),
        ("hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", ["L40S:2"], "g6e.12xlarge", 2),
        ("hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", ["A10G:4"], "g5.12xlarge", 4),
        ("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", ["RTX-PRO-6000"], "g7e.4xlarge", 1),
        ("Qwen/Qwen2.5-72B-Instruct-AWQ", ["L40S:4", "RTX-PRO-6000"], "g7e.2xlarge", 1),
        ("openai/gpt-oss-20b", ["L4"], "g6.2xlarge", 1),
        ("openai/gpt-oss-120b", ["H100"], "p5.4xlarge", 1),
    ],
)
def test_models_land_where_they_fit(
    plan: Planner, model_id: str, accelerators: list[str], instance_type: str, parallel: int
) -> None:
    """Weights, cache, divisibility and host memory together decide the instance."""
    result = plan({**_model(model_id, max_context_tokens=8192), "accelerators": accelerators})
    assert (result.hardware.instance_type, result.hardware.tensor_parallel_size) == (instance_type, parallel)
    assert f"--tensor-parallel-size={parallel}" in result.engine.arguments
    assert result.hardware.gpu_count == parallel


def test_gpus_that_stay_idle_are_a_warning(plan: Planner) -> None:
    """No instance has two L40S: two of four are paid for and idle."""
    spec = _model("hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", max_context_tokens=8192)
    result = plan({**spec, "accelerators": ["L40S:2"]})
    assert result.hardware.instance_gpu_count == 4
    assert "g6e.12xlarge has 4 GPUs and a replica uses 2: 2 are paid for and idle" in [n.text for n in result.notes]


def test_what_fits_safely_comes_before_what_fits_marginally(plan: Planner, llama: dict[str, Any]) -> None:
    """A context at the boundary of L4 takes L40S, and says why L4 was passed over; alone, L4 is used with a warning."""
    edge = {"model": {"max_context_tokens": 28_000}}
    result = plan(llama, edge)
    assert result.hardware.accelerator == "L40S"
    assert [row.reason[:45] for row in result.rejected if row.reason.startswith("marginal")] == [
        "marginal: 28,000 tokens need nearly all of a ",
        "marginal: 28,000 tokens need nearly all of a ",
    ]
    alone = plan(llama, {**edge, "accelerators": ["L4"]})
    assert alone.hardware.fit.verdict == "marginal"
    assert [note.level for note in alone.notes if note.field == "accelerators"] == ["warning"]


def test_a_model_that_fits_nothing_is_refused_with_both_sides_and_an_alternative(plan: Planner) -> None:
    """The error quotes need and offer for each accelerator, and the cheapest in the region that would fit."""
    with pytest.raises(PlanError) as caught:
        plan({**_model("Qwen/Qwen2.5-32B-Instruct"), "accelerators": ["L4", "RTX-4090", "A10G:3"]})
    assert str(caught.value) == (
        "chat: Qwen/Qwen2.5-32B-Instruct fits none of the accelerators in us-east-1:\n"
        "  L4 (g6.xlarge): needs 63.5 GiB (weights 61.0, runtime 1.5, cache of 4,096 tokens 1.0), 20.1 GiB can be used "
        "of the 22.35 on a GPU\n"
        "  RTX-4090: no EC2 instance type has 1 RTX-4090\n"
        "  A10G:3 (g5.12xlarge): 40 attention heads cannot be divided over 3 GPUs; possible counts: 1, 2, 4, 8\n"
        "  cheapest that would fit: RTX-PRO-6000 (g7e.4xlarge, 4.00 USD per hour); add RTX-PRO-6000 to accelerators"
    )


def test_a_model_that_fits_nowhere_says_so(plan: Planner) -> None:
    """405B in 16 bit fits no instance of the catalogue that eu-west-1 offers."""
    with pytest.raises(PlanError) as caught:
        plan(_model("meta-llama/Llama-3.1-405B-Instruct", token_secret="hf"), region="eu-west-1")
    assert str(caught.value).endswith(
        "\n  nothing that the catalogue knows there fits, with a shorter context or in 4 bit neither; use a smaller "
        "model, or another region"
    )


def test_the_context_of_the_load_must_fit_when_none_is_given(plan: Planner, llama: dict[str, Any]) -> None:
    """Without a context the mean request decides what is large enough: 25,000 tokens do not fit L4 safely."""
    open_context = {"model": {"max_context_tokens": None}, "load": {"input_tokens": 24_000, "output_tokens": 1000}}
    result = plan(llama, open_context)
    assert result.hardware.accelerator == "L40S"
    assert result.model.max_context_tokens >= 25_000


def test_a_bfloat16_gpu_is_not_needed_for_a_model_that_can_do_without(plan: Planner) -> None:
    """On T4 the plan uses float16 and says so."""
    result = plan({**_model("Qwen/Qwen3-4B", max_context_tokens=8192), "accelerators": ["T4"]})
    assert result.model.dtype == "float16"
    assert "--dtype=float16" in result.engine.arguments
    assert "T4 has no bfloat16: the model runs in float16" in [note.text for note in result.notes]


def test_auto_explains_only_what_would_have_been_cheaper(plan: Planner) -> None:
    """Each cheaper GPU is named once, in its largest number; what costs more is no news."""
    result = plan(_model("Qwen/Qwen2.5-72B-Instruct-AWQ"))
    assert [(row.accelerator, row.instance_type) for row in result.rejected] == [
        ("A10G", "g5.xlarge"),
        ("L4", "g6.xlarge"),
        ("L40S", "g6e.xlarge"),
        ("T4", "g4dn.xlarge"),
    ]
    larger = plan(_model("meta-llama/Llama-3.1-405B-Instruct-FP8", token_secret="t"))
    assert [row.accelerator for row in larger.rejected if row.accelerator.startswith("A10G")] == ["A10G:8"]


def test_a_context_that_does_not_fit_says_what_would(plan: Planner) -> None:
    """The longest context of the refused GPU stands in the refusal."""
    spec = {**_model("Qwen/Qwen3-8B", max_context_tokens=40960), "accelerators": ["L4"]}
    with pytest.raises(PlanError) as caught:
        plan(spec)
    assert "L4 (g6.xlarge): at most 24,452 tokens of context fit; needs 22.4 GiB" in str(caught.value)


def test_what_has_no_known_price_is_not_called_the_cheapest(plan: Planner) -> None:
    """TGI serves this checkpoint on one H100 alone, and nobody publishes what that costs."""
    result = plan(_model("Qwen/Qwen2.5-72B-Instruct-AWQ", max_context_tokens=8192), target="sagemaker")
    assert (result.hardware.instance_type, result.hardware.usd_per_hour) == ("ml.p5.4xlarge", None)
    assert result.hardware_reason == "fewest GPUs of what fits in us-east-1; nobody publishes its price"
