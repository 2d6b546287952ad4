from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.catalogue.gpus import gpus
from components.catalogue.models import models
from components.sizing.links import NVLINK_GB_PER_S, exchanged_bytes_per_token, sums_per_step
from components.sizing.roofline import Factors, prefill_seconds, step_seconds, stream_tokens_per_second
from components.sizing.throughput import throughput

LLAMA_8B = models()["meta-llama/Llama-3.1-8B-Instruct"].shape
LLAMA_70B = models()["meta-llama/Llama-3.3-70B-Instruct"].shape
QWEN_30B = models()["Qwen/Qwen3-30B-A3B"].shape
FULL = Factors(1, 1, 1, 1, 1, 1, 1, 1000, 0, 0)
"""Datasheets reached in full, nothing constant."""


def test_one_stream_reads_every_weight_but_the_embedding_for_each_token() -> None:
    """15 GB at 300 GB/s are 50 ms when bandwidth is reached in full."""
    seconds = step_seconds(LLAMA_8B, "none", gpus()["L4"], 1, concurrency=1, context_tokens=0, factors=FULL)
    embedding_gb = 128_256 * 4096 * 2 / 1e9
    assert seconds == pytest.approx((16.06 - embedding_gb) / 300, rel=1e-3)


def test_a_large_batch_is_bound_by_arithmetic() -> None:
    """2 operations for each weight and sequence: 1,000 sequences on 121 TFLOPS take 133 ms, whatever is read."""
    seconds = step_seconds(LLAMA_8B, "none", gpus()["L4"], 1, concurrency=1000, context_tokens=0, factors=FULL)
    assert seconds == pytest.approx(2 * 8.03e9 * 1000 / 121e12)


def test_attention_adds_the_reading_of_the_cache() -> None:
    """128 KiB for each token of each of 10 sequences of 1,000 tokens, at 300 GB/s."""
    with_cache, without = (
        step_seconds(LLAMA_8B, "none", gpus()["L4"], 1, concurrency=10, context_tokens=tokens, factors=FULL)
        for tokens in (1000, 0)
    )
    assert with_cache - without == pytest.approx(10 * 1000 * 128 * 1024 / 300e9)


def test_one_gpu_exchanges_nothing() -> None:
    """Sums over GPUs begin with the second: two in each layer, each passed around a ring."""
    assert (sums_per_step(LLAMA_70B, 1), exchanged_bytes_per_token(LLAMA_70B, 1)) == (0, 0)
    assert (sums_per_step(LLAMA_70B, 4), exchanged_bytes_per_token(LLAMA_70B, 4)) == (160, 160 * 8192 * 2 * 1.5)


def test_prompts_are_bound_by_the_link_on_pcie_and_not_on_nvlink() -> None:
    """Eight L40S on PCIe do not read a prompt of a 70B model faster than four; eight H200 on NVLink do."""
    four, eight = (prefill_seconds(LLAMA_70B, "fp8", gpus()["L40S"], size, input_tokens=2048) for size in (4, 8))
    assert 0.8 < eight / four < 1.1
    four, eight = (prefill_seconds(LLAMA_70B, "fp8", gpus()["H200"], size, input_tokens=2048) for size in (4, 8))
    assert eight / four < 0.8


def test_every_nvlink_card_is_in_the_catalogue() -> None:
    """A name that is spelled otherwise would silently count as PCIe."""
    assert [name for name in NVLINK_GB_PER_S if name not in gpus()] == []


def test_long_prompts_cost_more_than_in_proportion() -> None:
    """Attention grows with the square of the length, in layers with a window with the length alone."""
    l4 = gpus()["L4"]
    short, long = (prefill_seconds(LLAMA_8B, "none", l4, 1, input_tokens=tokens) for tokens in (1000, 50_000))
    assert long > 70 * short
    windowed = replace(LLAMA_8B, sliding_window=1024, sliding_layers=32)
    assert prefill_seconds(windowed, "none", l4, 1, input_tokens=50_000) == pytest.approx(50 * short, rel=0.05)
    assert prefill_seconds(windowed, "none", l4, 1, input_tokens=1000) == short


def test_fp8_counts_where_the_card_has_it() -> None:
    """An L4 doubles its arithmetic with fp8 weights; an A10G only reads less."""
    for gpu, ratio in (("L4", 0.55), ("A10G", 1.0)):
        half, full = (
            prefill_seconds(LLAMA_8B, quantization, gpus()[gpu], 1, input_tokens=1000)
            for quantization in ("fp8", "none")
        )
        assert half / full == pytest.approx(ratio, abs=0.05)


def test_nvfp4_counts_in_dense_models_alone() -> None:
    """A B200 reads a prompt of a dense model faster in nvfp4 than in fp8, of a mixture slower."""
    for shape, faster in ((LLAMA_70B, True), (QWEN_30B, False)):
        four, eight = (
            prefill_seconds(shape, quantization, gpus()["B200"], 1, input_tokens=2000)
            for quantization in ("nvfp4", "fp8")
        )
        assert (four < eight) == faster


def test_a_mixture_reads_more_experts_the_larger_the_batch() -> None:
    """One stream of a mixture of 30B, 3B active, is far faster than a dense model; a full batch reads all experts."""
    h100 = gpus()["H100"]
    dense = replace(QWEN_30B, active_parameters_b=QWEN_30B.parameters_b)
    assert stream_tokens_per_second(QWEN_30B, "none", h100, 1) > 3 * stream_tokens_per_second(dense, "none", h100, 1)
    mixed, whole = (
        step_seconds(shape, "none", h100, 1, concurrency=100, context_tokens=0) for shape in (QWEN_30B, dense)
    )
    assert mixed == pytest.approx(whole, rel=0.01)


def test_one_stream_is_a_step_of_one_sequence() -> None:
    """The rate of one stream and the duration of a step are the same number."""
    step = step_seconds(LLAMA_8B, "none", gpus()["L4"], 1, concurrency=1, context_tokens=500)
    assert stream_tokens_per_second(LLAMA_8B, "none", gpus()["L4"], 1, context_tokens=500) == pytest.approx(1 / step)


def test_throughput_counts_steps_and_prompts() -> None:
    """8 requests: 300 steps and 8 prompts between them."""
    l4 = gpus()["L4"]
    found = throughput(LLAMA_8B, "none", l4, 1, concurrency=8, input_tokens=1500, output_tokens=300)
    step = step_seconds(LLAMA_8B, "none", l4, 1, concurrency=8, context_tokens=1650)
    prefill = prefill_seconds(LLAMA_8B, "none", l4, 1, input_tokens=1500)
    assert found.expected == pytest.approx(3600 * 8 / (300 * step + 8 * prefill))


@given(
    concurrency=st.integers(1, 500),
    context=st.integers(1, 100_000),
    faster=st.floats(1.0, 10.0),
    gpu=st.sampled_from(["L4", "A10G", "L40S", "H100"]),
    size=st.sampled_from([1, 2, 4, 8]),
)
def test_a_step_never_gets_shorter_with_more_work_or_longer_with_a_better_card(
    concurrency: int, context: int, faster: float, gpu: str, size: int
) -> None:
    """More sequences or more context take no less time; more bandwidth or arithmetic takes no more."""
    card = gpus()[gpu]
    better = replace(card, bandwidth_gb_per_s=card.bandwidth_gb_per_s * faster, fp16_tflops=card.fp16_tflops * faster)

    def step(gpu: object = card, count: int = concurrency, tokens: int = context) -> float:
        return step_seconds(LLAMA_70B, "none", gpu, size, concurrency=count, context_tokens=tokens)

    assert step() <= step(count=concurrency + 1)
    assert step() <= step(tokens=context + 1)
    assert step(better) <= step()
