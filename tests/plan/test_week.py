"""How does a week look, hour by hour?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.plan import plan_dict
from components.plan.week import Week, constant, mean, moved, running
from components.schedule.week import HOURS_PER_WEEK

Planner = "Callable[..., Plan]"

HOURS: dict[str, Any] = {"schedule": {"hours": "Mon-Fri 08:00-20:00 Europe/Berlin"}}
WINDOWS: dict[str, Any] = {"load": {"requests_per_hour": {"Mon-Fri 08:00-20:00": 3000, "otherwise": 200}}}
OFFICE = [24 * day + hour for day in range(5) for hour in range(8, 20)]


def _week(**changes: Any) -> Week:
    return Week(**{"zone": "UTC", "awake": (1.0,) * 168, "requests": None, "replicas": None, **changes})


def _awake(hours: list[int]) -> tuple[float, ...]:
    return tuple(1.0 if hour in hours else 0.0 for hour in range(HOURS_PER_WEEK))


def test_a_flat_load_is_the_same_in_every_hour(llama: dict[str, Any], plan: Planner) -> None:
    """1,200 requests an hour, two replicas, always awake."""
    week = plan(llama).week
    assert week == Week("UTC", (1.0,) * 168, (1200.0,) * 168, (2.0,) * 168)
    assert (week.awake_hours_per_month, week.openings_per_month, week.missed_share) == (730.0, 0.0, 0.0)


def test_a_load_by_weekday_and_hour_needs_replicas_by_the_hour(llama: dict[str, Any], plan: Planner) -> None:
    """3,000 requests in office hours ask for all three replicas, 200 for the fewest; the mean is between them."""
    week = plan(llama, WINDOWS).week
    assert [hour for hour in range(168) if week.requests[hour] == 3000] == OFFICE
    assert [hour for hour in range(168) if week.replicas[hour] == 3] == OFFICE
    assert {week.replicas[hour] for hour in range(168) if hour not in OFFICE} == {1.0}


def test_no_replica_runs_while_the_service_sleeps(llama: dict[str, Any], plan: Planner) -> None:
    """60 awake hours of 168, 12 of 260.7 awake hours a month for each opening; in the zone of the schedule."""
    week = plan(llama, HOURS).week
    assert week.zone == "Europe/Berlin"
    assert week.awake == _awake(OFFICE)
    assert week.replicas == tuple(2 * share for share in week.awake)
    assert week.awake_hours_per_month == pytest.approx(60 / 168 * 730)
    assert week.openings_per_month == pytest.approx(5 * 730 / 168)
    assert week.missed_share == pytest.approx(108 / 168)


def test_a_part_of_an_hour_counts_as_that_part(llama: dict[str, Any], plan: Planner) -> None:
    """Awake from half past eight on: half a replica in that hour."""
    week = plan(llama, {"schedule": {"hours": "Mon 08:30-10:00 UTC"}}).week
    assert (week.awake[8], week.replicas[8], week.replicas[9]) == (0.5, 1.0, 2.0)


def test_a_parked_service_has_no_replica_in_any_hour(llama: dict[str, Any], plan: Planner) -> None:
    """Whatever its schedule says."""
    week = plan(llama, {**HOURS, "power": "off"}).week
    assert set(week.replicas) == {0.0}


def test_without_a_load_a_fixed_number_is_known_and_a_range_is_not(llama: dict[str, Any], plan: Planner) -> None:
    """Nobody can say how much of a range is used."""
    assert plan(llama, {"load": None, "scaling": {"max_replicas": 1}}).week.replicas == (1.0,) * 168
    ranged = plan(llama, {"load": None}).week
    assert (ranged.requests, ranged.replicas) == (None, None)


def test_windows_in_another_zone_move_to_the_hours_of_the_schedule(llama: dict[str, Any], plan: Planner) -> None:
    """Eight in New York is fourteen in Berlin, in summer as in winter; the plan notes the move."""
    load = {"requests_per_hour": {"Mon-Fri 08:00-12:00": 3000}, "time_zone": "America/New_York"}
    made = plan(llama, {**HOURS, "load": load})
    assert [hour for hour in range(24) if made.week.requests[hour]] == [14, 15, 16, 17]
    note = next(note for note in made.notes if note.field == "load.time_zone")
    assert note.text.startswith("the windows in America/New_York are moved to Europe/Berlin")


def test_a_zone_without_summer_time_moves_by_the_mean_of_both_halves_of_the_year() -> None:
    """UTC is one hour behind Berlin in winter and two in summer: half of it is an hour later, half two hours."""
    week = moved((10.0, *(0.0,) * 167), "UTC", "Europe/Berlin")
    assert (week[0], week[1], week[2]) == (0.0, 5.0, 5.0)


def test_a_zone_with_half_hours_divides_an_hour_over_two() -> None:
    """India is five and a half hours ahead of UTC, all year."""
    week = moved((10.0, *(0.0,) * 167), "UTC", "Asia/Kolkata")
    assert (week[5], week[6]) == (5.0, 5.0)


@given(
    st.lists(st.floats(0, 1e6), min_size=168, max_size=168),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham"]),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Sydney", "Asia/Kathmandu"]),
)
def test_moving_a_week_loses_nothing(hourly: list[float], zone: str, to: str) -> None:
    """All requests are still there, none is negative, and a zone moved to itself stays as it is."""
    week = moved(tuple(hourly), zone, to)
    assert sum(week) == pytest.approx(sum(hourly))
    assert min(week) >= 0
    assert moved(tuple(hourly), zone, zone) == tuple(hourly)


def test_starts_are_those_of_the_load_and_of_waking_up() -> None:
    """One replica that wakes up five times a week, and two more in one of its hours: seven starts."""
    week = _week(awake=_awake(OFFICE), requests=tuple(3.0 if hour == 10 else 1.0 for hour in range(168)))
    runs = running(week, lambda rate: rate)
    assert runs is not None
    assert runs.starts_per_month == pytest.approx(7 * 730 / 168)
    assert constant(week, 1).starts_per_month == pytest.approx(5 * 730 / 168)
    assert constant(_week(), 3).starts_per_month == 0.0
    assert (runs.mean_awake, constant(week, 4).mean_awake) == (pytest.approx(62 / 60), 4.0)


def test_a_service_that_never_wakes_runs_nothing() -> None:
    """No hour is awake, and nothing is divided by none of them."""
    asleep = constant(_week(awake=(0.0,) * 168), 3)
    assert (asleep.mean_awake, asleep.mean_of(float), asleep.starts_per_month) == (0.0, 0.0, 0.0)


counts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1)), min_size=168, max_size=168)


@given(counts)
def test_more_replicas_in_each_hour_never_have_a_smaller_mean(hours: list[tuple[int, int, float]]) -> None:
    """Not even by the noise of a sum: a floor would be above its expectation."""
    awake = tuple(share for _, _, share in hours)
    few = running(_week(awake=awake, requests=tuple(float(count) for count, _, _ in hours)), float)
    many = running(_week(awake=awake, requests=tuple(float(count + more) for count, more, _ in hours)), float)
    assert few is not None
    assert many is not None
    assert few.mean_of(float) <= many.mean_of(float)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.25, 1.0])), min_size=168, max_size=168))
def test_sums_over_a_week_are_those_of_its_hours(hours: list[tuple[int, float]]) -> None:
    """What runs, what starts, and what is paid for after it has ended, against a walk through the hours."""
    awake, counts = tuple(share for _, share in hours), tuple(float(count) for count, _ in hours)
    runs = running(_week(awake=awake, requests=counts), float)
    assert runs is not None
    on = [count if share else 0.0 for count, share in zip(counts, awake, strict=True)]
    steps = [now - on[hour - 1] for hour, now in enumerate(on)]
    assert runs.replicas == tuple(count * share for count, share in zip(counts, awake, strict=True))
    assert runs.mean_of(lambda count: 2 * count) == pytest.approx(sum(runs.replicas) * 2 / 168)
    assert runs.starts_per_month == pytest.approx(sum(step for step in steps if step > 0) * 730 / 168)
    late = [-step * (0.25 if awake[hour] else 0.1) for hour, step in enumerate(steps) if step < 0]
    assert runs.mean_after(float, 0.25, 0.1) == pytest.approx(sum(late) / 168, abs=1e-9)
    flat = constant(_week(awake=awake), 3)
    opened = [hour for hour in range(168) if awake[hour] and not awake[hour - 1]]
    assert flat.mean_after(float, 0.25, 0.1) == pytest.approx(len(opened) * 3 * 0.1 / 168, abs=1e-9)
    assert flat.starts_per_month == pytest.approx(len(opened) * 3 * 730 / 168)


def test_the_canonical_form_joins_hours_that_are_alike(llama: dict[str, Any], plan: Planner) -> None:
    """All hours are there, in order; a flat week is one run."""
    flat = plan_dict(plan(llama))["week"]
    assert flat == {
        "runs": [{"awake": 1.0, "hours": 168, "replicas": 2.0, "requests_per_hour": 1200.0}],
        "zone": "UTC",
    }
    runs = plan_dict(plan(llama, WINDOWS))["week"]["runs"]
    assert [run["hours"] for run in runs] == [8, 12, 12, 12, 12, 12, 12, 12, 12, 12, 52]
    assert [run["requests_per_hour"] for run in runs[:2]] == [200.0, 3000.0]
    assert plan_dict(plan(llama, {"load": None}))["week"]["runs"][0]["requests_per_hour"] is None


def test_the_mean_has_no_noise() -> None:
    """A tenth of 168 hours, summed, is a tenth again."""
    assert mean([0.1] * 168) == 0.1
    assert replace(_week(), awake=(0.1,) * 168).awake_share == 0.1
