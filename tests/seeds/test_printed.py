from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest

from bench.printed.finding import Figure, Finding, figure
from bench.printed.pages import PAGE, TABLES, text

ROOT = Path(__file__).parents[2]

REPRODUCED = {
    "prices": {
        "ml-g5-xlarge",
        "ml-g5-2xlarge",
        "ml-g5-12xlarge",
        "commercial-apis",
        "a100-hour",
        "a100-hour-again",
        "h100-hour",
        "runpod-h100",
        "lambda-h100",
        "aws-h100",
        "modal-tokens",
        "gpt-3-5-request",
        "gpt-4-request",
        "nim-70b",
    },
    "gpu_sizing": {
        "codellama-13b",
        "34b",
        "7b-cards",
        "13b-cards",
        "70b-cards",
        "7b-32-bit",
        "7b-16-bit",
        "7b-8-bit",
        "8b-ollama",
        "70b-ollama",
        "32b-mac",
    },
    "throughput": {"rtx-3050"},
    "monthly_costs": {"rag-gpt-4o", "rag-8b", "gpt-3-5", "gpt-4", "million-own"},
    "decision_thresholds": {"memory-share", "load-without-cache", "load-from-efs"},
}
NOT_CHECKABLE = {
    "prices": {"modal-h100"},
    "gpu_sizing": {"13b-laptop"},
    "throughput": set[str](),
    "monthly_costs": {"vertex-8b", "vertex-70b", "azure-8b-day", "azure-70b-day", "groq-8b-day", "groq-70b-day"},
    "decision_thresholds": {"sensitive-data", "custom-model", "two-of-five", "overhead", "gpu-utilization"},
}
WRONG = {
    ("prices", "ml-p4d"): {"an hour": 25.25, "GB on all cards": 320},
    ("prices", "ml-g6-xlarge"): {"an hour": 1.127},
    ("prices", "sagemaker-over-ec2"): {"share of instance types": 0},
    ("prices", "vast-h100"): {"an hour": 6.15},
    ("prices", "lambda-spot"): {"cheapest H100 there": 3.29, "dearest on demand": 10.98},
    ("prices", "vast-80gb"): {"median of the market": 6.15, "GiB needed": 135.7},
    ("prices", "7b-hour"): {"1 x A100-40GB": 1.99, "1 x H100": 2.69},
    ("prices", "13b-hour"): {"2 x A100-40GB": 3.98, "1 x H100": 2.69},
    ("prices", "70b-hour"): {"2 x H100": 5.38, "8 x A100-40GB": 15.92},
    ("prices", "70b-on-h100"): {"cheapest H100": 2.69, "month of 730 hours": 1460},
    ("prices", "7b-on-a100"): {"cheapest A100": 1.59, "month of 730 hours": 219},
    ("gpu_sizing", "phi-3-mini"): {"16 bit weights": 7.64, "4 bit weights": 2.28},
    ("gpu_sizing", "llama-3-8b"): {"16 bit weights": 16.06, "4 bit weights": 5.73},
    ("gpu_sizing", "llama-3-70b"): {"16 bit weights": 141.1, "4 bit weights": 39.8},
    ("gpu_sizing", "llama-3-1-405b"): {"16 bit weights": 811.7, "8 A100-80GB in 16 bit": 97.7, "H100 in fp8": 51.0},
    ("gpu_sizing", "7b-q4"): {"Q4_K_M weights": 4.13},
    ("gpu_sizing", "3b"): {"16 bit weights": 6.43, "Q4_K_M weights": 1.97},
    ("gpu_sizing", "70b-local"): {"on A100-80GB in 16 bit": 135.7, "GiB of the Q4_K_M file": 39.6},
    ("throughput", "rtx-4070"): {"tokens/s": 139, "times the RTX-3050": 1.85},
    ("throughput", "rtx-5070"): {"tokens/s": 168, "times the RTX-3050": 2.23},
    ("monthly_costs", "sagemaker-8b"): {"730 hours": 1105.95},
    ("monthly_costs", "sagemaker-70b"): {"730 hours": 18_433},
    ("monthly_costs", "azure-8b-month"): {"for a month": 1896.5},
    ("monthly_costs", "azure-70b-month"): {"for a month": 19_545.8},
    ("monthly_costs", "groq-8b-month"): {"for a month": 98.85},
    ("monthly_costs", "groq-70b-month"): {"for a month": 1107.2},
    ("monthly_costs", "rag-sonnet"): {"Claude 3.7 Sonnet": 4106},
    ("monthly_costs", "rag-70b"): {"p4d.24xlarge": 16_029},
    ("monthly_costs", "rag-tenfold"): {"gpt-4o": 30_417, "Claude 3.7 Sonnet": 41_063, "g7e.2xlarge needed": 2},
    ("monthly_costs", "70b-h100"): {"730 hours": 1460},
    ("monthly_costs", "7b-a100"): {"730 hours": 219},
    ("monthly_costs", "million-api"): {"GPT-3.5": 500, "GPT-4": 30_000},
    ("decision_thresholds", "api-spend"): {"g7e.2xlarge": 2455, "at a hosted copy": 650},
    ("decision_thresholds", "first-token"): {"A10G": 721},
    ("decision_thresholds", "volume"): {"hosted copy": 3.65, "gpt-4o": 608.3},
    ("decision_thresholds", "million-requests"): {"GPT-3.5": 500, "g6.xlarge": 587.5},
    ("decision_thresholds", "few-requests"): {"cheapest machine": 384},
    ("decision_thresholds", "vram-usage"): {"at its start": 0.9},
    ("decision_thresholds", "cold-start"): {"weights on EFS": 60},
}
ROWS = [(table.name, row["id"]) for table in TABLES for row in table.rows()]


def finding_of(table: str, row: str) -> Finding:
    return next(each for each in TABLES if each.name == table).findings[row]()


def test_every_printed_row_has_one_verdict() -> None:
    """86 rows in five tables, none without a check and no check without a row."""
    assert Counter(table for table, _ in ROWS) == {
        "prices": 26,
        "gpu_sizing": 19,
        "throughput": 3,
        "monthly_costs": 23,
        "decision_thresholds": 15,
    }
    assert {table.name: set(table.findings) for table in TABLES} == {
        table.name: {row["id"] for row in table.rows()} for table in TABLES
    }


@pytest.mark.parametrize(("table", "row"), ROWS, ids=lambda value: value)
def test_the_verdict_and_our_numbers(table: str, row: str) -> None:
    """The number is computed now: what is called wrong has our number, what is not checkable says why."""
    finding = finding_of(table, row)
    if row in NOT_CHECKABLE[table]:
        assert (finding.verdict, finding.figures) == ("not checkable", ())
        assert len(finding.why) > 20
    elif row in REPRODUCED[table]:
        assert finding.verdict == "reproduced"
        assert all(math.isfinite(end) for each in finding.figures for end in each.ours)
    else:
        assert finding.verdict == "wrong"
        assert finding.why
        for words, number in WRONG[table, row].items():
            (ours,) = (each.ours[0] for each in finding.figures if words in f"{each.what} {each.unit}")
            assert ours == pytest.approx(number, rel=0.01, abs=0.006), words


def test_the_page_shows_every_verdict() -> None:
    """The page is written by the checks; whoever changes a price or a formula writes it anew."""
    page = (ROOT / PAGE.path).read_text(encoding="utf-8")
    assert PAGE.written_into(page, text()) == page, f"stale; run `{PAGE.command}`"
    assert page.count("\n| ") == 86 + len(TABLES) + 2 * (1 + len(TABLES))


def test_figures_agree_within_their_rounding() -> None:
    """Two percent by default, to either side of a printed number or range, and no further."""
    assert figure("price", 1.52, 1.515).agrees
    assert figure("price", 100, 102).agrees
    assert not figure("price", 100, 102.1).agrees
    assert not figure("price", 100, 97.9).agrees
    assert Figure("range", (2, 3), (2.9, 9)).agrees
    assert not Figure("range", (2, 3), (3.1, 9)).agrees


def test_one_wrong_figure_makes_a_row_wrong() -> None:
    """A row with a right price and a wrong memory is wrong; one without figures is not checkable."""
    right, wrong = figure("price", 1, 1), figure("memory", 640, 320)
    assert Finding((right,), "").verdict == "reproduced"
    assert Finding((right, wrong), "why").verdict == "wrong"
    assert Finding((), "why").verdict == "not checkable"


def test_numbers_are_shown_as_a_reader_expects() -> None:
    """Cents, thousands, and the unit once."""
    assert str(figure("month", 1, 18432.7, "$ a month")) == "month: $18,433 a month"
    assert str(figure("hour", 1, 1.515, "$ an hour")) == "hour: $1.515 an hour"
    assert str(figure("request", 1, 0.0005, "$")) == "request: $0.0005"
    assert str(Figure("wait", (1, 1), (1.04, 5.9), "minutes")) == "wait: 1.0 to 5.9 minutes"
    assert str(figure("cards", 1, 8)) == "cards: 8"
    assert str(figure("share", 1, 0.25)) == "share: 0.25"
