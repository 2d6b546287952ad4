"""Time to the first token and between tokens: against public measurements, and what must hold for every replica."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.catalogue.gpus import gpus
from components.catalogue.models import models
from components.sizing.latency import Performance, performance
from components.sizing.roofline import prefill_seconds, stream_tokens_per_second
from components.sizing.throughput import throughput

if TYPE_CHECKING:
    from components.sizing.range import Range

LLAMA_8B, LLAMA_70B = "meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.3-70B-Instruct"
H100S = {"quantization": "fp8", "gpu": gpus()["H100"], "tensor_parallel_size": 2}


def _llama_8b(requests_per_hour: float | None = None, engine: str = "vllm") -> Performance:
    return performance(
        models()[LLAMA_8B].shape,
        "none",
        gpus()["L4"],
        1,
        input_tokens=1500,
        output_tokens=300,
        sequences=16,
        replicas=1,
        requests_per_hour=requests_per_hour,
        engine=engine,
    )


def _ends(values: Range | None) -> tuple[float, float, float]:
    assert values is not None
    return values.low, values.expected, values.high


def test_the_first_token_alone_is_the_prompt_and_one_step() -> None:
    """Prompt by arithmetic, step by bandwidth; a dense model lies within a quarter of the speed."""
    shape, l4 = models()[LLAMA_8B].shape, gpus()["L4"]
    found = _llama_8b()
    step = 1 / stream_tokens_per_second(shape, "none", l4, 1)
    first = prefill_seconds(shape, "none", l4, 1, input_tokens=1500) + step
    assert _ends(found.ttft_alone_seconds) == pytest.approx((first / 1.25, first, first / 0.75))
    assert _ends(found.inter_token_alone_seconds) == pytest.approx((step / 1.25, step, step / 0.75))
    assert _ends(found.stream_tokens_per_second) == pytest.approx((0.75 / step, 1 / step, 1.25 / step))


def test_a_full_replica_makes_what_its_throughput_says() -> None:
    """Answer tokens of all requests together, as the cost counts them."""
    whole = throughput(
        models()[LLAMA_8B].shape, "none", gpus()["L4"], 1, concurrency=16, input_tokens=1500, output_tokens=300
    )
    found = _llama_8b()
    assert found.full_at_requests == 16
    assert _ends(found.replica_tokens_per_second) == pytest.approx(
        (whole.low * 300 / 3600, whole.expected * 300 / 3600, whole.high * 300 / 3600)
    )


def test_without_a_load_nothing_is_said_of_one() -> None:
    """None, and not zero."""
    found = _llama_8b()
    assert (found.ttft_seconds, found.ttft_p95_seconds, found.inter_token_seconds) == (None, None, None)
    assert (found.requests_per_hour, found.utilization, found.in_flight) == (None, None, None)


@pytest.mark.parametrize(
    ("concurrency", "tokens_per_second", "ttft_ms", "inter_token_ms"),
    [(1, 51.67, 406.77, 18.58), (25, 623.4, 688.69, 38.75), (50, 814.37, 834.51, 59.73)],
)
def test_public_measurements_lie_in_the_range(
    concurrency: int, tokens_per_second: float, ttft_ms: float, inter_token_ms: float
) -> None:
    """Llama 3.3 70B in FP8 on two H100, 5,000 tokens in and 500 out: NVIDIA's NIM benchmarks of 2025, TensorRT-LLM.

    They hold a number of requests in flight; here the same throughput arrives at random.
    """
    found = performance(
        models()[LLAMA_70B].shape,
        **H100S,
        input_tokens=5000,
        output_tokens=500,
        sequences=200,
        replicas=1,
        requests_per_hour=tokens_per_second / 500 * 3600,
    )
    first, between = (found.ttft_seconds, found.inter_token_seconds)
    assert first is not None
    assert between is not None
    assert first.low < ttft_ms / 1000 < first.high
    assert between.low < inter_token_ms / 1000 < between.high
    assert found.in_flight is not None
    assert found.in_flight.low < concurrency * 1.5


def test_a_load_beyond_the_replica_has_no_bound() -> None:
    """2,000 requests an hour fill an L4 in the expected case, not at the fast end, and never end at the slow one."""
    found = _llama_8b(2100)
    assert found.utilization is not None
    assert found.utilization.low < 1 < found.utilization.expected < found.utilization.high
    first = found.ttft_seconds
    assert first is not None
    assert math.isfinite(first.low)
    assert (first.expected, first.is_bounded) == (math.inf, False)
    assert found.inter_token_seconds is not None
    assert found.inter_token_seconds.is_bounded


def test_tgi_is_slower_and_less_certain() -> None:
    """Alone 1.34 times as long as computed, 2.14 at the slow end; what newer versions do is open at the fast end."""
    vllm, tgi = _llama_8b(), _llama_8b(engine="tgi")
    alone = vllm.ttft_alone_seconds.expected
    assert _ends(tgi.ttft_alone_seconds) == pytest.approx((alone / 1.25, 1.34 * alone, 2.14 * alone))
    assert tgi.replica_tokens_per_second.expected == pytest.approx(0.4 * vllm.replica_tokens_per_second.expected)
    assert tgi.replica_tokens_per_second.high == pytest.approx(vllm.replica_tokens_per_second.high)


def test_a_mixture_of_experts_has_the_wider_range() -> None:
    """A half to each side."""
    found = performance(
        models()["Qwen/Qwen3-30B-A3B"].shape,
        "none",
        gpus()["H100"],
        1,
        input_tokens=1000,
        output_tokens=200,
        sequences=32,
    )
    rate = found.stream_tokens_per_second
    assert (rate.low / rate.expected, rate.high / rate.expected) == pytest.approx((0.5, 1.5))


shapes = st.sampled_from([model.shape for model in models().values()])
cards = st.sampled_from([gpu for gpu in gpus().values() if gpu.vendor == "NVIDIA"])


@settings(max_examples=60)
@given(
    shapes, cards, st.sampled_from([1, 2, 4, 8]), st.integers(1, 20_000), st.integers(1, 4_000), st.integers(1, 64),
    st.floats(0.01, 1e5), st.floats(1, 10), st.sampled_from(["vllm", "tgi"]),
)  # fmt: skip
def test_more_load_never_answers_sooner(
    shape: object,
    gpu: object,
    size: int,
    prompt: int,
    answer: int,
    places: int,
    load: float,
    factor: float,
    engine: str,
) -> None:
    """Ranges are in order, 95% is no less than the mean, no load is never slower than some, and more never faster."""
    lengths = {"input_tokens": prompt, "output_tokens": answer, "sequences": places, "engine": engine}
    light, heavy = (
        performance(shape, "none", gpu, size, **lengths, replicas=1, requests_per_hour=rate)
        for rate in (load, load * factor)
    )
    for found in (light, heavy):
        assert found.ttft_seconds.low <= found.ttft_seconds.expected <= found.ttft_seconds.high
        assert found.ttft_seconds.expected <= found.ttft_p95_seconds.expected
    slower = 1 + 1e-9
    assert light.ttft_seconds.low >= light.ttft_alone_seconds.low / slower
    assert light.inter_token_seconds.low >= light.inter_token_alone_seconds.low / slower
    assert light.ttft_seconds.expected <= heavy.ttft_seconds.expected * slower
    assert light.ttft_p95_seconds.high <= heavy.ttft_p95_seconds.high * slower
    assert light.utilization.expected <= heavy.utilization.expected
