"""Are the monthly costs right that guides print? A month is 730 hours here."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from bench.printed.finding import Figure, Finding, figure
from bench.printed.known import DAYS_PER_MONTH, ec2_hour, former_api_usd, sagemaker_hour
from bench.printed.own import cheapest_machine, machine
from bench.printed.prices import SONNET_37
from bench.printed.sizes import LLAMA_8B, LLAMA_70B
from components.catalogue.apis import api_prices
from components.cost.estimate import HOURS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Callable

RAG_INPUT, RAG_OUTPUT = 2000, 500
RAG_PER_DAY = 10_000
_MONTH = "$ a month"
_HOURS_OF_29_DAYS = 29 * 24


def gpt_4o_usd(requests: float) -> float:
    """Return what so many requests of the guide's retrieval case cost at gpt-4o."""
    api = next(api for api in api_prices() if api.model == "gpt-4o")
    return api.usd(requests * RAG_INPUT, requests * RAG_OUTPUT)


def sonnet_usd(requests: float) -> float:
    """Return the same at Claude 3.7 Sonnet."""
    read, written = former_api_usd(SONNET_37)
    return requests * (RAG_INPUT * read + RAG_OUTPUT * written) / 1e6


def _sagemaker(instance_type: str, printed: float) -> Finding:
    hour = sagemaker_hour(instance_type)
    return Finding(
        (figure(f"{instance_type} for {HOURS_PER_MONTH} hours", printed, hour * HOURS_PER_MONTH, _MONTH),),
        f"the printed figure is {_HOURS_OF_29_DAYS} hours, 29 days, at ${printed / _HOURS_OF_29_DAYS:.3f}; "
        f"an hour costs ${hour:.3f}",
    )


def _month_of_days(day: float, month: float) -> Finding:
    return Finding(
        (figure("the printed day, for a month", month, day * DAYS_PER_MONTH, _MONTH),),
        f"the printed month is {month / day:.0f} times the printed day",
    )


def _no_price(who: str) -> Finding:
    return Finding((), f"prices of {who} are not in the catalogue")


def _unknown_chat(who: str) -> Finding:
    return Finding((), f"the tokens of a chat are not printed, and {who} in none of the tables sells this model")


def _rag_70b() -> Finding:
    machine = cheapest_machine(LLAMA_70B, RAG_INPUT, RAG_OUTPUT)
    return Finding(
        (
            figure(
                "p4d.24xlarge, the fewest A100 that AWS rents", 2400, ec2_hour("p4d.24xlarge") * HOURS_PER_MONTH, _MONTH
            ),
        ),
        f"AWS has no type with one A100; {machine.instance_type} holds it in {machine.form} for "
        f"${machine.usd_per_month:,.0f}",
    )


def _rag_tenfold() -> Finding:
    requests = 10 * RAG_PER_DAY * DAYS_PER_MONTH
    own = cheapest_machine(LLAMA_70B, RAG_INPUT, RAG_OUTPUT)
    needed = math.ceil(10 * RAG_PER_DAY / 24 / own.requests_per_hour)
    return Finding(
        (
            figure("gpt-4o", 30_000, gpt_4o_usd(requests), _MONTH),
            figure("Claude 3.7 Sonnet", 45_000, sonnet_usd(requests), _MONTH, tolerance=0.1),
            figure(f"{own.instance_type} needed for 70B at an even load, where one does for a tenth", 1, needed),
        ),
        "the APIs scale as printed; the infrastructure does not stay fixed, and peaks need more",
    )


def _requests_at(model: str, printed: float) -> Finding:
    usd = 100_000 * former_api_usd(model)[0] / 1000
    return Finding(
        (figure("100,000 requests of 1,000 tokens in, none out", printed, usd, _MONTH),),
        f"answers are left out: 300 tokens each add ${100_000 * 0.3 * former_api_usd(model)[1] / 1000:,.0f}",
    )


def _hours_at(usd_per_hour: float, printed: float) -> Finding:
    return Finding(
        (figure(f"${usd_per_hour:.2f} for {HOURS_PER_MONTH} hours", printed, usd_per_hour * HOURS_PER_MONTH, _MONTH),),
        "not even by the hourly price printed beside it, which nobody in the tables charges",
    )


def million_api() -> Finding:
    """Return the verdict on a million requests at an API."""
    cheap, dear = (1e6 * former_api_usd(model)[0] / 1000 for model in ("gpt-3.5-turbo", "gpt-4"))
    return Finding(
        (figure("at its price of GPT-3.5", 1000, cheap, _MONTH), figure("at its price of GPT-4", 5000, dear, _MONTH)),
        "the guide's own prices for a request, times a million",
    )


def million_own() -> Finding:
    """Return the verdict on a million requests served oneself."""
    own = machine("g6.xlarge", LLAMA_8B, "fp8", 1000, 300)
    needed = math.ceil(1e6 / HOURS_PER_MONTH / own.requests_per_hour)
    cost = needed * own.usd_per_month
    return Finding(
        (Figure(f"{needed} x {own.instance_type}, 8B in {own.form}, even load", (500, 2000), (cost, cost), _MONTH),),
        "machines alone: the catalogue has no price of people, whom the guide includes",
    )


FINDINGS: dict[str, Callable[[], Finding]] = {
    "vertex-8b": partial(_no_price, "Google's machines"),
    "vertex-70b": partial(_no_price, "Google's machines"),
    "sagemaker-8b": partial(_sagemaker, "ml.g5.2xlarge", 1054.44),
    "sagemaker-70b": partial(_sagemaker, "ml.p4d.24xlarge", 26_230.85),
    "azure-8b-day": partial(_unknown_chat, "Azure"),
    "azure-8b-month": partial(_month_of_days, 62.35, 1808.15),
    "azure-70b-day": partial(_unknown_chat, "Azure"),
    "azure-70b-month": partial(_month_of_days, 642.60, 18_635.40),
    "groq-8b-day": partial(_unknown_chat, "Groq"),
    "groq-8b-month": partial(_month_of_days, 3.25, 94.25),
    "groq-70b-day": partial(_unknown_chat, "Groq"),
    "groq-70b-month": partial(_month_of_days, 36.40, 1055.60),
    "rag-gpt-4o": lambda: Finding(
        (figure("gpt-4o", 3000, gpt_4o_usd(RAG_PER_DAY * DAYS_PER_MONTH), _MONTH),),
        "30 days make the printed figure exactly",
    ),
    "rag-sonnet": lambda: Finding(
        (figure("Claude 3.7 Sonnet", 4500, sonnet_usd(RAG_PER_DAY * DAYS_PER_MONTH), _MONTH),),
        f"30 days make ${sonnet_usd(RAG_PER_DAY * 30):,.0f}",
    ),
    "rag-70b": _rag_70b,
    "rag-8b": lambda: Finding(
        (figure("ml.g5.2xlarge", 1100, sagemaker_hour("ml.g5.2xlarge") * HOURS_PER_MONTH, _MONTH),),
        "one replica, always awake",
    ),
    "rag-tenfold": _rag_tenfold,
    "gpt-3-5": partial(_requests_at, "gpt-3.5-turbo", 50),
    "gpt-4": partial(_requests_at, "gpt-4", 3000),
    "70b-h100": partial(_hours_at, 2.0, 700),
    "7b-a100": partial(_hours_at, 0.3, 100),
    "million-api": million_api,
    "million-own": million_own,
}
