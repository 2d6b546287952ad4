"""Which GPU pools serve, which types of them do not, and what all of them have in common."""

from __future__ import annotations

from typing import Any

import pytest

from components.catalogue.runpod import types_of
from components.errors import PlanError

Planner = "Callable[..., Plan]"


def test_pools_follow_the_accelerators_and_unnamed_types_are_excluded(on_runpod: Planner) -> None:
    """L4, A10G, L40S: the first pool is that of L4; RunPod has no A10G; the other types of both pools stay out."""
    plan = on_runpod()
    assert plan.runpod.pools == ("AMPERE_24", "ADA_48_PRO")
    assert plan.runpod.excluded_types == (
        "NVIDIA RTX A5000",
        "NVIDIA GeForce RTX 3090",
        "NVIDIA L40",
        "NVIDIA RTX 6000 Ada Generation",
    )
    assert plan.runpod.allowed_types == ("NVIDIA L4", "NVIDIA L40S")
    assert [(row.accelerator, row.instance_type, row.usd_per_hour) for row in (plan.hardware, *plan.fallbacks)] == [
        ("L4", "AMPERE_24", 0.684),
        ("L40S", "ADA_48_PRO", 1.908),
    ]
    assert [(row.accelerator, row.instance_type) for row in plan.rejected] == [
        ("A10G", ""),
        ("RTX-4000-Ada", "AMPERE_16"),
        ("RTX-A4000", "AMPERE_16"),
        ("RTX-A4500", "AMPERE_16"),
    ]
    assert plan.rejected[0].reason == "no GPU pool of RunPod has A10G"


def test_the_order_of_the_spec_is_the_order_of_the_pools(qwen: Planner) -> None:
    """GPUs of one pool stay together, where the first of them stands."""
    plan = qwen(accelerators=["L40S", "L4", "L40"])
    assert plan.runpod.pools == ("ADA_48_PRO", "AMPERE_24")
    assert [row.gpu for row in (plan.hardware, *plan.fallbacks)] == ["L40S", "L40", "L4"]


def test_the_smallest_gpu_decides_the_context_of_all(qwen: Planner) -> None:
    """One environment serves all pools: the context is what fits L4, though L40S is the first choice."""
    alone = qwen(model={"max_context_tokens": None}, accelerators=["L4"])
    both = qwen(model={"max_context_tokens": None}, accelerators=["L40S", "L4"])
    assert both.model.max_context_tokens == alone.model.max_context_tokens == 16_896
    assert both.engine.environment["MAX_MODEL_LEN"] == "16896"
    assert {row.fit.max_context_tokens for row in (both.hardware, *both.fallbacks)} == {16_896}
    assert both.engine.environment["MAX_NUM_SEQS"] == alone.engine.environment["MAX_NUM_SEQS"]
    (text,) = [note.text for note in both.notes if note.field == "model.max_context_tokens"]
    assert text == (
        "not given: 16,896 tokens, the longest that fits L4; 40,960 would fit the largest GPU that may serve"
    )
    whole = qwen(model={"max_context_tokens": None}, accelerators=["L40S", "H100"])
    assert [note.text for note in whole.notes if note.field == "model.max_context_tokens"] == [
        "not given: 40,960 tokens, the model's own"
    ]


def test_another_number_of_gpus_is_passed_over(qwen: Planner) -> None:
    """An endpoint has one number of GPUs: two L40S cannot join one L4, a 3090 can."""
    plan = qwen(accelerators=["L4", "L40S:2", "RTX-3090"])
    assert (plan.runpod.gpu_count, plan.runpod.pools) == (1, ("AMPERE_24",))
    assert [row.gpu for row in (plan.hardware, *plan.fallbacks)] == ["L4", "RTX-3090"]
    assert [(row.accelerator, row.reason) for row in plan.rejected if row.instance_type != "AMPERE_16"] == [
        (
            "L40S:2",
            "all workers of an endpoint have the same number of GPUs, 1 as in L4; it would need an endpoint of its own",
        )
    ]


def test_several_gpus_in_a_worker(qwen: Planner) -> None:
    """The count is that of the endpoint, the degree of tensor parallelism, and a factor of the price."""
    plan = qwen(accelerators=["RTX-A4000:2", "L4:2"])
    assert plan.runpod.gpu_count == 2
    assert plan.engine.environment["TENSOR_PARALLEL_SIZE"] == "2"
    assert plan.hardware.usd_per_hour == pytest.approx(1.152)
    assert plan.cost.floor == pytest.approx(2 * 0.576 * 730 + 6.0)
    assert plan.cost.lines[0].basis == "2 GPUs each, AMPERE_16; max: AMPERE_24"


def test_auto_takes_every_type_of_the_cheapest_pools_that_fits(qwen: Planner) -> None:
    """All of AMPERE_24 and the 4090 carry Qwen3 8B; the 16 and 20 GB cards, cheaper, do not and say why."""
    plan = qwen()
    assert (plan.runpod.pools, plan.runpod.excluded_types) == (("AMPERE_24", "ADA_24"), ())
    assert plan.hardware_reason == "cheapest that fits in RunPod's pools"
    assert {row.accelerator for row in plan.rejected} == {"RTX-A4000", "RTX-A4500", "RTX-4000-Ada"}


def test_auto_excludes_the_types_of_a_pool_that_do_not_fit(qwen: Planner) -> None:
    """A 4-bit 14B model fits the 20 GB cards of AMPERE_16, not the one with 16 GB; what is unknown stays out too."""
    plan = qwen(model={"id": "Qwen/Qwen3-14B-AWQ", "max_context_tokens": 16_384})
    assert plan.runpod.pools[0] == "AMPERE_16"
    assert plan.runpod.excluded_types == ("NVIDIA RTX A4000", "NVIDIA RTX 2000 Ada Generation")
    assert plan.fallbacks[0].gpu == "RTX-A4500"


def test_what_is_marginal_does_not_join_what_fits(qwen: Planner) -> None:
    """A context at the edge of L4 leaves it out beside L40S; alone it serves, with a warning."""
    edge = {"max_context_tokens": 20_000}
    plan = qwen(model=edge, accelerators=["L40S", "L4"])
    assert plan.runpod.pools == ("ADA_48_PRO",)
    assert [row.reason[:9] for row in plan.rejected if row.accelerator == "L4"] == ["marginal:"]
    alone = qwen(model=edge, accelerators=["L4"])
    assert alone.runpod.pools == ("AMPERE_24",)
    assert [note.level for note in alone.notes if note.field == "accelerators"] == ["warning", "info"]


@pytest.mark.parametrize(
    ("accelerators", "line"),
    [
        (["A10G"], "  A10G: no GPU pool of RunPod has A10G"),
        (["L4:16"], "  L4:16: a worker on RunPod has 8 GPUs at most"),
    ],
)
def test_what_runpod_does_not_have_is_refused_with_what_would_fit(
    qwen: Planner, accelerators: list[str], line: str
) -> None:
    """The error names the reason and the cheapest GPU that would do."""
    with pytest.raises(PlanError) as caught:
        qwen(accelerators=accelerators)
    assert str(caught.value) == (
        f"chat: Qwen/Qwen3-8B fits none of the accelerators in RunPod's pools:\n{line}\n"
        "  cheapest that would fit: L4 (AMPERE_24, 0.68 USD per hour); add L4 to accelerators"
    )


def test_allowed_and_excluded_types_are_the_whole_pools(qwen: Planner) -> None:
    """Whatever is chosen, each known type of a pool is on one side."""
    for accelerators in ("auto", ["H100"], ["RTX-PRO-6000", "L40S"], ["RTX-3090", "RTX-4090"]):
        runpod = qwen(accelerators=accelerators).runpod
        known: list[str] = [row.gpu_type for pool in runpod.pools for row in types_of(pool)]
        assert sorted([*runpod.allowed_types, *runpod.excluded_types]) == sorted(known)
        assert set(runpod.allowed_types).isdisjoint(runpod.excluded_types)
        assert all(set(_types(pool)) & set(runpod.allowed_types) for pool in runpod.pools)


def _types(pool: str) -> list[Any]:
    return [row.gpu_type for row in types_of(pool)]
