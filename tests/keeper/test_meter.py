"""What has a service cost since the month began?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from components.keeper.runtime.facts import Capacity
from components.keeper.runtime.meter import metered, next_month, usd_per_hour
from components.schedule import awake_at
from tests.keeper.situation import OFF, ON, at, config, spent

TWO = Capacity("on", {"g6.2xlarge": 2})


def test_the_first_run_has_spent_nothing_yet():
    """It cannot know what was before."""
    spend = metered(None, at("2026-11-10 00:00"), config(), ON)
    assert spend is not None
    assert (spend.usd, spend.usd_per_hour, spend.month, spend.since) == (0.0, 1.0, "2026-11", at("2026-11-10 00:00"))


def test_running_replicas_times_price_and_what_always_costs():
    """The other kinds of the price table do not run."""
    kept = config(usd_per_hour={"g6.2xlarge": 1.0, "g6e.xlarge": 2.5}, fixed_usd_per_hour=0.25)
    assert usd_per_hour(kept, OFF) == 0.25
    assert usd_per_hour(kept, Capacity("on", {"g6.2xlarge": 2, "g6e.xlarge": 1})) == 4.75
    assert usd_per_hour(kept, Capacity("on", {"p5.48xlarge": 1})) is None
    assert usd_per_hour(kept, Capacity("off", {"p5.48xlarge": 0})) == 0.25


def test_a_change_between_two_runs_counts_half():
    """Ten minutes from one replica to two are fifteen replica minutes."""
    before = metered(None, at("2026-11-10 00:00"), config(), ON)
    after = metered(before, at("2026-11-10 00:10"), config(), TWO)
    assert after is not None
    assert after.usd == pytest.approx(1.5 / 6)


def test_a_month_begins_at_midnight_in_utc():
    """What ran before that is on the last bill."""
    before = spent(99.0, "2026-11-30 23:50")
    after = metered(before, at("2026-12-01 00:10"), config(), ON)
    assert after is not None
    assert (after.month, after.usd, after.since) == ("2026-12", pytest.approx(1 / 6), at("2026-12-01 00:00"))


def test_an_unknown_price_is_no_spending():
    """None, and not the sum without it."""
    assert metered(spent(5.0, "2026-11-10 00:00"), at("2026-11-10 01:00"), config(), Capacity("on", {"x": 1})) is None


def test_a_clock_that_went_back_takes_nothing_away():
    """Two machines may differ by a second."""
    spend = metered(spent(5.0, "2026-11-10 00:10"), at("2026-11-10 00:00"), config(), ON)
    assert spend is not None
    assert spend.usd == 5.0


@pytest.mark.parametrize(
    ("now", "expected"), [("2026-11-30 23:59", "2026-12-01 00:00"), ("2026-12-05 00:00", "2027-01-01 00:00")]
)
def test_the_next_month(now, expected):
    """Over the end of the year too."""
    assert next_month(at(now)) == at(expected)


def test_the_projection_knows_the_hours_that_are_left():
    """Berlin's office hours: 120 of them by the night after Friday the 13th, 132 more to the end of November."""
    spend = metered(spent(108.0, "2026-11-13 23:50"), at("2026-11-14 00:00"), config(), OFF)
    assert spend is not None
    spend_before = spend.usd
    assert spend.projected_usd == pytest.approx(spend_before + spend_before / 120 * 132)


def test_a_projection_without_history_takes_the_least_that_will_run():
    """One replica in each open hour: November has 21 working days."""
    spend = metered(None, at("2026-11-01 00:00"), config(fixed_usd_per_hour=0.1), OFF)
    assert spend is not None
    assert spend.projected_usd == pytest.approx(21 * 12 * 1.0 + 720 * 0.1)
    parked = metered(None, at("2026-11-01 00:00"), config(power="off", fixed_usd_per_hour=0.1), OFF)
    assert parked is not None
    assert parked.projected_usd == pytest.approx(72.0)


def test_a_month_of_runs_adds_up_to_the_hours_of_the_month():
    """Every ten minutes, awake within the hours: 252 hours of one USD."""
    kept, now, spend = config(), at("2026-11-01 00:00"), None
    assert kept.schedule is not None
    while now < at("2026-12-01 00:00"):
        spend = metered(spend, now, kept, ON if awake_at(kept.schedule, now) else OFF)
        now += timedelta(minutes=10)
    assert spend is not None
    assert spend.usd == pytest.approx(252.0, abs=1e-6)


def test_today_begins_at_midnight_in_utc():
    """Twenty minutes around it are ten of yesterday and ten of today; the rest of the day adds to that."""
    spend = metered(spent(10.0, "2026-11-10 23:50"), at("2026-11-11 00:10"), config(), ON)
    assert spend is not None
    assert (spend.before_today_usd, spend.today_usd) == (pytest.approx(10 + 1 / 6), pytest.approx(1 / 6))
    later = metered(spend, at("2026-11-11 06:10"), config(), ON)
    assert later is not None
    assert (later.before_today_usd, later.today_usd) == (spend.before_today_usd, pytest.approx(6 + 1 / 6))


def test_nothing_of_a_month_was_spent_before_its_first_day():
    """What ran on the last evening belongs to the month before; a keeper that was away for days knows no better."""
    first = metered(spent(99.0, "2026-11-30 23:50"), at("2026-12-01 00:10"), config(), ON)
    assert first is not None
    assert (first.before_today_usd, first.today_usd) == (0.0, pytest.approx(1 / 6))
    third = metered(spent(99.0, "2026-11-30 23:50"), at("2026-12-03 00:00"), config(), ON)
    assert third is not None
    assert (third.before_today_usd, third.today_usd) == (pytest.approx(48.0), pytest.approx(0.0))


def test_a_corrected_bill_makes_no_day_cost_less_than_nothing():
    """RunPod's bill may shrink."""
    spend = metered(spent(10.0, "2026-11-10 00:00"), at("2026-11-10 01:00"), config(), ON, 8.0)
    assert spend is not None
    assert spend.today_usd == 8.0
    shrunk = metered(replace(spend, before_today_usd=9.0), at("2026-11-10 02:00"), config(), ON, 8.0)
    assert shrunk is not None
    assert shrunk.today_usd == 0.0
