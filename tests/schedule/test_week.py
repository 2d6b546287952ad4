"""The local week in figures and as a picture."""

from __future__ import annotations

import pytest

from components.schedule import (
    awake_share,
    hour_shares,
    hours_per_month,
    hours_per_week,
    parse_hours,
    parse_windows,
    week_strip,
)
from components.schedule.week import stretches


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("Mon-Fri 08:00-20:00 Europe/Berlin", 60),
        ("Mon-Fri 08:00-20:00 + Sat 10:00-14:00 Europe/Berlin", 64),
        ("Fri 22:00-02:30 UTC", 4.5),
        ("Fri 22:00-02:00 + Sat 01:00-03:00 UTC", 5),
        ("Sun 22:00-02:00 + Mon 01:00-03:00 UTC", 5),
        ("always", 168),
        ("never", 0),
    ],
)
def test_hours_of_a_week(hours: str, expected: float) -> None:
    """Overlaps over midnight, and over the end of the week, count once."""
    assert hours_per_week(parse_hours(hours)) == expected


def test_hours_of_a_month() -> None:
    """The week's share of 730 hours: 60 of 168 are 260.7."""
    assert round(hours_per_month(parse_hours("Mon-Fri 08:00-20:00 Europe/Berlin")), 1) == 260.7
    assert hours_per_month(parse_hours("always")) == 730


def test_shares_start_on_monday_at_midnight() -> None:
    """Hour 0 is Monday 00:00, hour 167 Sunday 23:00; a window over the end of the week comes back to its start."""
    shares = awake_share(parse_hours("Mon 08:30-10:15 + Sun 23:15-00:30 UTC"))
    awake = {hour: share for hour, share in enumerate(shares) if share}
    assert awake == {0: 0.5, 8: 0.5, 9: 1.0, 10: 0.25, 167: 0.75}


def test_shares_of_windows_that_are_no_schedule() -> None:
    """The same for windows without a zone."""
    assert hour_shares(parse_windows("Tue 00:00-01:00"))[24] == 1.0


def test_stretches_of_a_week() -> None:
    """Awake and asleep ones follow each other; of a whole week there are none."""
    windows = parse_windows("Mon 00:00-01:00 + Sun 23:00-24:00")
    assert stretches(windows) == [(10020, 10140)]
    assert stretches(windows, awake=False) == [(60, 10020)]
    assert stretches(parse_windows("always")) == stretches(parse_windows("never"), awake=False) == []


def test_a_week_is_drawn_with_a_mark_for_each_hour() -> None:
    """Half hours look as they are: the first or the second half; any other part has a mark of its own."""
    assert week_strip(parse_hours("Mon 08:30-12:30 + Tue 00:00-24:00 + Wed 22:15-02:00 UTC")) == [
        "     00    06    12    18   24",
        "Mon  ········▐███▌···········",
        "Tue  ████████████████████████",
        "Wed  ······················▒█",
        "Thu  ██······················",
        "Fri  ························",
        "Sat  ························",
        "Sun  ························",
    ]
