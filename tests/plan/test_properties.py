"""What must be true of every plan: whole specs of every model of the catalogue, through `make_plan`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from components.catalogue.gpus import gpus
from components.catalogue.instances import known_regions, usd_per_hour
from components.catalogue.models import models
from components.catalogue.runpod import pool_types, usd_per_gpu_hour
from components.catalogue.sagemaker import sagemaker_usd_per_hour
from components.errors import PlanError
from components.plan import UNBUILT, Plan, make_plan
from components.plan.draft import Request, draft, engine_of
from components.plan.ecs.market import ecs_market
from components.plan.ecs.numbers import ecs_plan
from components.plan.ecs.priced import ecs_priced
from components.sizing.fit import batched_tokens
from components.sizing.parallelism import possible_sizes
from components.spec import parse_spec

if TYPE_CHECKING:
    from components.cost import CostEstimate
    from components.plan.model import Target
    from components.sizing.fit import MemoryFit

TODAY = date(2026, 11, 21)
GIB = 2**30
MODELS = st.sampled_from(sorted(models()))
TARGETS = st.sampled_from(["ecs", "sagemaker", "runpod"])
COUNTS = st.sampled_from([1, 2, 4, 8])
CONTEXTS = st.integers(256, 131_072)
POOLED = st.sampled_from(sorted({row.gpu for row in pool_types() if row.gpu is not None}))
LOAD = {"requests_per_hour": 600, "input_tokens": 120, "output_tokens": 80}


def _usable_gib(gpu: str) -> float:
    return gpus()[gpu].usable_gib or gpus()[gpu].vram_gib


def _planned(
    model_id: str, target: Target, region: str = "us-east-1", *, context: int | None = None, **groups: Any
) -> Plan | None:
    """Return the plan of a model with a context, or its own where that is shorter; None where nothing can run it."""
    most = models()[model_id].shape.max_context_tokens
    in_s3 = {"source": "s3", "s3_uri": "s3://acme/weights/"} if target == "sagemaker" else {"token_secret": "acme/hf"}
    spec = {
        "name": "chat",
        "model": {
            "id": model_id,
            "max_context_tokens": None if context is None else min(context, most),
            **in_s3,
            **groups.pop("model", {}),
        },
        "engine": {"kind": "vllm"},
        "runpod": {"token_secret": "hf"},
        **groups,
    }
    try:
        return make_plan(
            parse_spec(spec, "chat.yaml"),
            target=target,
            stack="dev",
            region=region,
            images=UNBUILT,
            today=TODAY,
            brief=True,
        )
    except PlanError:
        return None


def _used_gib(fit: MemoryFit) -> float:
    return fit.weights_gib + fit.runtime_gib + fit.kv_bytes_per_token * fit.max_context_tokens / GIB


def _listed_usd(plan: Plan) -> float | None:
    """Return what the catalogue's table says an hour of the chosen hardware costs."""
    hardware = plan.hardware
    if plan.target == "ecs":
        return usd_per_hour(hardware.instance_type, plan.region)
    if plan.target == "sagemaker":
        return sagemaker_usd_per_hour(hardware.instance_type, plan.region)
    usd = usd_per_gpu_hour(hardware.instance_type)
    return None if usd is None else usd * hardware.gpu_count


@pytest.mark.parametrize("target", ["ecs", "sagemaker", "runpod"])
def test_every_model_of_the_catalogue_has_a_plan_whose_numbers_agree(target: Target) -> None:
    """Memory adds up, the context fits the cache, the GPUs can divide the model, and price and sums are the table's."""
    planned = 0
    for model_id in models():
        plan = _planned(model_id, target, load=LOAD, scaling={"min_replicas": 1, "max_replicas": 2})
        if plan is None:
            continue
        planned += 1
        hardware, fit, cost, shape = plan.hardware, plan.hardware.fit, plan.cost, models()[model_id].shape
        assert fit.budget_gib == pytest.approx(fit.weights_gib + fit.runtime_gib + fit.kv_free_gib)
        assert fit.usable_gib == _usable_gib(hardware.gpu)
        assert plan.model.max_context_tokens <= fit.cache_tokens
        assert hardware.tensor_parallel_size in possible_sizes(shape, plan.model.quantization)
        assert hardware.usd_per_hour == pytest.approx(_listed_usd(plan))
        prices = [row.usd_per_hour for row in (hardware, *plan.fallbacks) if row.fit.verdict == fit.verdict]
        assert min((usd for usd in prices if usd is not None), default=None) == hardware.usd_per_hour
        assert (cost.floor, cost.expected, cost.max) == tuple(map(_sum, _columns(cost)))
        if plan.apis is not None and cost.expected is not None:
            tokens = plan.apis.million_input_tokens + plan.apis.million_output_tokens
            assert cost.usd_per_million_tokens == pytest.approx(cost.expected / tokens, abs=1e-4)
    assert planned > len(models()) * 0.9


def _columns(cost: CostEstimate) -> list[list[float | None]]:
    lines = cost.lines
    return [[line.floor for line in lines], [line.expected for line in lines], [line.max for line in lines]]


def _sum(amounts: list[float | None]) -> float | None:
    """Return the sum in cents; unknown where one of the amounts is."""
    known = [usd for usd in amounts if usd is not None]
    return round(sum(known), 2) if len(known) == len(amounts) else None


@settings(max_examples=80, deadline=None)
@given(MODELS, POOLED, POOLED, COUNTS, CONTEXTS | st.none(), st.sampled_from(["auto", "fp8"]))
def test_more_vram_never_stops_a_plan(
    model_id: str, one: str, other: str, count: int, context: int | None, quantization: str
) -> None:
    """What is planned on a GPU is planned on one with more memory, and its context is no shorter.

    Cards on which vLLM works on larger batches are another kind: a sliding window keeps two of those.
    """
    small, large = sorted((one, other), key=_usable_gib)
    assume(batched_tokens(gpus()[large]) == batched_tokens(gpus()[small]))
    model = {"quantization": quantization if _is_16_bit(model_id) else "auto"}
    plans = [
        _planned(model_id, "runpod", context=context, model=model, accelerators=[f"{gpu}:{count}"])
        for gpu in (small, large)
    ]  # fmt: skip
    if plans[0] is not None and gpus()[large].compute_capability >= gpus()[small].compute_capability:  # type: ignore[operator]
        assert plans[1] is not None
        assert plans[1].model.max_context_tokens >= plans[0].model.max_context_tokens
        assert plans[1].hardware.fit.cache_tokens >= plans[0].hardware.fit.cache_tokens


def _is_16_bit(model_id: str) -> bool:
    return models()[model_id].quantization == "none"


@settings(max_examples=120, deadline=None)
@given(MODELS, st.sampled_from(["L40S", "A100-80GB", "RTX-PRO-6000", "H200"]), COUNTS, st.tuples(CONTEXTS, CONTEXTS))
def test_a_longer_context_never_takes_less_memory_of_a_plan(
    model_id: str, gpu: str, count: int, contexts: tuple[int, int]
) -> None:
    """On one accelerator: where the longer context is planned, the shorter is, and it leaves as much free or more."""
    short, long = (
        _planned(model_id, "runpod", context=context, accelerators=[f"{gpu}:{count}"]) for context in sorted(contexts)
    )
    if long is not None:
        assert short is not None
        assert _used_gib(short.hardware.fit) <= _used_gib(long.hardware.fit) + 1e-9
        assert short.hardware.fit.verdict == "fits" or long.hardware.fit.verdict == "marginal"


@settings(max_examples=60, deadline=None)
@given(MODELS, TARGETS, st.tuples(CONTEXTS, CONTEXTS))
def test_a_shorter_context_never_needs_dearer_hardware(
    model_id: str, target: Target, contexts: tuple[int, int]
) -> None:
    """With `auto`: the cheapest that holds the longer context holds the shorter too."""
    short, long = (
        _planned(model_id, target, context=context) for context in sorted(contexts)
    )  # fmt: skip
    if long is not None and long.hardware.usd_per_hour is not None:
        assert short is not None
        assert short.hardware.usd_per_hour is not None
        if long.hardware.fit.verdict == "fits":
            assert short.hardware.usd_per_hour <= long.hardware.usd_per_hour


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["L4", "A10G", "T4", "L40S"]),
    st.sampled_from(["ecs", "sagemaker"]),
    st.tuples(*[st.sampled_from(known_regions())] * 2),
    st.integers(1, 3),
    st.floats(1, 20_000),
)
def test_a_cheaper_region_never_raises_the_price_of_the_gpus(
    gpu: str, target: Target, regions: tuple[str, str], least: int, requests_per_hour: float
) -> None:
    """The same hardware in the region where an hour of it costs less: none of the three amounts is higher."""
    groups = {
        "accelerators": [gpu],
        "context": 4096,
        "load": {**LOAD, "requests_per_hour": requests_per_hour},
        "scaling": {"min_replicas": least, "max_replicas": least + 2},
    }
    plans = [_planned("Qwen/Qwen3-4B", target, region, **groups) for region in regions]
    priced = [plan for plan in plans if plan is not None and plan.hardware.usd_per_hour is not None]
    assume(len(priced) == len(plans))
    cheap, dear = sorted(priced, key=lambda plan: plan.hardware.usd_per_hour or 0.0)
    assert cheap.hardware.instance_type == dear.hardware.instance_type
    for less, more in zip(_amounts(cheap), _amounts(dear), strict=True):
        assert less is None or more is None or less <= more


def _amounts(plan: Plan) -> list[float | None]:
    """Return the GPU line at the floor, as expected and at most; other lines have prices of their own."""
    line = next(line for line in plan.cost.lines if line.name == "GPU instances")
    return [line.floor, line.expected, line.max]


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.floats(0.01, 200), st.floats(0.01, 200)),
    st.floats(1, 50_000),
    st.integers(1, 3),
    st.integers(0, 4),
    st.sampled_from(
        [None, {"hours": "Mon-Fri 08:00-20:00 UTC"}, {"hours": "Daily 06:00-22:00 UTC", "start": "manual"}]
    ),
)
def test_a_cheaper_price_never_raises_a_total(
    prices: tuple[float, float], requests_per_hour: float, least: int, span: int, schedule: dict[str, str] | None
) -> None:
    """One service, hour by hour as the plan prices it, with its instance at two prices: each total, and per token."""
    spec = {
        "name": "chat",
        "model": {"id": "Qwen/Qwen3-4B"},
        "load": {**LOAD, "requests_per_hour": requests_per_hour},
        "scaling": {"min_replicas": least, "max_replicas": least + span},
        "schedule": schedule,
    }
    cheap, dear = (_priced(spec, usd) for usd in sorted(prices))
    for less, more in zip(map(_sum, _columns(cheap)), map(_sum, _columns(dear)), strict=True):
        assert less is not None
        assert more is not None
        assert less <= more
    assert (cheap.usd_per_million_tokens or 0) <= (dear.usd_per_million_tokens or 0)


def _priced(spec: dict[str, Any], usd_per_hour: float) -> CostEstimate:
    """Return what a spec costs on ECS if an hour of the chosen instance cost so much."""
    parsed = parse_spec(spec, "chat.yaml")
    asked = Request(parsed, "ecs", "dev", "us-east-1", UNBUILT, TODAY, {}, engine_of(parsed, "ecs"), brief=True)
    made = draft(asked, ecs_market("us-east-1"))
    made = replace(made, choice=replace(made.choice, hardware=replace(made.hardware, usd_per_hour=usd_per_hour)))
    ecs = ecs_plan(
        parsed, made.hardware, startup_limit_seconds=900, checkpoint_gib=made.checkpoint_gib, weight_cache_image=""
    )
    return ecs_priced(made, ecs, None, start_seconds=400).cost


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 4), st.floats(1, 20_000))
def test_more_spare_capacity_never_raises_a_total(
    one: int, other: int, replicas: int, requests_per_hour: float
) -> None:
    """Spare instances cost less than those on demand, in each of the three amounts of the whole bill."""
    few, many = (
        _planned(
            "Qwen/Qwen3-4B",
            "ecs",
            accelerators=["A10G"],
            load={**LOAD, "requests_per_hour": requests_per_hour},
            scaling={"min_replicas": replicas, "max_replicas": replicas + 2},
            pricing={"spot_percent": share},
        )
        for share in sorted((one, other))
    )
    assert few is not None
    assert many is not None
    for more, less in zip(map(_sum, _columns(few.cost)), map(_sum, _columns(many.cost)), strict=True):
        assert less is not None
        assert more is not None
        assert less <= more
