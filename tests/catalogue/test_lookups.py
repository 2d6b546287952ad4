from __future__ import annotations

from datetime import date

import pytest

from components.catalogue.flags import engine_flags, vllm_flags
from components.catalogue.gpus import gpu_name, gpus
from components.catalogue.images import engine_image, engine_images, engine_kinds, engine_versions
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
from components.catalogue.sagemaker import (
    sagemaker_instances,
    sagemaker_offers,
    sagemaker_price_date,
    sagemaker_registry,
    sagemaker_usd_per_hour,
)
from components.errors import CatalogueError
from components.plan.owned_flags import OWNED_FLAGS, SIZING_FLAGS


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
    """A version that a spec may name on a target can be rendered and checked."""
    for row in engine_images():
        assert engine_image(row.target, row.engine, row.version) is row
        assert engine_flags(row.engine, row.version)
    for version in engine_versions("ecs", "vllm"):
        assert engine_image("ecs", "vllm", version).image.endswith(f":v{version}")
    assert {(row.target, row.engine, row.version) for row in engine_images()} == {
        ("ecs", "vllm", "0.33.0"),
        ("sagemaker", "tgi", "3.3.6"),
        ("sagemaker", "vllm", "0.30.0"),
        ("runpod", "vllm", "0.27.1"),
    }


@pytest.mark.parametrize(("target", "kinds"), [("ecs", ["vllm"]), ("sagemaker", ["tgi", "vllm"]), ("runpod", ["vllm"])])
def test_the_first_engine_of_a_target_is_its_default(target: str, kinds: list[str]) -> None:
    """A spec that names no engine gets it."""
    assert engine_kinds(target) == kinds


@pytest.mark.parametrize("version", ["0.33.0", "0.30.0", "0.27.1"])
def test_switches_of_vllm_are_told_from_flags_with_a_value(version: str) -> None:
    """Also where the parser's default is none, or the value may be left out."""
    flags = vllm_flags(version)
    assert len(flags) > 280
    switches = ("--enforce-eager", "--enable-prefix-caching", "--enable-chunked-prefill", "--headless")
    assert [flag for flag in switches if not flags[flag]] == []
    assert [flag for flag in ("--max-model-len", "--seed", "--tool-call-parser") if flags[flag]] == []


def test_switches_of_tgi_are_told_from_flags_with_a_value() -> None:
    """`--sharded` takes true or false as its value."""
    flags = engine_flags("tgi", "3.3.6")
    assert [flag for flag, switch in flags.items() if switch] == [
        "--disable-custom-kernels",
        "--disable-grammar-support",
        "--enable-prefill-logprobs",
        "--json-output",
        "--ngrok",
        "--trust-remote-code",
    ]
    assert "--messages-api-enabled" not in flags


@pytest.mark.parametrize(("kind", "version"), [("vllm", "0.33.0"), ("tgi", "3.3.6")])
def test_the_flags_that_the_plan_keeps_exist(kind: str, version: str) -> None:
    """A flag that a spec may not set is one that the engine has."""
    flags = engine_flags(kind, version)
    kept = {*OWNED_FLAGS[kind], *SIZING_FLAGS[kind]}
    assert sorted(name for name in kept if f"--{name}" not in flags and name != "model") == []


@pytest.mark.parametrize(
    ("instance_type", "region", "usd"),
    [
        ("ml.g6.2xlarge", "us-east-1", 1.222),
        ("ml.g5.xlarge", "us-east-1", 1.408),
        ("ml.g5.xlarge", "eu-west-1", 1.408 * 1.1163),
        ("ml.p5.48xlarge", "us-east-1", 63.296),
        ("ml.p5.4xlarge", "us-east-1", None),
        ("ml.g6.2xlarge", "eu-west-2", None),
    ],
)
def test_a_price_of_hosting_is_known_or_none(instance_type: str, region: str, usd: float | None) -> None:
    """Elsewhere it grows as the EC2 family's; what nobody published stays unknown."""
    found = sagemaker_usd_per_hour(instance_type, region)
    assert found == (None if usd is None else pytest.approx(usd, abs=1e-4))


def test_an_endpoint_costs_more_than_its_ec2_instance_by_the_factor_of_its_size() -> None:
    """1.4 times for .xlarge, 1.25 for larger G instances, 1.15 for P; host and GPUs are those of the EC2 type."""
    factors: dict[tuple[bool, bool], set[float]] = {}
    for row in sagemaker_instances().values():
        same = instances()[row.ec2_type]
        assert (row.gpu, row.gpu_count, row.vcpus, row.memory_gib) == (
            same.gpu,
            same.gpu_count,
            same.vcpus,
            same.memory_gib,
        )
        if row.usd_per_hour is not None and same.usd_per_hour is not None:
            kind = (row.family.startswith("p"), row.instance_type.endswith(".xlarge"))
            factors.setdefault(kind, set()).add(round(row.usd_per_hour / same.usd_per_hour, 2))
    assert factors == {(False, True): {1.4}, (False, False): {1.25}, (True, False): {1.15}}
    assert sagemaker_price_date() == date(2026, 7, 6)


def test_a_region_is_taken_to_host_what_ec2_offers_there() -> None:
    """eu-west-1 has neither L4 nor L40S; no offer is one that endpoints do not have."""
    assert {row.gpu for row in sagemaker_offers("eu-west-1")} == {"A10G", "A100-40GB", "T4"}
    assert {row.gpu for row in sagemaker_offers("us-east-1")} >= {"L4", "L40S", "H100", "RTX-PRO-6000"}
    assert [name for name in sagemaker_instances() if "metal" in name or "g6f" in name] == []


@pytest.mark.parametrize("region", known_regions())
def test_every_region_of_the_catalogue_has_a_registry(region: str) -> None:
    """The images of AWS and Hugging Face are in an account of their own in each region."""
    assert sagemaker_registry(region) == f"763104351884.dkr.ecr.{region}.amazonaws.com"


def test_registries_outside_the_default_account_differ() -> None:
    """Account and suffix are the region's; a region without one is a defect of the catalogue."""
    assert sagemaker_registry("me-central-1") == "914824155844.dkr.ecr.me-central-1.amazonaws.com"
    assert sagemaker_registry("cn-north-1") == "727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn"
    with pytest.raises(
        CatalogueError, match=r"^sagemaker_registries\.csv has no 'moon-1'; `berth catalogue list` shows what it has$"
    ):
        sagemaker_registry("moon-1")


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
