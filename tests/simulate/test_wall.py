"""Does the clock on the wall agree with the arithmetic of edges, which it shares nothing with?"""

from __future__ import annotations

import pytest

from components.schedule import awake_between, parse_holidays, parse_hours
from components.simulate.span import Span
from components.simulate.wall import open_minutes


@pytest.mark.parametrize(
    "hours",
    [
        "Mon-Fri 08:00-20:00 Europe/Berlin",
        "Daily 22:00-02:30 Europe/Berlin",
        "Daily 01:30-02:15 + Daily 02:40-03:30 Europe/Berlin",
        "Daily 00:00-01:00 Africa/Cairo",
        "Daily 02:10-02:50 Australia/Lord_Howe",
        "Sat/Sun 00:00-24:00 + Fri 18:00-24:00 Asia/Kathmandu",
    ],
)
def test_a_year_is_the_same_both_ways(hours):
    """Gaps, folds, half hours and holidays included."""
    schedule = parse_hours(hours, parse_holidays(["2027-05-01", "2027-12-24..2027-12-31"]))
    span = Span.of_year(2027, schedule.zone)
    expected = bytearray(span.minutes)
    for since, until in awake_between(schedule, span.start, span.end):
        for minute in range(span.minute(since), span.minute(until)):
            expected[minute] = 1
    assert open_minutes(schedule, span) == expected


def test_no_schedule_is_always_open():
    """Every minute of a leap year."""
    span = Span.of_year(2028, "UTC")
    assert open_minutes(None, span).count(1) == 366 * 1440
