"""Are the prices right that guides print: instances, rented cards, tokens of APIs?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.printed.finding import Figure, Finding, figure
from bench.printed.known import (
    ec2_hour,
    former_api_usd,
    needed_on,
    rental_usd,
    rentals,
    sagemaker_hour,
    shape_of,
)
from bench.printed.sizes import LLAMA_8B, LLAMA_70B
from components.catalogue.apis import api_prices, hosted_copies, named_apis
from components.catalogue.gpus import gpus
from components.catalogue.instances import HOME_REGION, instances, usd_per_hour
from components.catalogue.sagemaker import sagemaker_instances, sagemaker_usd_per_hour
from components.cost.estimate import HOURS_PER_MONTH
from components.sizing.throughput import throughput

if TYPE_CHECKING:
    from collections.abc import Callable

SONNET_37 = "anthropic.claude-3-7-sonnet-20250219-v1:0"
_HOUR = "$ an hour"


def _sagemaker(instance_type: str, printed: float, memory_gb: int, count: int, why: str = "") -> Finding:
    row = sagemaker_instances()[instance_type]
    memory = row.gpu_count * gpus()[row.gpu].vram_gib
    return Finding(
        (
            figure(instance_type, printed, sagemaker_hour(instance_type), _HOUR),
            figure("cards", count, row.gpu_count),
            figure("GB on all cards", memory_gb, memory),
        ),
        f"hosting on demand in us-east-1, {row.as_of}{why}",
    )


def _commercial_apis() -> Finding:
    mini = next(api for api in api_prices() if api.model == "gpt-4o-mini")
    named = [price for api in named_apis() for price in (api.usd_per_million_input, api.usd_per_million_output)]
    return Finding(
        (
            figure("gpt-4o-mini, input", 0.15, mini.usd_per_million_input, "$"),
            figure("Claude 3.7 Sonnet, output", 15, former_api_usd(SONNET_37)[1], "$"),
        ),
        f"well-known APIs of {mini.as_of} run from ${min(named):.2f} to ${max(named):.0f}, and a hosted copy of "
        f"Llama 3.1 8B costs ${hosted_copies('meta-llama/Llama-3.1-8B-Instruct')[0].usd_per_million_input:.2f}",
    )


def _a100() -> Finding:
    per_card = ec2_hour("p4d.24xlarge") / instances()["p4d.24xlarge"].gpu_count
    at_once = throughput(
        shape_of(LLAMA_8B), "none", gpus()["A100-80GB"], 1, concurrency=64, input_tokens=1000, output_tokens=500
    )
    tokens = at_once.expected / 60 * 1500
    return Finding(
        (
            Figure("an eighth of p4d.24xlarge, on demand", (2, 3), (per_card, per_card), _HOUR),
            Figure("tokens a minute, 8B in 16 bit, 64 requests of 1,000 + 500", (1e5, 1e6), (tokens, tokens)),
        ),
        f"rented alone it costs ${rental_usd('A100')[0]:.2f} to ${rental_usd('A100')[1]:.2f}; AWS rents eight at least",
    )


def _h100() -> Finding:
    per_card = ec2_hour("p5.48xlarge") / instances()["p5.48xlarge"].gpu_count
    h100, a100 = (
        throughput(
            shape_of(LLAMA_8B), "none", gpus()[gpu], 1, concurrency=16, input_tokens=1000, output_tokens=200
        ).expected
        for gpu in ("H100", "A100-80GB")
    )
    return Finding(
        (
            Figure("an eighth of p5.48xlarge, on demand", (5, 8), (per_card, per_card), _HOUR),
            Figure("times an A100, 8B in 16 bit", (2, 3), (h100 / a100, h100 / a100), tolerance=0.25),
        ),
        f"others rent it from ${rental_usd('H100')[0]:.2f}",
    )


def _sagemaker_over_ec2() -> Finding:
    ratios = [
        hosted / ec2
        for row in sagemaker_instances().values()
        if (hosted := sagemaker_usd_per_hour(row.instance_type, HOME_REGION)) is not None
        and row.ec2_type in instances()
        and (ec2 := usd_per_hour(row.ec2_type, HOME_REGION)) is not None
    ]
    near = sum(1 for ratio in ratios if abs(ratio - 1.3) < 0.02) / len(ratios)  # noqa: PLR2004
    return Finding(
        (Figure("share of instance types that cost 1.3 times as much", (0.5, 1), (near, near), tolerance=0),),
        f"of {len(ratios)} types the ratio is {min(ratios):.2f} to {max(ratios):.2f}, highest on the smallest sizes",
    )


def _rented(provider: str, low: float, high: float) -> Finding:
    ours = rental_usd("H100", provider)
    days = sorted({row.as_of for row in rentals() if row.provider == provider and row.gpu.startswith("H100")})
    return Finding((Figure("H100", (low, high), ours, _HOUR),), f"list prices on demand, {days[-1]}")


def _aws_h100() -> Finding:
    prices = [ec2_hour(name) / instances()[name].gpu_count for name in ("p5.4xlarge", "p5.48xlarge")]
    return Finding(
        (Figure("p5 per card", (5, 8), (min(prices), max(prices)), _HOUR),), "the same with one card or eight"
    )


def _lambda_spot() -> Finding:
    cheapest = rental_usd("H100", "lambda")[0]
    dearest = max(rental_usd("H100", provider)[1] for provider in ("gcp", "aws"))
    a100 = rental_usd("A100-40GB", "lambda")[0]
    return Finding(
        (
            figure("cheapest H100 there", 1.99, cheapest, _HOUR),
            Figure("dearest on demand at AWS and Google", (12, float("inf")), (dearest, dearest), _HOUR),
        ),
        f"${a100:.2f} is the price of an A100 40GB there",
    )


def _vast_80gb() -> Finding:
    median = rental_usd("H100", "vast")
    return Finding(
        (Figure("H100, median of the market", (1.99, 1.99), median, _HOUR), needed_on(LLAMA_70B, "none", "H100")),
        "and 70B in 16 bit does not fit one card of 80 GB at any price",
    )


def _modal_tokens() -> Finding:
    def usd_per_million(at_once: int) -> float:
        found = throughput(
            shape_of(LLAMA_8B), "none", gpus()["H100"], 1, concurrency=at_once, input_tokens=1000, output_tokens=1000
        )
        return 4 / (found.expected * 2000 / 1e6)

    ours = (usd_per_million(64), usd_per_million(16))
    return Finding(
        (
            Figure(
                "a million tokens of 8B in 16 bit on an H100 at $4, 64 to 16 requests at once", (0.2, 0.2), ours, "$"
            ),
        ),
        "the card is not printed; with one request at a time a million tokens cost many times as much",
    )


def _cards_hour(printed: tuple[float, float], cards: dict[str, int]) -> Finding:
    costs = {gpu: count * rental_usd(gpu)[0] for gpu, count in cards.items()}
    figures = tuple(
        Figure(f"{count} x {gpu}", printed, (costs[gpu], costs[gpu]), _HOUR) for gpu, count in cards.items()
    )
    return Finding(
        figures, "lowest price on demand that the tables have; requests per second depend on lengths not printed"
    )


def _of_a_request(model: str, printed: float) -> Finding:
    usd = former_api_usd(model)
    return Finding(
        (figure("1,000 tokens in, none out", printed, usd[0] / 1000, "$"),),
        f"an answer of 300 tokens makes it ${(usd[0] + 0.3 * usd[1]) / 1000:.4f}; the lengths are not printed",
    )


def _70b_on_h100() -> Finding:
    cheapest = rental_usd("H100")[0]
    return Finding(
        (
            figure("cheapest H100", 2, cheapest, _HOUR),
            figure(f"month of {HOURS_PER_MONTH} hours at $2", 700, 2 * HOURS_PER_MONTH, "$"),
        ),
        "and one card holds it in 4 bit or, barely, in 8",
    )


def _7b_on_a100() -> Finding:
    return Finding(
        (
            figure("cheapest A100", 0.3, rental_usd("A100")[0], _HOUR),
            figure(f"month of {HOURS_PER_MONTH} hours at $0.30", 100, 0.3 * HOURS_PER_MONTH, "$"),
        ),
        "Llama 3 has no 7B",
    )


def _nim_70b() -> Finding:
    copies = [api.usd_per_million_output for api in hosted_copies("meta-llama/Llama-3.3-70B-Instruct")]
    return Finding(
        (Figure("output of hosted copies of Llama 3.3 70B", (0.79, 0.79), (min(copies), max(copies)), "$"),),
        "NVIDIA's own price of the older Llama 3 70B is not in the table",
    )


FINDINGS: dict[str, Callable[[], Finding]] = {
    "ml-g5-xlarge": partial(_sagemaker, "ml.g5.xlarge", 1.41, 24, 1),
    "ml-g5-2xlarge": partial(_sagemaker, "ml.g5.2xlarge", 1.52, 24, 1),
    "ml-g5-12xlarge": partial(_sagemaker, "ml.g5.12xlarge", 7.09, 96, 4),
    "ml-p4d": partial(
        _sagemaker, "ml.p4d.24xlarge", 42.60, 640, 8, "; its A100 have 40 GB each; those of p4de have 80"
    ),
    "ml-g6-xlarge": partial(_sagemaker, "ml.g6.xlarge", 0.98, 24, 1),
    "commercial-apis": _commercial_apis,
    "a100-hour": _a100,
    "a100-hour-again": _a100,
    "h100-hour": _h100,
    "sagemaker-over-ec2": _sagemaker_over_ec2,
    "vast-h100": partial(_rented, "vast", 1.8, 3),
    "runpod-h100": partial(_rented, "runpod", 2.5, 4),
    "lambda-h100": partial(_rented, "lambda", 2.5, 5),
    "modal-h100": lambda: Finding((), "Modal is in none of the tables"),
    "aws-h100": _aws_h100,
    "lambda-spot": _lambda_spot,
    "vast-80gb": _vast_80gb,
    "modal-tokens": _modal_tokens,
    "7b-hour": partial(_cards_hour, (0.3, 0.5), {"A100-40GB": 1, "H100": 1}),
    "13b-hour": partial(_cards_hour, (0.6, 1.0), {"A100-40GB": 2, "H100": 1}),
    "70b-hour": partial(_cards_hour, (2, 4), {"H100": 2, "A100-40GB": 8}),
    "gpt-3-5-request": partial(_of_a_request, "gpt-3.5-turbo", 0.0005),
    "gpt-4-request": partial(_of_a_request, "gpt-4", 0.03),
    "70b-on-h100": _70b_on_h100,
    "7b-on-a100": _7b_on_a100,
    "nim-70b": _nim_70b,
}
