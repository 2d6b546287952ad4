"""What does the keeper remember for the platforms from one run to the next?"""

from __future__ import annotations

import pytest

from components.keeper.runtime.decision import Reason
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.facts import Traffic
from components.keeper.runtime.state import State
from tests.keeper.platform import Platform
from tests.keeper.situation import OFF, ON, at, awake_order, config, decided, sleep_order, spent
from tests.keeper.situation import budget as of_budget
from tests.keeper.test_keep import Kept


def test_a_platform_that_counts_nothing_but_a_total():
    """More of it than at the last run is a request since; the first look knows nothing, and counts as one."""
    kept = Kept({"hours": None, "idle_seconds": 1800}, Platform(power="on"))
    totals = [("12:00", 5), ("12:10", 5), ("12:20", 5), ("12:30", 6), ("12:40", 6), ("12:50", 6)]
    for time, total in totals:
        kept.platform.requests = Traffic(is_known=True, total=total)
        assert kept.run(f"2026-11-23 {time}").decision.wanted == "awake", time
    assert kept.state.busy_at == at("2026-11-23 12:30")
    assert kept.state.requests_total == 6
    stopped = kept.run("2026-11-23 13:00").decision
    assert (stopped.wanted, stopped.reason) == ("asleep", Reason.IDLE)
    assert kept.state.requests_total == 6


def test_a_total_of_nothing_is_remembered_too():
    """Else the first request would be missed."""
    state = State(wanted="awake", requests_total=0)
    assert State.parse(state.to_json()).requests_total == 0
    assert State.parse(State(wanted="awake").to_json()).requests_total is None


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        ("hours", {"now": "2026-11-23 21:00"}),
        ("holiday", {"now": "2026-11-23 12:00", "holidays": ("2026-11-23",)}),
        ("manual", {"now": "2026-11-23 12:00", "start": "manual"}),
    ],
)
def test_a_service_may_sleep_lightly_by_the_clock(reason, facts):
    """Where its spec says so."""
    now = facts.pop("now")
    soft = decided(now, config=config(**facts, details={"sleep": "soft"}), capacity=ON)
    hard = decided(now, config=config(**facts, details={"sleep": "hard"}), capacity=ON)
    assert (soft.reason.value, soft.depth, hard.depth) == (reason, "soft", "hard")


def test_money_and_orders_are_kept_to_the_letter():
    """A request must not start what a spent budget, an order or `power: off` has stopped."""
    lightly = {"details": {"sleep": "soft"}}
    now = "2026-11-23 12:00"
    broke = decided(
        now,
        config=config(**lightly, budget=of_budget(grace_seconds=0)),
        state=State(breach_at=at("2026-11-23 11:00"), breach_month="2026-11"),
        spend=spent(100, now),
    )
    ordered = decided(now, config=config(**lightly), override=sleep_order("2026-11-23 11:30"))
    off = decided(now, config=config(**lightly, power="off"))
    assert [(one.reason, one.depth) for one in (broke, ordered, off)] == [
        (Reason.BUDGET, "hard"),
        (Reason.BY_HAND, "hard"),
        (Reason.POWER, "hard"),
    ]


def test_a_new_start_begins_with_the_first_alternative():
    """Whatever failed the evening before; within one start, failures count on."""
    failed = State(attempts=2)
    assert decided("2026-11-23 21:00", state=failed, capacity=OFF).state.attempts == 0
    assert decided("2026-11-23 12:00", state=failed, capacity=OFF).state.attempts == 2
    order = awake_order("2026-11-23 20:00", "2026-11-23 22:00")
    assert decided("2026-11-23 21:00", state=failed, capacity=OFF, override=order).state.attempts == 2


def test_a_long_story_fits_into_the_parameter():
    """SSM takes 4,096 characters, and the spending must be written down whatever failed."""
    kept = Kept(platform=Platform(power="on", fails=KeeperError("x" * 5000)))
    kept.run("2026-11-23 21:00")
    assert len(kept.state.problem) == 1000
    assert len(kept.documents.texts["state"]) < 4096
