"""What would make cheaper hardware serve, and what that saves."""

from __future__ import annotations

from typing import Any

import pytest

from components.catalogue.images import engine_image
from components.catalogue.models import models
from components.errors import PlanError
from components.plan import Plan, plan_dict
from components.plan.candidates import Workload
from components.plan.changes import changes
from components.plan.sagemaker.market import sagemaker_market

Planner = "Callable[..., Plan]"


def _said(plan: Plan) -> list[tuple[str, str, float]]:
    return [(row.hardware.instance_type, row.change, row.saves_usd_per_month) for row in plan.remedies]


def _one(model: dict[str, Any], **groups: Any) -> dict[str, Any]:
    return {"name": "chat", "model": model, **groups}


def test_a_larger_change_is_named_where_it_saves_more(plan: Planner) -> None:
    """Qwen3 8B on L40S by a list of one: L4 fits as it is, fp8 saves no more than that, 4 bit on a T4 does."""
    spec = _one({"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}, accelerators=["L40S"])
    result = plan(spec)
    assert _said(result) == [
        ("g4dn.xlarge", "a 4-bit (AWQ or GPTQ) checkpoint, T4 first in accelerators", round((1.861 - 0.526) * 730, 2)),
        ("g6.2xlarge", "L4 first in accelerators", round((1.861 - 0.9776) * 730, 2)),
    ]
    assert result.remedies[0].note == (
        "T4 has no bfloat16: the model runs in float16; 4 bit costs some accuracy: test it"
    )
    assert result.hardware_reason == "as the spec asks, though L4, not in the list, fits for 0.9776 USD per hour"


def test_a_later_entry_of_the_list_that_is_cheaper_is_named(plan: Planner) -> None:
    """The order is the user's: it is kept, and what it costs is said."""
    spec = _one({"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}, accelerators=["L40S", "L4"])
    result = plan(spec)
    assert result.hardware.accelerator == "L40S"
    assert result.hardware_reason == (
        "first of L40S, L4 that fits, though L4, later in the list, fits for 0.9776 USD per hour"
    )


def test_a_shorter_context_names_the_longest_that_fits(plan: Planner) -> None:
    """40,960 tokens of Qwen3 8B need an L40S; 16,896 are safe on an L4, and nothing cheaper holds 4,096."""
    result = plan(_one({"id": "Qwen/Qwen3-8B", "max_context_tokens": 40_960}))
    assert result.hardware.instance_type == "g6e.xlarge"
    by_change = {row.change: row for row in result.remedies}
    remedy = by_change["model.max_context_tokens: 16896"]
    assert (remedy.hardware.instance_type, remedy.saves_usd_per_month) == ("g6.2xlarge", round(0.8834 * 730, 2))
    again = plan(_one({"id": "Qwen/Qwen3-8B", "max_context_tokens": 16_896}))
    assert (again.hardware.instance_type, again.hardware.fit.verdict) == ("g6.2xlarge", "fits")


def test_following_a_remedy_gives_its_hardware(plan: Planner, llama: dict[str, Any]) -> None:
    """What the plan tells the user to write is what the next plan takes."""
    result = plan(llama, {"accelerators": "auto", "model": {"max_context_tokens": 60_000}})
    assert result.hardware.accelerator == "L40S"
    fp8 = next(row for row in result.remedies if row.change == "model.quantization: fp8")
    then = plan(llama, {"accelerators": "auto", "model": {"max_context_tokens": 60_000, "quantization": "fp8"}})
    assert then.hardware == fp8.hardware


def test_fewer_replicas_of_the_same_gpu_are_a_saving_too(plan: Planner, llama: dict[str, Any]) -> None:
    """1,200 requests an hour need two L4 in 16 bit and one in fp8."""
    result = plan(llama)
    assert result.performance is not None
    assert result.performance.replicas == 2
    same = next(row for row in result.remedies if row.change == "model.quantization: fp8")
    assert (same.hardware.instance_type, same.replicas, same.saves_usd_per_month) == ("g6.2xlarge", 1, 713.65)


def test_what_is_not_paid_cannot_be_saved(plan: Planner) -> None:
    """Awake 60 of 168 hours a remedy saves 60/168 of what it saves around the clock; parked there is none."""
    spec = _one({"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}, accelerators=["L40S"])
    office = plan(spec, {"schedule": {"hours": "Mon-Fri 08:00-20:00 UTC"}})
    usd_per_hour = (1.861 - 0.526, 1.861 - 0.9776)
    assert [row.saves_usd_per_month for row in office.remedies] == [
        pytest.approx(usd * 730 * 60 / 168, abs=0.01) for usd in usd_per_hour
    ]
    assert plan(spec, {"power": "off"}).remedies == ()


def test_a_saving_follows_the_load_hour_by_hour(plan: Planner) -> None:
    """Replicas that only the busy hours need are paid for in those alone: no remedy saves more than the GPUs cost."""
    load = {"requests_per_hour": {"Mon-Fri 08:00-20:00": 3000, "otherwise": 200}, "input_tokens": 1500}
    spec = _one(
        {"id": "Qwen/Qwen2.5-14B-Instruct"},
        load={**load, "output_tokens": 300},
        scaling={"min_replicas": 1, "max_replicas": 6},
    )
    for target in ("ecs", "sagemaker", "runpod"):
        result = plan(spec, target=target)
        gpus = result.cost.lines[0].expected
        assert gpus is not None
        assert result.remedies
        assert all(row.saves_usd_per_month < gpus for row in result.remedies)


def test_a_saving_of_spare_instances_says_at_which_prices(plan: Planner) -> None:
    """Half of the replicas are spare capacity, whose price for other hardware may be unknown."""
    spec = _one({"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}, accelerators=["L40S"])
    spare = plan(spec, {"pricing": {"spot_percent": 50}, "scaling": {"min_replicas": 2}})
    assert all(row.note.endswith("both at prices on demand") for row in spare.remedies)
    assert not any("on demand" in row.note for row in plan(spec).remedies)


def test_a_change_that_needs_more_replicas_than_allowed_is_no_remedy(plan: Planner, llama: dict[str, Any]) -> None:
    """A cheaper GPU is named with what the load needs of it, within the limits of the spec."""
    busy = {
        "accelerators": ["L40S"],
        "scaling": {"min_replicas": 1, "max_replicas": 1},
        "load": {"requests_per_hour": 2500},
    }
    result = plan(llama, busy)
    assert result.performance is not None
    assert result.performance.replicas == 1
    assert [row for row in result.remedies if row.change == "L4 first in accelerators"] == []
    relaxed = plan(llama, {**busy, "scaling": {"min_replicas": 1, "max_replicas": 8}})
    assert all(1 <= row.replicas <= 8 for row in relaxed.remedies)
    assert all(row.saves_usd_per_month > 0 for row in relaxed.remedies)


def test_what_is_4_bit_already_has_no_smaller_checkpoint(plan: Planner) -> None:
    """A 72B model in AWQ can only be given less context."""
    result = plan(_one({"id": "Qwen/Qwen2.5-72B-Instruct-AWQ"}))
    assert result.remedies == ()


def test_tgi_is_told_of_nothing_that_it_cannot_serve() -> None:
    """TGI computes 4-bit weights in float16, in which Gemma overflows: no such checkpoint is proposed there."""
    shape = models()["google/gemma-2-9b-it"].shape
    workload = Workload(shape, "none", "auto", 17.0, 4096, 0, "none")
    proposed = {
        kind: [
            row.text for row in changes(workload, sagemaker_market("us-east-1", engine_image("sagemaker", kind, None)))
        ]
        for kind in ("tgi", "vllm")
    }
    common = ["model.max_context_tokens", "model.quantization: fp8", "an FP8 checkpoint"]
    assert proposed == {"tgi": common, "vllm": [*common, "a 4-bit (AWQ or GPTQ) checkpoint"]}


def test_an_unknown_price_promises_no_saving(plan: Planner) -> None:
    """Nothing is compared with what nobody knows."""
    spec = _one({"id": "Qwen/Qwen3-8B"}, accelerators=["H100"], engine={"kind": "vllm"})
    result = plan(spec, target="sagemaker")
    assert (result.hardware.instance_type, result.hardware.usd_per_hour) == ("ml.p5.4xlarge", None)
    assert result.remedies == ()


def test_the_json_of_a_plan_has_the_remedies(plan: Planner) -> None:
    """With hardware, change and saving."""
    spec = _one({"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}, accelerators=["L40S"])
    first = plan_dict(plan(spec))["remedies"][0]
    assert sorted(first) == ["change", "hardware", "note", "replicas", "saves_usd_per_month"]
    assert first["hardware"]["instance_type"] == "g4dn.xlarge"


@pytest.mark.parametrize(
    ("model", "accelerators", "lines"),
    [
        (
            {"id": "Qwen/Qwen3-8B", "max_context_tokens": 40_960},
            ["L4"],
            [
                "  L4 (g6.2xlarge, 0.98 USD per hour) would fit with model.max_context_tokens: 16896",
                "  L4 (g6.2xlarge, 0.98 USD per hour) would fit with model.quantization: fp8",
                "  L4 (g6.2xlarge, 0.98 USD per hour) would fit with an FP8 checkpoint",
                "  cheapest that would fit: L40S (g6e.xlarge, 1.86 USD per hour); add L40S to accelerators",
            ],
        ),
        (
            {"id": "Qwen/Qwen3-8B"},
            ["T4"],
            [
                "  T4 (g4dn.xlarge, 0.53 USD per hour) would fit with a 4-bit (AWQ or GPTQ) checkpoint",
                "  cheapest that would fit: L4 (g6.2xlarge, 0.98 USD per hour); add L4 to accelerators",
            ],
        ),
    ],
)
def test_when_nothing_fits_the_error_says_what_would_make_it_fit(
    plan: Planner, model: dict[str, Any], accelerators: list[str], lines: list[str]
) -> None:
    """Changes of the spec that the named accelerators would take, then the cheapest other one."""
    with pytest.raises(PlanError) as caught:
        plan(_one(model, accelerators=accelerators))
    assert str(caught.value).splitlines()[2:] == lines


def test_when_no_region_can_help_none_is_proposed(plan: Planner) -> None:
    """RunPod has no regions to choose from."""
    shape = {
        "parameters_b": 9000.0,
        "layers": 126,
        "hidden": 16384,
        "intermediate": 53248,
        "heads": 128,
        "kv_heads": 8,
        "vocab": 128256,
        "max_context_tokens": 8192,
    }
    with pytest.raises(PlanError) as caught:
        plan(_one({"id": "acme/huge", "shape": shape}), target="runpod")
    assert str(caught.value).splitlines()[-1] == (
        "  nothing that the catalogue knows there fits, with a shorter context or in 4 bit neither; use a smaller model"
    )
