from __future__ import annotations

from datetime import date

import pytest

from components.catalogue.flags import vllm_flags
from components.catalogue.gpus import gpu_name, gpus
from components.catalogue.images import engine_image, engine_versions
from components.catalogue.instances import (
    instances,
    is_offered,
    known_regions,
    region_multiplier,
    regions_offering,
    usd_per_hour,
)
from components.catalogue.models import find_model, models, quantization_of_id
from components.catalogue.prices import is_stale, price_table_date, service_prices, service_usd
from components.spec.checks import OWNED_FLAGS


def test_every_instance_has_a_known_gpu_with_usable_memory() -> None:
    """An instance's GPU is in the GPU table; those that AWS offers today have a measured usable memory."""
    assert [row.instance_type for row in instances().values() if row.gpu not in gpus()] == []
    offered = [row for row in instances().values() if regions_offering(row.instance_type)]
    assert [row.instance_type for row in offered if gpus()[row.gpu].usable_gib is None] == []


@pytest.mark.parametrize(
    ("gpu", "usable_gib"), [("L4", 22.35), ("A10G", 22.35), ("L40S", 44.7), ("T4", 14.6), ("H100", 80.0)]
)
def test_usable_memory_is_not_the_marketing_figure(gpu: str, usable_gib: float) -> None:
    """A 24 GB card has 22.35 GiB."""
    assert gpus()[gpu].usable_gib == usable_gib


@pytest.mark.parametrize(
    ("instance_type", "region", "usd"),
    [
        ("g6.2xlarge", "us-east-1", 0.9776),
        ("g6.2xlarge", "us-west-2", 0.9776),
        ("g5.xlarge", "eu-west-1", 1.123),
        ("g6e.xlarge", "ap-northeast-1", 2.69901),
        ("p5.48xlarge", "eu-west-2", None),
        ("p5e.48xlarge", "us-east-1", None),
    ],
)
def test_a_price_is_the_regions_or_unknown(instance_type: str, region: str, usd: float | None) -> None:
    """A region's price is a multiple of us-east-1; where that is unknown the price is None, never zero."""
    assert usd_per_hour(instance_type, region) == (None if usd is None else pytest.approx(usd, abs=0.0001))


def test_offerings_differ_by_region() -> None:
    """eu-west-1 has no L4; the catalogue says where there is one."""
    assert not is_offered("g6.2xlarge", "eu-west-1")
    assert is_offered("g5.2xlarge", "eu-west-1")
    assert "us-east-1" in regions_offering("g6.2xlarge")
    assert len(known_regions()) == 12


@pytest.mark.parametrize(
    ("model_id", "base_id", "quantization", "gated"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct", "none", True),
        ("Qwen/Qwen2.5-32B-Instruct-AWQ", "Qwen/Qwen2.5-32B-Instruct", "awq", False),
        ("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4", "Qwen/Qwen2.5-72B-Instruct", "gptq", False),
        ("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int8", "Qwen/Qwen2.5-72B-Instruct", "int8", False),
        ("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "meta-llama/Llama-3.3-70B-Instruct", "fp8", False),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "meta-llama/Llama-3.1-8B-Instruct", "gptq", False),
        ("nvidia/Llama-3.3-70B-Instruct-FP4", "meta-llama/Llama-3.3-70B-Instruct", "nvfp4", False),
        ("openai/gpt-oss-20b", "openai/gpt-oss-20b", "mxfp4", False),
        ("deepseek-ai/DeepSeek-V3", "deepseek-ai/DeepSeek-V3", "fp8", False),
        ("Qwen/Qwen3-32B-FP8", "Qwen/Qwen3-32B", "fp8", False),
    ],
)
def test_a_quantized_copy_has_the_shape_of_its_base(
    model_id: str, base_id: str, quantization: str, gated: bool
) -> None:
    """The suffix of an id says how the weights are stored; owner and gate are the copy's own."""
    found = find_model(model_id)
    assert found is not None
    assert (found.base_id, found.quantization, found.gated) == (base_id, quantization, gated)
    assert found.shape.layers == models()[base_id].shape.layers


def test_an_unknown_model_is_none() -> None:
    """A model that the catalogue does not have is not guessed from its name."""
    assert find_model("acme/own-8b-AWQ") is None
    assert quantization_of_id("acme/own-8b-AWQ") == ("acme/own-8b", "awq")


def test_a_quantized_copy_does_not_keep_the_published_size() -> None:
    """The published size of a checkpoint is that of the original only."""
    original, copy = find_model("openai/gpt-oss-20b"), find_model("acme/gpt-oss-20b-FP8")
    assert original is not None
    assert copy is not None
    assert (original.shape.checkpoint_gib, copy.shape.checkpoint_gib) == (12.8, None)


def test_gpu_names_are_found_in_any_spelling() -> None:
    """Case, spaces and dashes do not matter."""
    assert gpu_name("h100") == "H100"
    assert gpu_name("a100 40gb") == "A100-40GB"
    assert gpu_name("B300") is None


def test_each_engine_version_has_an_image_and_its_flags() -> None:
    """A version that a spec may name can be rendered and checked."""
    for version in engine_versions("vllm"):
        assert engine_image("vllm", version).image.endswith(f":v{version}")
        assert vllm_flags(version)["--enforce-eager"] is True
        assert vllm_flags(version)["--max-model-len"] is False


def test_the_flags_that_the_plan_sets_exist() -> None:
    """A flag that a spec may not set is one that the engine has."""
    flags = vllm_flags("0.33.0")
    assert [name for name in OWNED_FLAGS if f"--{name}" not in flags and name != "model"] == []


def test_service_prices_scale_with_the_region() -> None:
    """What surrounds the GPU costs the region's mean factor more, and is unknown where that is unknown."""
    assert service_usd("nat_hour", "us-east-1") == 0.045
    assert service_usd("nat_hour", "eu-central-1") == pytest.approx(0.045 * 1.2506, abs=1e-4)
    assert service_usd("nat_hour", "eu-west-2") is None
    assert region_multiplier("eu-west-2") is None
    assert all(price.usd > 0 for price in service_prices().values())


def test_a_price_table_grows_stale() -> None:
    """After 180 days a table is stale."""
    table = price_table_date()
    assert table == date(2026, 7, 6)
    assert not is_stale(table, date(2027, 1, 2))
    assert is_stale(table, date(2027, 1, 3))
