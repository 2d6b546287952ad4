"""The hours of a service as AWS' schedules have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.keeper.cron import edge_times
from components.schedule import Schedule, edges, parse_holidays, parse_hours
from components.schedule.windows import Window

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def crons(hours, *holidays):
    return [edge.cron for edge in edge_times(parse_hours(hours, parse_holidays(list(holidays))))]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("Mon-Fri 08:00-20:00 Europe/Berlin", ["cron(0 8 ? * MON-FRI *)", "cron(0 20 ? * MON-FRI *)"]),
        ("Mon-Fri 08:00-24:00 Europe/Berlin", ["cron(0 0 ? * TUE-SAT *)", "cron(0 8 ? * MON-FRI *)"]),
        ("Fri 22:00-06:00 Europe/Berlin", ["cron(0 6 ? * SAT *)", "cron(0 22 ? * FRI *)"]),
        ("Sun 22:00-06:30 Asia/Kolkata", ["cron(30 6 ? * MON *)", "cron(0 22 ? * SUN *)"]),
        ("Fri-Sun 09:05-17:00 UTC", ["cron(5 9 ? * FRI,SAT,SUN *)", "cron(0 17 ? * FRI,SAT,SUN *)"]),
        ("Sat-Mon 09:00-10:00 UTC", ["cron(0 9 ? * MON,SAT,SUN *)", "cron(0 10 ? * MON,SAT,SUN *)"]),
        ("Daily 06:00-12:00 UTC", ["cron(0 6 ? * * *)", "cron(0 12 ? * * *)"]),
        ("Mon 20:00-24:00 + Tue 00:00-04:00 UTC", ["cron(0 4 ? * TUE *)", "cron(0 20 ? * MON *)"]),
        (
            "Mon/Wed 08:00-12:00 + Tue 12:00-14:00 UTC",
            ["cron(0 8 ? * MON,WED *)", "cron(0 12 ? * MON-WED *)", "cron(0 14 ? * TUE *)"],
        ),
        ("always", []),
        ("never", []),
    ],
)
def test_hours_have_these_edges(hours, expected):
    """One expression for each time of day, days by name; windows that touch have no edge between them."""
    assert crons(hours) == expected


def test_without_hours_there_is_no_edge():
    """Such a service is always awake."""
    assert edge_times(None) == ()


def test_a_holiday_makes_an_edge_where_windows_touch():
    """The hours close at the midnight before it, and open at the one after it."""
    assert crons("Mon 20:00-24:00 + Tue 00:00-04:00 UTC", "2026-12-01") == [
        "cron(0 0 ? * TUE *)",
        "cron(0 4 ? * TUE *)",
        "cron(0 20 ? * MON *)",
    ]
    assert crons("always", "2026-12-01") == ["cron(0 0 ? * * *)"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)),
        min_size=1,
        max_size=4,
    )
)
def test_every_edge_of_a_week_is_at_one_of_the_times_and_no_time_is_without(parts):
    """Against the schedule's own arithmetic, in a zone whose clock never changes."""
    windows = tuple(sorted({Window(day, start, start + length) for day, start, length in parts}))
    schedule = Schedule(windows, "UTC")
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    found = set()
    for edge in edges(schedule, monday - timedelta(seconds=1)):
        if edge.at >= monday + timedelta(days=7):
            break
        found.add((edge.at.weekday(), edge.at.hour * 60 + edge.at.minute))
    assert {(day, edge.minute) for edge in edge_times(schedule) for day in edge.days} == found


def test_days_are_never_a_range_over_the_end_of_the_week():
    """AWS' week starts on Sunday: a range that ends there would run backwards."""
    for first in range(7):
        for last in range(first + 1, 7):
            [text, _] = crons(f"{DAYS[first].title()}-{DAYS[last].title()} 08:00-09:00 UTC")
            named = text.split()[4]
            assert "-SUN" not in named
            assert not named.startswith("SUN-")
