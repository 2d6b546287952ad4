"""How does cost read in a terminal of 100 columns?"""

from __future__ import annotations

from dataclasses import replace

from components.cost.apis import against_apis
from components.cost.break_even import CostCurve
from components.cost.estimate import CostEstimate, CostLine, OneOffCost
from components.cost.text import WIDTH, api_text, assumption_text, cost_text, verdict_text, warning_text
from components.cost.traffic import Traffic

TRAFFIC = Traffic(requests=1000, input_tokens=608e6, output_tokens=152e6)
ESTIMATE = CostEstimate(
    floor=737.0,
    expected=None,
    max=1474.0,
    usd_per_million_tokens=0.97,
    lines=(
        CostLine("GPU instances", 730.0, 730.0, 1460.0, "g6.2xlarge on demand, one per replica"),
        CostLine("a line", 7.0, None, 14.0, "a basis that is so long that it has to go on below where it started"),
    ),
    assumptions=(),
    price_table_date="2026-07-06",
    unknowns=("price of a line",),
)


def test_the_table_has_one_column_for_each_amount() -> None:
    """Amounts are aligned, a long basis goes on below, unknown is a word, and the date of the prices stands there."""
    assert list(cost_text(ESTIMATE)) == [
        "Cost, USD per month         floor   expected        max",
        "  GPU instances            730.00     730.00   1,460.00   g6.2xlarge on demand, one per replica",
        "  a line                     7.00    unknown      14.00   a basis that is so long that it has to go",
        "                                                          on below where it started",
        "  total                    737.00    unknown   1,474.00   prices of 2026-07-06",
        "  0.97 USD per million tokens, in and out, at the expected load",
        "  unknown: price of a line",
    ]


def test_what_is_paid_once_stands_below_the_months() -> None:
    """Under a head that says so, outside of every total."""
    once = (OneOffCost("EFS traffic", 1.45, "16.1 GB of weights written"), OneOffCost("NAT traffic", None, "images"))
    lines = list(cost_text(replace(ESTIMATE, one_off=once)))
    assert lines[:-3] == list(cost_text(ESTIMATE))
    assert lines[-3:] == [
        "One-off, in the first month, USD",
        "  EFS traffic                1.45   16.1 GB of weights written",
        "  NAT traffic             unknown   images",
    ]


def test_names_of_apis_are_not_cut() -> None:
    """The day on which one ends goes below a long name."""
    lines = list(api_text(against_apis("meta-llama/Llama-3.1-8B-Instruct", TRAFFIC, 2455.0, None)))
    [number] = [number for number, line in enumerate(lines) if line.startswith("    bedrock ")]
    assert lines[number].startswith("    bedrock meta.llama3-1-8b-instruct-v1:0 ")
    assert lines[number + 1] == "      (until 2027-03-30)"


def test_warnings_are_folded() -> None:
    """Each by itself."""
    lines = list(warning_text(["old " * 40, "short"]))
    assert lines[0].startswith("  warning: old")
    assert lines[-1] == "  warning: short"
    assert max(map(len, lines)) <= WIDTH


def test_apis_stand_below_the_verdict() -> None:
    """Tokens, verdict, the own deployment, copies of the model, other models; nothing is wider than the terminal."""
    compared = against_apis("meta-llama/Llama-3.3-70B-Instruct", TRAFFIC, 2455.0, CostCurve(((0, 800), (1000, 800))))
    lines = list(api_text(compared))
    assert lines[0] == "Against APIs, at 760.0 million tokens a month (608.0 in, 152.0 out)"
    assert lines[1].startswith("  the API is cheaper: ")
    assert "  this deployment                                          2,455.00         3.23" in lines
    assert (
        "    openai gpt-4o                                          3,040.00         4.00               200.0" in lines
    )
    assert lines.index("  same model") < lines.index("  other models")
    assert any(line.endswith(" never") for line in lines)
    assert max(map(len, lines)) <= WIDTH
    assert [line for line in lines if line != line.rstrip()] == []
    assert list(verdict_text(compared)) == lines[1 : 1 + len(list(verdict_text(compared)))]


def test_an_unknown_break_even_is_not_never() -> None:
    """Without a price of one's own nobody knows."""
    lines = list(api_text(against_apis("acme/own", TRAFFIC, None, None)))
    assert any(line.endswith(" unknown") and "gpt-4o " in line for line in lines)
    assert not any("never" in line for line in lines)


def test_without_a_load_there_is_no_comparison() -> None:
    """Nothing is printed."""
    assert list(api_text(None)) == list(verdict_text(None)) == []


def test_assumptions_are_folded() -> None:
    """One entry each, the rest of a long one further in."""
    lines = list(assumption_text(replace(ESTIMATE, assumptions=("short", "long " * 25))))
    assert lines[:2] == ["Cost assumes", "  short"]
    assert lines[3].startswith("    long")
    assert max(map(len, lines)) <= WIDTH
