"""Do the thresholds hold by which guides decide between an API and a machine of one's own?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.printed.finding import Figure, Finding, figure
from bench.printed.known import DAYS_PER_MONTH, former_api_usd, shape_of
from bench.printed.months import RAG_INPUT, RAG_OUTPUT, million_api, million_own
from bench.printed.own import cheapest_machine
from bench.printed.sizes import LLAMA_8B, LLAMA_70B
from components.catalogue.apis import api_prices, hosted_copies
from components.catalogue.gpus import gpus
from components.catalogue.images import engine_image
from components.catalogue.instances import instances
from components.cost.estimate import HOURS_PER_MONTH
from components.plan.ecs.startup import first_stages, startup_stages
from components.sizing.fit import GPU_MEMORY_UTILIZATION
from components.sizing.roofline import prefill_seconds, step_seconds
from components.sizing.weights import weights_gib

if TYPE_CHECKING:
    from collections.abc import Callable

_HOSTED_8B = "meta-llama/Llama-3.1-8B-Instruct"
_HOSTED_70B = "meta-llama/Llama-3.3-70B-Instruct"


def _api_spend() -> Finding:
    own = cheapest_machine(LLAMA_70B, RAG_INPUT, RAG_OUTPUT)
    served = own.requests_per_hour * HOURS_PER_MONTH
    copy = hosted_copies(_HOSTED_70B)[0]
    hosted = copy.usd(served * RAG_INPUT, served * RAG_OUTPUT)
    return Finding(
        (
            figure(
                f"{own.instance_type} with Llama 70B: the spend from which it can pay", 5000, own.usd_per_month, "$"
            ),
            Figure("all that it can serve, at a hosted copy", (5000, math.inf), (hosted, hosted), "$ a month"),
        ),
        f"against an API of another model it can pay far below that; against the same model at {copy.provider} never",
    )


def _first_token() -> Finding:
    shape, gpu = shape_of(LLAMA_8B), gpus()["A10G"]
    ours = 1000 * (
        prefill_seconds(shape, "none", gpu, 1, input_tokens=RAG_INPUT)
        + step_seconds(shape, "none", gpu, 1, concurrency=1, context_tokens=RAG_INPUT)
    )
    h100 = 1000 * prefill_seconds(shape, "none", gpus()["H100"], 1, input_tokens=RAG_INPUT)
    return Finding(
        (Figure("first token of 2,000 on the guide's own A10G, 8B, nobody else", (0, 100), (ours, ours), "ms"),),
        f"one's own card is no way to 100 ms by itself; an H100 reads that prompt in {h100:.0f} ms. What networks of "
        "APIs add is not in the catalogue",
    )


def _volume() -> Finding:
    million = 5 * DAYS_PER_MONTH
    read, written = 0.8 * million * 1e6, 0.2 * million * 1e6
    own = cheapest_machine(LLAMA_8B, RAG_INPUT, RAG_OUTPUT)
    copy = hosted_copies(_HOSTED_8B)[0].usd(read, written)
    gpt_4o = next(api for api in api_prices() if api.model == "gpt-4o").usd(read, written)
    return Finding(
        (
            Figure("8B at a hosted copy", (own.usd_per_month, math.inf), (copy, copy), "$ a month"),
            Figure("gpt-4o", (own.usd_per_month, math.inf), (gpt_4o, gpt_4o), "$ a month"),
        ),
        f"the cheapest machine that holds 8B, {own.instance_type}, costs ${own.usd_per_month:,.0f}; four tokens in for "
        "one out",
    )


def _starts(*, download: bool) -> tuple[float, float]:
    """Return minutes from a container's start to the first answer, fast and slow, of 8B in 16 bit on ECS."""
    gib = weights_gib(shape_of(LLAMA_8B), "none")
    stages = list(startup_stages(engine_image("ecs", "vllm", None), gib, 1)) + (
        list(first_stages(gib)) if download else []
    )
    left_out = ("instance", "image") + (("weights",) if download else ())
    kept = [stage for stage in stages if stage.name not in left_out]
    return sum(stage.low_seconds for stage in kept) / 60, sum(stage.high_seconds for stage in kept) / 60


def _cold_start() -> Finding:
    low, high = _starts(download=False)
    return Finding(
        (Figure("vLLM with 8B, weights on EFS", (2, 5), (low * 60, high * 60), "s"),),
        "from the container's start; a fresh machine and its image come on top. Ollama is not an engine here",
    )


def _few_requests() -> Finding:
    cheapest = min(row.usd_per_hour for row in instances().values() if row.usd_per_hour and row.gpu_count >= 1)
    api = 100_000 * former_api_usd("gpt-3.5-turbo")[0] / 1000
    month = cheapest * HOURS_PER_MONTH
    return Finding(
        (Figure("cheapest machine with a GPU, awake all month", (0, api), (month, month), "$"),),
        f"the guide's own API costs ${api:.0f} for that many; low volume speaks for the API",
    )


def _million() -> Finding:
    return Finding((*million_api().figures, *million_own().figures), "as in the monthly costs")


FINDINGS: dict[str, Callable[[], Finding]] = {
    "api-spend": _api_spend,
    "sensitive-data": lambda: Finding((), "a matter of law and contracts, not of numbers"),
    "first-token": _first_token,
    "custom-model": lambda: Finding((), "which providers host a customer's weights is not in the catalogue"),
    "volume": _volume,
    "two-of-five": lambda: Finding((), "a rule without a number of its own"),
    "overhead": lambda: Finding((), "the catalogue has no price of people; whoever compares must add it"),
    "memory-share": lambda: Finding(
        (Figure("share that a plan gives vLLM", (0.9, 0.95), (GPU_MEMORY_UTILIZATION, GPU_MEMORY_UTILIZATION)),),
        "what vLLM does not count needs the rest: above it, starts fail now and then",
    ),
    "load-without-cache": lambda: Finding(
        (Figure("8B in 16 bit from the Hub", (5, 15), _starts(download=True), "minutes"),),
        "from the container's start, fast to slow download",
    ),
    "load-from-efs": lambda: Finding(
        (Figure("8B in 16 bit from EFS", (1, 3), _starts(download=False), "minutes"),), "from the container's start"
    ),
    "million-requests": _million,
    "few-requests": _few_requests,
    "gpu-utilization": lambda: Finding(
        (),
        "the share of time in which some kernel runs: says nothing of how much work it does, and plans do not use it",
    ),
    "vram-usage": lambda: Finding(
        (
            Figure(
                "share that vLLM takes at its start, whatever the load",
                (0, math.nextafter(0.9, 0)),
                (GPU_MEMORY_UTILIZATION, GPU_MEMORY_UTILIZATION),
                tolerance=0,
            ),
        ),
        "an alarm at 90% would always be on",
    ),
    "cold-start": _cold_start,
}
