from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.catalogue.gpus import gpus
from components.catalogue.models import ModelShape, Quantization, models
from components.sizing.cache import longest_sequence, sequence_bytes
from components.sizing.fit import fit
from components.sizing.weights import GIB, weights_gib

LLAMA_8B = "meta-llama/Llama-3.1-8B-Instruct"
LLAMA_70B = "meta-llama/Llama-3.3-70B-Instruct"


@pytest.mark.parametrize(
    ("model_id", "sixteen_bit", "fp8", "awq"),
    [
        (LLAMA_8B, 14.96, 8.46, 5.33),
        (LLAMA_70B, 131.42, 67.67, 37.03),
        ("Qwen/Qwen2.5-32B-Instruct", 61.03, 31.96, 18.0),
        ("google/gemma-2-2b-it", 4.87, 2.98, 2.08),
        ("microsoft/phi-4", 27.31, 14.61, 8.51),
    ],
)
def test_embeddings_stay_16_bit(model_id: str, sixteen_bit: float, fp8: float, awq: float) -> None:
    """Weights in GiB: only the linear layers shrink, so 8B in 4 bit is 5.3 GiB and not 4."""
    shape = models()[model_id].shape
    assert weights_gib(shape, "none") == pytest.approx(sixteen_bit, abs=0.03)
    assert weights_gib(shape, "fp8") == pytest.approx(fp8, abs=0.03)
    assert weights_gib(shape, "awq") == pytest.approx(awq, abs=0.03)


@pytest.mark.parametrize(
    ("model_id", "kib"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", 56),
        ("openai/gpt-oss-120b", 72),
        (LLAMA_8B, 128),
        (LLAMA_70B, 320),
        ("microsoft/Phi-3-mini-4k-instruct", 384),
        ("meta-llama/Llama-2-7b-chat-hf", 512),
        ("codellama/CodeLlama-13b-Instruct-hf", 800),
        ("deepseek-ai/DeepSeek-V3", 68.625),
    ],
)
def test_cache_follows_heads_and_layers_not_parameters(model_id: str, kib: float) -> None:
    """KiB of cache per token with every layer global: a 7B model can need nine times what another needs."""
    shape = replace(models()[model_id].shape, sliding_window=0)
    assert sequence_bytes(shape, 1000, 1) / 1000 / 1024 == kib


@pytest.mark.parametrize(
    ("model_id", "quantization", "usable", "size", "runtime", "utilization", "kv_gib", "tokens"),
    [
        (LLAMA_8B, "none", 22.35, 1, 1.5, 0.9, 3.7, 29_900),
        (LLAMA_8B, "fp8", 22.35, 1, 1.5, 0.9, 10.2, 83_000),
        (LLAMA_8B, "awq", 22.35, 1, 1.5, 0.9, 13.3, 109_000),
        ("openai/gpt-oss-20b", "mxfp4", 22.35, 1, 1.5, 0.9, 5.8, 127_000),
        ("Qwen/Qwen2.5-32B-Instruct", "awq", 22.35, 1, 1.5, 0.9, 0.6, 2_500),
        (LLAMA_70B, "awq", 44.7, 1, 2.0, 0.9, 1.2, 3_900),
        (LLAMA_70B, "awq", 22.35, 4, 1.5, 0.9, 37, 123_000),
        (LLAMA_70B, "fp8", 96.0, 1, 3.0, 0.9, 15.7, 52_000),
        (LLAMA_70B, "none", 80.0, 2, 2.0, 0.92, 11.8, 39_000),
        ("meta-llama/Llama-3.1-405B-Instruct", "fp8", 80.0, 8, 2.0, 0.9, 178, 371_000),
        ("codellama/CodeLlama-13b-Instruct-hf", "none", 22.35, 1, 1.5, 0.9, -5.6, 0),
    ],
)
def test_the_fit_table_of_the_sizing_facts(
    model_id: str,
    quantization: Quantization,
    usable: float,
    size: int,
    runtime: float,
    utilization: float,
    kv_gib: float,
    tokens: int,
) -> None:
    """Cache left on all GPUs together, and the tokens in it, with every layer counted as global."""
    shape = replace(models()[model_id].shape, sliding_window=0)
    fitted = fit(
        shape, quantization, usable_gib=usable, tensor_parallel_size=size, runtime=runtime, utilization=utilization
    )
    assert fitted.kv_free_gib * size == pytest.approx(kv_gib, rel=0.02, abs=0.05)
    assert fitted.cache_tokens == pytest.approx(tokens, rel=0.02)


def test_the_parts_add_up_to_the_budget() -> None:
    """The budget is weights, runtime and cache, and nothing else."""
    fitted = fit(models()[LLAMA_8B].shape, "none", usable_gib=22.35, max_context_tokens=8192)
    assert fitted.budget_gib == pytest.approx(22.35 * 0.9)
    assert fitted.weights_gib + fitted.runtime_gib + fitted.kv_free_gib == pytest.approx(fitted.budget_gib)
    assert fitted.verdict == "fits"


@pytest.mark.parametrize(
    ("context", "verdict", "reason"),
    [
        (16_384, "fits", "16,384 tokens of context leave 1 GiB or more to spare"),
        (
            24_000,
            "marginal",
            (
                "24,000 tokens need nearly all of a cache of 29,966 tokens, and runtime memory varies by 1 GiB between "
                "starts; safe with model.max_context_tokens 21504 or less"
            ),
        ),
        (
            131_072,
            "refused",
            (
                "at most 29,966 tokens of context fit; "
                "needs 32.5 GiB (weights 15.0, runtime 1.5, cache of 131,072 tokens 16.0), 20.1 GiB can be used"
            ),
        ),
    ],
)
def test_a_verdict_says_why(context: int, verdict: str, reason: str) -> None:
    """Near the boundary the verdict is marginal and says what is safe; a refusal quotes both sides."""
    fitted = fit(models()[LLAMA_8B].shape, "none", usable_gib=22.35, max_context_tokens=context)
    assert (fitted.verdict, fitted.reason) == (verdict, reason)


def test_an_open_context_is_the_longest_that_is_safe() -> None:
    """Without a wish the context leaves a GiB, in steps of 512, and never exceeds the model's."""
    assert fit(models()[LLAMA_8B].shape, "none", usable_gib=22.35).max_context_tokens == 21_504
    assert fit(models()[LLAMA_8B].shape, "none", usable_gib=80.0).max_context_tokens == 131_072
    assert (
        fit(models()["TinyLlama/TinyLlama-1.1B-Chat-v1.0"].shape, "none", usable_gib=22.35).max_context_tokens == 2048
    )


def test_latent_attention_is_repeated_on_each_gpu() -> None:
    """MLA's cache is not divided under tensor parallelism; grouped heads are, down to one per GPU."""
    deepseek = models()["deepseek-ai/DeepSeek-V3"].shape
    assert sequence_bytes(deepseek, 100, 8) == sequence_bytes(deepseek, 100, 1)
    llama = models()[LLAMA_70B].shape
    assert sequence_bytes(llama, 100, 8) * 8 == sequence_bytes(llama, 100, 1)
    assert sequence_bytes(llama, 100, 16) == sequence_bytes(llama, 100, 8)


def test_sliding_layers_stop_growing() -> None:
    """Beyond window and batch only the global layers grow with the length."""
    gemma = models()["google/gemma-3-27b-it"].shape
    per_layer = 2 * 16 * 128 * 2
    assert sequence_bytes(gemma, 1000, 1) == per_layer * 62 * 1000
    assert sequence_bytes(gemma, 20_000, 1) == per_layer * (10 * 20_000 + 52 * (1023 + 2 * 2048))


shapes = st.sampled_from([model.shape for model in models().values()])
quantizations: st.SearchStrategy[Quantization] = st.sampled_from(["none", "fp8", "awq"])
sizes = st.sampled_from([1, 2, 4, 8])
gib = st.floats(min_value=8, max_value=200)
contexts = st.integers(min_value=256, max_value=200_000)
ORDER = {"refused": 0, "marginal": 1, "fits": 2}


CARDS = sorted({gpu.usable_gib for gpu in gpus().values() if gpu.usable_gib is not None})
memories = st.lists(st.sampled_from(CARDS) | gib, min_size=2, max_size=2).map(sorted)


@given(shapes, quantizations, sizes, memories, contexts | st.none())
@example(models()[LLAMA_8B].shape, "none", 1, [69.9, 70.1], None)
def test_more_memory_never_stops_a_fit(
    shape: ModelShape, quantization: Quantization, size: int, memories: list[float], context: int | None
) -> None:
    """Of any two cards the larger one leaves no less cache, context and requests, and has no worse a verdict."""
    small, large = (
        fit(shape, quantization, usable_gib=card, tensor_parallel_size=size, max_context_tokens=context)
        for card in memories
    )
    assert large.kv_free_gib >= small.kv_free_gib - 1e-9
    assert ORDER[large.verdict] >= ORDER[small.verdict]
    assert large.max_context_tokens >= small.max_context_tokens


@given(shapes, quantizations, sizes, gib, contexts, contexts, st.sampled_from([0.0, 118_784.0]))
def test_a_longer_context_never_takes_less_memory(
    shape: ModelShape, quantization: Quantization, size: int, usable: float, one: int, other: int, prompt: float
) -> None:
    """Weights stay, runtime and the cache of one request grow or stay, also where a prompt is computed at once."""
    short, long = (
        fit(
            shape,
            quantization,
            usable_gib=usable,
            tensor_parallel_size=size,
            max_context_tokens=context,
            prompt_bytes_per_token=prompt,
        )
        for context in sorted((one, other))
    )
    assert long.weights_gib == short.weights_gib
    assert long.runtime_gib >= short.runtime_gib
    assert long.kv_bytes_per_token * long.max_context_tokens >= short.kv_bytes_per_token * short.max_context_tokens - 1


@given(shapes, quantizations, sizes, gib, contexts, contexts)
def test_a_smaller_context_never_stops_a_fit(
    shape: ModelShape, quantization: Quantization, size: int, usable: float, one: int, other: int
) -> None:
    """What fits with a long context fits with a short one."""
    short, long = (
        fit(shape, quantization, usable_gib=usable, tensor_parallel_size=size, max_context_tokens=context)
        for context in sorted((one, other))
    )
    assert ORDER[short.verdict] >= ORDER[long.verdict]


@given(shapes, st.floats(min_value=-1, max_value=100), sizes)
def test_the_longest_sequence_is_the_longest(shape: ModelShape, free: float, size: int) -> None:
    """The longest sequence fits and one token more does not."""
    tokens = longest_sequence(shape, free * GIB, size)
    if tokens:
        assert sequence_bytes(shape, tokens, size) <= free * GIB
    if tokens < shape.max_context_tokens:
        assert sequence_bytes(shape, tokens + 1, size) > free * GIB


def test_every_model_of_the_catalogue_can_be_sized() -> None:
    """No row of the catalogue breaks the arithmetic."""
    for model in models().values():
        fitted = fit(model.shape, model.quantization, usable_gib=80.0, tensor_parallel_size=8)
        assert fitted.weights_gib > 0
        assert fitted.kv_bytes_per_token > 0
