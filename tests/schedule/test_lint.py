"""What is legal in a schedule, and probably not meant."""

from __future__ import annotations

from datetime import date

import pytest

from components.schedule import lint, parse_holidays, parse_hours

TODAY = date(2026, 11, 21)
START_SECONDS = 522


def found(hours: str, *holidays: str) -> list[tuple[str, str, str]]:
    schedule = parse_hours(hours, parse_holidays(holidays))
    return [(one.level, one.rule, one.text) for one in lint(schedule, today=TODAY, start_seconds=START_SECONDS)]


@pytest.mark.parametrize(
    "hours",
    [
        "Mon-Fri 08:00-20:00 Europe/Berlin",
        "Mon-Fri 08:00-20:00 + Sat 10:00-14:00 Australia/Lord_Howe",
        "Daily 22:00-02:30 Asia/Kolkata",
        "Daily 02:00-03:00 UTC",
        "always",
        "never",
        "always Europe/Berlin",
    ],
)
def test_an_ordinary_schedule_has_no_finding(hours: str) -> None:
    """Windows of the day, and any window where no clock is changed."""
    assert found(hours) == []


def test_an_opening_that_the_clock_skips_is_a_warning() -> None:
    """With the next date on which it happens."""
    assert found("Sun 02:30-06:00 Europe/Berlin") == [
        (
            "warning",
            "clock-change",
            (
                "opens Sun 02:30, a time that Europe/Berlin skips on 2027-03-28: it happens when the clock jumps; "
                "choose a time outside 02:00-03:00"
            ),
        )
    ]


def test_a_closing_that_the_clock_repeats_is_a_warning() -> None:
    """Which costs as much as the clock goes back; Lord Howe repeats half an hour."""
    assert found("Sun 00:15-01:45 Australia/Lord_Howe") == [
        (
            "warning",
            "clock-change",
            (
                "closes Sun 01:45, a time that Australia/Lord_Howe repeats on 2027-04-04: it happens the second time; "
                "choose a time outside 01:30-02:00"
            ),
        )
    ]


def test_an_opening_at_the_start_of_a_skipped_hour_is_a_warning() -> None:
    """Cairo skips the first hour of a Friday, and a window of that hour with it."""
    levels = [(level, text) for level, _, text in found("Fri 00:00-01:00 Africa/Cairo")]
    assert levels[0] == (
        "warning",
        (
            "opens Fri 00:00, a time that Africa/Cairo skips on 2027-04-30: it happens when the clock jumps; "
            "choose a time outside 00:00-01:00"
        ),
    )
    assert [level for level, _ in levels] == ["warning", "info"]


def test_an_edge_in_the_night_that_meets_no_change_is_only_said() -> None:
    """Berlin changes its clocks on Sundays."""
    assert found("Fri 22:00-02:00 Europe/Berlin") == [
        (
            "info",
            "clock-change",
            (
                "closes Sat 02:00, between 00:30 and 03:30, where clocks are changed; no change of Europe/Berlin "
                "falls on it until 2028"
            ),
        )
    ]


@pytest.mark.parametrize("hours", ["Sun 00:00-02:00 Europe/Berlin", "Sun 03:00-08:00 Europe/Berlin"])
def test_an_edge_where_the_skipped_hour_starts_or_ends_is_only_said(hours: str) -> None:
    """A window that ends as the clock jumps, or starts after it, is as long as ever."""
    assert [level for level, *_ in found(hours)] == ["info"]


@pytest.mark.parametrize(("minute", "findings"), [("00:29", 0), ("00:30", 1), ("03:30", 1), ("03:31", 0)])
def test_the_night_is_from_half_past_midnight_to_half_past_three(minute: str, findings: int) -> None:
    """Both ends belong to it."""
    assert len(found(f"Tue {minute}-08:00 Europe/Berlin")) == findings


def test_windows_that_touch_over_midnight_have_no_edge_to_warn_of() -> None:
    """What is merged is one stretch."""
    assert found("Sat 20:00-24:00 + Sun 00:00-08:00 America/Santiago") == []


def test_a_window_shorter_than_a_start_is_a_warning() -> None:
    """It closes before the model serves; the days are joined."""
    assert found("Mon-Fri 08:00-08:08 + Sat 08:00-09:00 UTC") == [
        (
            "warning",
            "short-window",
            "Mon-Fri 08:00-08:08 closes before the model serves: a start takes about 9m; make it longer",
        )
    ]


def test_a_pause_shorter_than_a_start_is_said() -> None:
    """Stopping and starting again takes longer than the pause."""
    assert found("Mon 08:00-12:00 + Mon 12:05-16:00 UTC") == [
        ("info", "short-sleep", "asleep Mon 12:00-12:05 only, and a start takes about 9m: join the windows")
    ]


def test_without_a_known_start_no_length_is_judged() -> None:
    """What is not known is not guessed."""
    assert lint(parse_hours("Mon 08:00-08:01 UTC"), today=TODAY) == ()


def test_the_turned_sign_of_an_offset_is_a_warning() -> None:
    """Etc/GMT+3 is west of Greenwich."""
    assert found("Mon 08:00-20:00 Etc/GMT+3") == [
        (
            "warning",
            "offset-zone",
            "Etc/GMT+3 is UTC-3, the sign is turned round, and it has no summer time: name a place",
        )
    ]


def test_holidays_that_are_over_are_a_warning() -> None:
    """Somebody forgot those of the new year."""
    assert found("Mon-Fri 08:00-20:00 Europe/Berlin", "2025-12-25..2025-12-26", "2026-05-01") == [
        ("warning", "past-holidays", "every holiday is before 2026-11-21: add those that come")
    ]
    assert found("Mon-Fri 08:00-20:00 Europe/Berlin", "2026-05-01", "2026-11-21") == []


def test_holidays_of_always_are_days_of_utc() -> None:
    """Unless a zone is written behind it."""
    assert found("always", "2026-12-25") == [
        ("info", "utc-holidays", "holidays are days of UTC: write always and a time zone for local days")
    ]
    assert found("always Europe/Berlin", "2026-12-25") == []
