from __future__ import annotations

from dataclasses import replace

import pytest

from components.catalogue.gpus import gpus
from components.catalogue.models import Quantization, models
from components.sizing.fit import batched_tokens
from components.sizing.gates import gate, tgi_gpu_refusal, tgi_model_refusal
from components.sizing.host import (
    GATEWAY_RESERVATION_MIB,
    WEIGHT_CACHE_MEMORY_MIB,
    disk_gb,
    disk_refusal,
    engine_memory_mib,
    engine_reservation_mib,
    host_refusal,
    reserved_mib,
    shared_memory_mib,
)
from components.sizing.parallelism import parallelism_refusal, possible_sizes
from components.sizing.prompt import prompt_bytes_per_token
from components.sizing.throughput import Throughput, tgi_throughput, throughput


@pytest.mark.parametrize(
    ("model_id", "quantization", "sizes"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "none", (1, 2, 4, 8)),
        ("Qwen/Qwen2.5-7B-Instruct", "none", (1, 2, 4)),
        ("Qwen/Qwen2.5-72B-Instruct", "none", (1, 2, 4, 8)),
        ("Qwen/Qwen2.5-72B-Instruct", "awq", (1,)),
        ("microsoft/phi-4", "none", (1, 2)),
        ("Qwen/Qwen2.5-14B-Instruct", "gptq", (1, 2, 4)),
        ("Qwen/Qwen2.5-3B-Instruct", "none", (1, 2, 4, 8)),
        ("Qwen/Qwen3-30B-A3B", "awq", (1, 2)),
    ],
)
def test_a_model_divides_over_some_gpus(model_id: str, quantization: Quantization, sizes: tuple[int, ...]) -> None:
    """Heads, key-value heads, intermediate size and int4 groups must all divide."""
    assert possible_sizes(models()[model_id].shape, quantization) == sizes


def test_a_refused_division_says_which_number_binds() -> None:
    """The message names the number that does not divide."""
    qwen = models()["Qwen/Qwen2.5-72B-Instruct"].shape
    assert parallelism_refusal(qwen, "awq", 2) == (
        "the intermediate size 29568 cannot be divided over 2 GPUs in awq groups of 128"
    )
    phi = models()["microsoft/phi-4"].shape
    assert parallelism_refusal(phi, "none", 4) == "10 key-value heads cannot be divided over, or repeated on, 4 GPUs"
    assert parallelism_refusal(phi, "none", 3) == "40 attention heads cannot be divided over 3 GPUs"


@pytest.mark.parametrize(
    ("gpu", "model_id", "quantization", "dtype", "refusal"),
    [
        ("T4", "Qwen/Qwen2.5-7B-Instruct", "none", "bfloat16", "bfloat16 needs compute capability 8.0, T4 has 7.5"),
        ("T4", "google/gemma-2-2b-it", "none", "auto", "the model needs bfloat16, which T4 does not have"),
        (
            "T4",
            "Qwen/Qwen2.5-7B-Instruct",
            "fp8",
            "auto",
            "fp8 weights need compute capability 8.0 or newer, T4 has 7.5",
        ),
        (
            "V100-32GB",
            "Qwen/Qwen2.5-7B-Instruct",
            "none",
            "auto",
            "16-bit weights need compute capability 7.5 or newer, V100-32GB has 7.0",
        ),
        (
            "H100",
            "meta-llama/Llama-3.3-70B-Instruct",
            "nvfp4",
            "auto",
            "nvfp4 weights need compute capability 10.0 or newer, H100 has 9.0",
        ),
        ("L4", "google/gemma-2-2b-it", "none", "float16", "the model needs bfloat16 and overflows in float16"),
        (
            "Inferentia2",
            "Qwen/Qwen2.5-7B-Instruct",
            "none",
            "auto",
            "vLLM's CUDA image cannot use Inferentia2 by AWS",
        ),
    ],
)
def test_a_gpu_refuses_what_it_cannot_compute(
    gpu: str, model_id: str, quantization: Quantization, dtype: str, refusal: str
) -> None:
    """A refusal names what is needed and what the GPU has."""
    assert gate(gpus()[gpu], models()[model_id].shape, quantization, dtype).refusal == refusal


@pytest.mark.parametrize(
    ("gpu", "quantization", "dtype", "note"),
    [
        ("L4", "none", "bfloat16", None),
        ("L4", "fp8", "bfloat16", None),
        ("T4", "none", "float16", "T4 has no bfloat16: the model runs in float16"),
        ("T4", "awq", "float16", "T4 has no bfloat16: the model runs in float16"),
        (
            "A10G",
            "fp8",
            "bfloat16",
            "A10G computes fp8 weights in 16 bit: memory is saved, arithmetic is not faster",
        ),
        ("RTX-PRO-6000", "nvfp4", "bfloat16", None),
    ],
)
def test_a_gpu_that_can_says_at_what_price(gpu: str, quantization: Quantization, dtype: str, note: str | None) -> None:
    """The dtype in use, and a note where memory is saved but time is not."""
    found = gate(gpus()[gpu], models()["Qwen/Qwen2.5-7B-Instruct"].shape, quantization)
    assert (found.dtype, found.note, found.refusal) == (dtype, note, None)


def test_a_checkpoint_must_fit_the_host() -> None:
    """An 8B checkpoint does not load on 16 GiB of host memory, and does on 32."""
    assert host_refusal(14.96, 16) == (
        "loading a checkpoint of 15.0 GiB needs 20.6 GiB of host memory, 16 GiB leave 13.5 to the engine"
    )
    assert host_refusal(14.96, 32) is None


def test_image_and_weights_must_fit_a_disk() -> None:
    """In GB, with 5 GB for logs and compiled kernels; a disk of exactly that size is enough."""
    assert disk_gb(25.0, 15.0) == 47.9
    assert disk_refusal(47.9, 47.9) is None
    assert disk_refusal(47.9, None) is None
    assert disk_refusal(47.9, 40) == "image and weights need 48 GB of disk, it has 40 GB"


@pytest.mark.parametrize("memory_gib", [16, 32, 64, 192, 384, 2048])
def test_reservations_fill_the_instance_and_no_more(memory_gib: int) -> None:
    """Reserved memory, gateway, weight cache and engine fill the instance; two engines never fit one."""
    used = reserved_mib(memory_gib) + GATEWAY_RESERVATION_MIB + WEIGHT_CACHE_MEMORY_MIB
    assert used + engine_reservation_mib(memory_gib) == memory_gib * 1024
    assert engine_reservation_mib(memory_gib) <= engine_memory_mib(memory_gib) < memory_gib * 1024
    assert 2 * engine_reservation_mib(memory_gib) > memory_gib * 1024


def test_shared_memory_grows_with_the_gpus() -> None:
    """Several GPUs exchange through /dev/shm."""
    assert [shared_memory_mib(size) for size in (1, 2, 8)] == [2048, 8192, 32768]


def test_throughput_is_a_range_that_grows_with_concurrency() -> None:
    """More requests at once give more per hour; a dense model's range is a quarter either way."""
    shape = models()["meta-llama/Llama-3.1-8B-Instruct"].shape
    one, eight = (
        throughput(shape, "none", gpus()["L4"], 1, concurrency=count, input_tokens=1500, output_tokens=300)
        for count in (1, 8)
    )
    assert one is not None
    assert eight is not None
    assert one.expected < eight.expected < 8 * one.expected
    assert eight.low == pytest.approx(0.75 * eight.expected)
    assert eight.high == pytest.approx(1.25 * eight.expected)


def test_a_mixture_of_experts_is_less_certain() -> None:
    """The range of a mixture is a half either way, and few tokens read few experts."""
    shape = models()["Qwen/Qwen3-30B-A3B"].shape
    found = throughput(shape, "none", gpus()["H100"], 1, concurrency=8, input_tokens=1500, output_tokens=300)
    assert found.low == pytest.approx(0.5 * found.expected)


@pytest.mark.parametrize(("gpu", "tokens"), [("L4", 2048), ("L40S", 2048), ("A100-80GB", 2048), ("H100", 8192)])
def test_a_batch_is_the_engines_default_for_the_card(gpu: str, tokens: int) -> None:
    """Large cards work on larger batches, A100 excepted."""
    assert batched_tokens(gpus()[gpu]) == tokens


def test_a_replicated_cache_is_read_by_every_gpu() -> None:
    """Eight GPUs that each hold the whole latent cache read it eight times: long prompts slow them down more."""
    shape = models()["deepseek-ai/DeepSeek-V3"].shape
    divided = replace(shape, attention="gqa", kv_heads=8, head_dim=shape.latent_dim // 16)
    rates = [
        throughput(each, "fp8", gpus()["H200"], 8, concurrency=64, input_tokens=30_000, output_tokens=300).expected
        for each in (shape, divided)
    ]
    assert rates[0] < rates[1]


def test_a_prompt_that_is_computed_at_once_takes_memory_of_each_token() -> None:
    """2 * (3 * 14,336 / GPUs + 4 * 4,096) bytes for Llama 3.1 8B; a mixture counts what is active in a layer."""
    llama, mixture = models()["meta-llama/Llama-3.1-8B-Instruct"].shape, models()["Qwen/Qwen3-30B-A3B"].shape
    assert prompt_bytes_per_token(llama, 1) == 118_784
    assert prompt_bytes_per_token(llama, 4) == 54_272
    assert prompt_bytes_per_token(mixture, 1) > 2 * 3 * mixture.intermediate


@pytest.mark.parametrize(
    ("gpu", "refusal"),
    [
        ("L4", None),
        ("H200", None),
        (
            "B200",
            "the last TGI image (CUDA 12.4) has no kernels for B200, which is Blackwell; use engine.kind vllm",
        ),
    ],
)
def test_tgi_ends_before_blackwell(gpu: str, refusal: str | None) -> None:
    """Its last image was built for CUDA 12.4."""
    assert tgi_gpu_refusal(gpus()[gpu]) == refusal


@pytest.mark.parametrize(
    ("model_id", "quantization", "refusal"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", "awq", None),
        ("Qwen/Qwen2.5-7B-Instruct", "fp8", None),
        ("openai/gpt-oss-20b", "mxfp4", "TGI has no kernels for mxfp4 weights"),
        ("Qwen/Qwen2.5-7B-Instruct", "nvfp4", "TGI has no kernels for nvfp4 weights"),
        ("google/gemma-2-2b-it", "awq", "TGI computes awq weights in float16, in which this model overflows"),
        (
            "deepseek-ai/DeepSeek-V3",
            "fp8",
            "TGI keeps the keys and values of latent attention unpacked, many times what the plan sizes",
        ),
    ],
)
def test_tgi_refuses_what_it_cannot_serve(model_id: str, quantization: Quantization, refusal: str | None) -> None:
    """Each refusal says what it lacks."""
    assert tgi_model_refusal(models()[model_id].shape, quantization) == refusal


def test_tgi_is_slower_than_computed_and_less_certain() -> None:
    """Old measurements fell short of the roofline; the best case stays what is computed."""
    assert tgi_throughput(Throughput(750, 1000, 1250)) == Throughput(300, 400, 1250)
