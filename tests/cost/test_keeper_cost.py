"""Does an estimate count what it costs that somebody keeps the service?"""

from __future__ import annotations

from dataclasses import replace

from components.cost.estimate import CostEstimate, CostLine, OneOffCost
from components.cost.keeper import KeeperCostInputs, with_keeper
from components.cost.traffic import Traffic

TARGET = CostEstimate(
    floor=100.0,
    expected=200.0,
    max=300.0,
    usd_per_million_tokens=0.2,
    lines=(CostLine("GPU", 100.0, 200.0, 300.0, "a GPU"),),
    assumptions=("of the target",),
    price_table_date="2026-06-08",
    unknowns=(),
    one_off=(OneOffCost("EFS traffic", 1.45, "weights"),),
)
INPUTS = KeeperCostInputs(region="us-east-1", alerts=0, forecast=False, answers_asleep=False, outside_aws=False)
TRAFFIC = Traffic(1000, 900e6, 100e6)


def test_each_line_is_what_its_parts_cost() -> None:
    """4,380 runs of a GB second each, a key and 2 alarms for the stack; 4 metrics and 2 alarms for the service.

    - keeper: 4,380 x (0.20 + 1.00) / million + 4,380 x 0.0000166667 + 1 + 2 x 0.10, once for a stack
    - metrics: 4 x 0.30 + 4.38 thousand calls x 0.01; alarms: 2 x 0.10
    """
    made = with_keeper(TARGET, INPUTS, TRAFFIC)
    assert [(line.name, line.floor, line.expected, line.max, line.shared) for line in made.lines[1:]] == [
        ("keeper", 1.28, 1.28, 1.28, True),
        ("keeper metrics", 1.24, 1.24, 1.24, False),
        ("keeper alarms", 0.2, 0.2, 0.2, False),
    ]


def test_totals_have_the_keeper_in_them_and_the_rest_stays() -> None:
    """The price of a token too; the target's lines, words, date and first month are as they were."""
    made = with_keeper(TARGET, INPUTS, TRAFFIC)
    assert (made.floor, made.expected, made.max, made.usd_per_million_tokens) == (102.72, 202.72, 302.72, 0.2027)
    assert (made.lines[0], made.assumptions, made.one_off) == (TARGET.lines[0], TARGET.assumptions, TARGET.one_off)
    assert made.price_table_date == "2026-06-08"


def test_a_budget_has_alarms_and_a_forecast_of_its_own() -> None:
    """Two shares and the forecast are 3 alarms more, the forecast a metric."""
    lines = with_keeper(TARGET, replace(INPUTS, alerts=2, forecast=True), None).lines
    assert [(line.name, line.floor) for line in lines[2:]] == [("keeper metrics", 1.54), ("keeper alarms", 0.5)]


def test_an_unknown_price_is_never_zero() -> None:
    """In a region without prices each line is unknown, and named."""
    made = with_keeper(TARGET, replace(INPUTS, region="eu-west-2"), TRAFFIC)
    assert (made.floor, made.expected, made.max) == (None, None, None)
    assert made.unknowns == tuple(f"price of keeper{part} in eu-west-2" for part in ("", " metrics", " alarms"))


def test_answers_while_it_sleeps_are_not_counted() -> None:
    """Nobody knows how many there are; what a million costs is said."""
    said = with_keeper(TARGET, replace(INPUTS, answers_asleep=True), None).assumptions[1:]
    assert said == (
        "not counted: the answers while the service sleeps, 0.20 USD a million besides the function's time",
    )


def test_what_somebody_runs_by_hand_has_no_line() -> None:
    """Nor an unknown price."""
    made = with_keeper(TARGET, replace(INPUTS, region="eu-west-2", outside_aws=True), TRAFFIC)
    assert (made.lines, made.unknowns, made.floor) == (TARGET.lines, (), 100.0)
    assert made.assumptions[1:] == (
        "not counted: where `berth keeper run` runs, as no function in AWS keeps the service",
    )
