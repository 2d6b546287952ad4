"""Edges of a schedule, in UTC: through changes of the clock, holidays and midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest

from components.schedule import (
    Edge,
    ScheduleError,
    awake_at,
    awake_between,
    edges,
    hours_per_year,
    parse_holidays,
    parse_hours,
)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def listed(hours: str, start: str, end: str, holidays: tuple[str, ...] = ()) -> list[str]:
    """Edges between two instants, as `opens 07:00` with the day in UTC in front."""
    schedule = parse_hours(hours, parse_holidays(holidays))
    found = takewhile(lambda edge: edge.at < instant(end), edges(schedule, instant(start)))
    return [f"{edge.at:%d} {'opens' if edge.opens else 'closes'} {edge.at:%H:%M}" for edge in found]


def test_a_week_has_the_edges_of_its_windows() -> None:
    """Berlin is an hour before UTC in November."""
    assert listed("Mon-Fri 08:00-20:00 + Sat 10:00-14:00 Europe/Berlin", "2026-11-20T12:00Z", "2026-11-24T00:00Z") == [
        "20 closes 19:00",
        "21 opens 09:00",
        "21 closes 13:00",
        "23 opens 07:00",
        "23 closes 19:00",
    ]


def test_an_edge_at_the_instant_itself_is_over() -> None:
    """Edges are later than the instant; awake from the opening on, asleep from the closing on."""
    schedule = parse_hours("Mon 08:00-20:00 UTC")
    assert next(edges(schedule, instant("2026-11-23T08:00Z"))) == Edge(instant("2026-11-23T20:00Z"), opens=False)
    assert [
        awake_at(schedule, instant(f"2026-11-23T{time}Z")) for time in ("07:59:59", "08:00", "19:59:59", "20:00")
    ] == [
        False,
        True,
        True,
        False,
    ]


def test_windows_that_touch_over_midnight_have_no_edge_between_them() -> None:
    """From Friday evening to Sunday morning in one stretch."""
    hours = "Fri 20:00-24:00 + Sat 00:00-24:00 + Sun 00:00-06:00 UTC"
    assert listed(hours, "2026-11-20T00:00Z", "2026-11-27T00:00Z") == ["20 opens 20:00", "22 closes 06:00"]


def test_windows_of_two_days_that_overlap_are_one_stretch() -> None:
    """Friday's window still runs when Saturday's starts."""
    hours = "Fri 22:00-03:00 + Sat 02:00-05:00 UTC"
    assert listed(hours, "2026-11-20T00:00Z", "2026-11-27T00:00Z") == ["20 opens 22:00", "21 closes 05:00"]


def test_on_a_holiday_no_window_starts() -> None:
    """The window of the evening before runs to its end; that of the holiday's evening is missing."""
    assert listed("Daily 22:00-02:00 UTC", "2026-12-23T12:00Z", "2026-12-26T12:00Z", ("2026-12-24",)) == [
        "23 opens 22:00",
        "24 closes 02:00",
        "25 opens 22:00",
        "26 closes 02:00",
    ]


def test_a_holiday_is_a_local_day() -> None:
    """In Auckland, half a day before UTC, Christmas is over at 11:00 UTC."""
    assert listed("always Pacific/Auckland", "2026-12-20T00:00Z", "2027-01-01T00:00Z", ("2026-12-25",)) == [
        "24 closes 11:00",
        "25 opens 11:00",
    ]


def test_always_and_never_have_no_edges() -> None:
    """The iteration ends; nothing is waited for."""
    assert list(edges(parse_hours("always"), instant("2026-11-21T00:00Z"))) == []
    assert list(edges(parse_hours("never"), instant("2026-11-21T00:00Z"))) == []
    assert awake_at(parse_hours("always"), instant("2026-11-21T00:00Z"))
    assert not awake_at(parse_hours("never"), instant("2026-11-21T00:00Z"))


def test_the_last_edge_of_always_follows_its_last_holiday() -> None:
    """After the holidays it is open for ever."""
    schedule = parse_hours("always UTC", parse_holidays(["2026-12-25", "2027-01-01"]))
    assert [str(edge.at.date()) for edge in edges(schedule, instant("2026-11-21T00:00Z"))] == [
        "2026-12-25",
        "2026-12-26",
        "2027-01-01",
        "2027-01-02",
    ]


@pytest.mark.parametrize(
    ("hours", "day", "expected"),
    [
        # Berlin skips 02:00 to 03:00 on 2026-03-29, at 01:00 UTC.
        ("Sun 02:30-06:00 Europe/Berlin", "2026-03-29", ["29 opens 01:00", "29 closes 04:00"]),
        ("Sun 01:00-02:30 Europe/Berlin", "2026-03-29", ["29 opens 00:00", "29 closes 01:00"]),
        ("Sun 02:00-03:00 Europe/Berlin", "2026-03-29", []),
        ("Sun 01:00-02:00 Europe/Berlin", "2026-03-29", ["29 opens 00:00", "29 closes 01:00"]),
        # It repeats 02:00 to 03:00 on 2026-10-25, from 00:00 and from 01:00 UTC.
        ("Sun 02:30-06:00 Europe/Berlin", "2026-10-25", ["25 opens 00:30", "25 closes 05:00"]),
        ("Sun 01:00-02:30 Europe/Berlin", "2026-10-25", ["24 opens 23:00", "25 closes 01:30"]),
        ("Sun 02:00-03:00 Europe/Berlin", "2026-10-25", ["25 opens 00:00", "25 closes 02:00"]),
        ("Sun 02:15-02:45 Europe/Berlin", "2026-10-25", ["25 opens 00:15", "25 closes 01:45"]),
        ("Sun 01:00-02:00 Europe/Berlin", "2026-10-25", ["24 opens 23:00", "25 closes 00:00"]),
        ("Sun 03:00-04:00 Europe/Berlin", "2026-10-25", ["25 opens 02:00", "25 closes 03:00"]),
        # Lord Howe's summer time is half an hour: 02:00 to 02:30 is skipped on 2026-10-04, at 15:30 UTC on the 3rd.
        ("Sun 02:15-06:00 Australia/Lord_Howe", "2026-10-03", ["03 opens 15:30", "03 closes 19:00"]),
        # It repeats 01:30 to 02:00 on 2026-04-05: first from 14:30, then from 15:00 UTC on the 4th.
        ("Sun 01:45-06:00 Australia/Lord_Howe", "2026-04-04", ["04 opens 14:45", "04 closes 19:30"]),
        ("Sat 22:00-01:45 Australia/Lord_Howe", "2026-04-04", ["04 opens 11:00", "04 closes 15:15"]),
        # Cairo skips the first hour of 2026-04-24.
        ("Fri 00:00-08:00 Africa/Cairo", "2026-04-24", ["23 opens 22:00", "24 closes 05:00"]),
        ("Fri 00:00-01:00 Africa/Cairo", "2026-04-24", []),
        # Havana repeats the first hour of 2026-11-01: Saturday's window ends before it.
        ("Sat 20:00-24:00 America/Havana", "2026-11-01", ["01 opens 00:00", "01 closes 04:00"]),
        # Santiago is in the southern half: it skips the first hour of 2026-09-06, and repeats the last of 2026-04-04.
        ("Sun 00:30-08:00 America/Santiago", "2026-09-06", ["06 opens 04:00", "06 closes 11:00"]),
        ("Sat 08:00-23:30 America/Santiago", "2026-04-05", ["05 closes 03:30"]),
        # Offsets that are no whole hours, without any change.
        ("Mon 08:00-09:00 Asia/Kolkata", "2026-03-30", ["30 opens 02:30", "30 closes 03:30"]),
        ("Mon 08:00-09:00 Asia/Kathmandu", "2026-03-30", ["30 opens 02:15", "30 closes 03:15"]),
    ],
)
def test_a_change_of_the_clock_moves_an_edge_once(hours: str, day: str, expected: list[str]) -> None:
    """A skipped time happens at the jump; a repeated one opens the first time and closes the second."""
    noon_before = instant(f"{day}T00:00Z") - timedelta(hours=12)
    assert listed(hours, str(noon_before), str(noon_before + timedelta(hours=48))) == expected


def test_a_day_that_a_country_left_out_has_no_windows() -> None:
    """Samoa had no 2011-12-30: it went from Thursday to Saturday."""
    assert listed("Daily 08:00-20:00 Pacific/Apia", "2011-12-29T12:00Z", "2012-01-01T00:00Z") == [
        "29 opens 18:00",
        "30 closes 06:00",
        "30 opens 18:00",
        "31 closes 06:00",
        "31 opens 18:00",
    ]


def test_windows_of_the_day_keep_their_wall_time_all_year() -> None:
    """Every opening of 2026 shows 08:00 in Berlin, although UTC says 06:00 in summer and 07:00 in winter."""
    schedule = parse_hours("Mon-Fri 08:00-20:00 Europe/Berlin")
    year = takewhile(lambda edge: edge.at.year < 2027, edges(schedule, instant("2026-01-01T00:00Z")))
    opened = [edge.at for edge in year if edge.opens]
    assert {f"{at.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" for at in opened} == {"08:00"}
    assert {f"{at:%H:%M}" for at in opened} == {"06:00", "07:00"}
    assert len(opened) == 261


@pytest.mark.parametrize(
    ("hours", "year", "expected"),
    [
        ("Mon-Fri 08:00-20:00 Europe/Berlin", 2026, 3132),
        ("always Europe/Berlin", 2026, 8760),
        ("always Europe/Berlin", 2028, 8784),
        ("never", 2026, 0),
        ("Daily 00:00-01:00 Africa/Cairo", 2026, 364),
        ("Daily 02:00-03:00 Europe/Berlin", 2026, 365),
        ("always Pacific/Apia", 2011, 8736),
        ("always Australia/Lord_Howe", 2026, 8760),
    ],
)
def test_a_year_counts_its_changes_of_the_clock(hours: str, year: int, expected: float) -> None:
    """Hours of a local calendar year: a skipped hour is missing, a repeated one counts twice, Samoa lacks a day."""
    assert hours_per_year(parse_hours(hours), year) == expected


def test_a_year_counts_its_holidays() -> None:
    """From Christmas Eve to New Year's Eve 2026 there are six working days, of twelve hours each."""
    schedule = parse_hours("Mon-Fri 08:00-20:00 Europe/Berlin", parse_holidays(["2026-12-24..2027-01-01"]))
    assert hours_per_year(schedule, 2026) == 3132 - 6 * 12


def test_open_times_are_cut_to_what_is_asked() -> None:
    """From noon to noon."""
    schedule = parse_hours("Daily 08:00-20:00 UTC")
    found = awake_between(schedule, instant("2026-11-21T12:00Z"), instant("2026-11-22T12:00Z"))
    assert [(f"{since:%d %H:%M}", f"{until:%d %H:%M}") for since, until in found] == [
        ("21 12:00", "21 20:00"),
        ("22 08:00", "22 12:00"),
    ]


@pytest.mark.parametrize("ask", [awake_at, lambda schedule, at: list(islice(edges(schedule, at), 1))])
def test_an_instant_without_a_zone_is_refused(ask) -> None:
    """It would be read as the time of the machine."""
    with pytest.raises(ScheduleError) as error:
        ask(parse_hours("Mon 08:00-20:00 UTC"), datetime(2026, 11, 21))  # noqa: DTZ001
    assert str(error.value) == "2026-11-21T00:00:00 has no time zone; write one behind it, as Z or +01:00"


def test_an_instant_far_away_is_refused() -> None:
    """The calendar of Python ends in the year 9999."""
    with pytest.raises(ScheduleError) as error:
        awake_at(parse_hours("always"), datetime(9999, 12, 31, tzinfo=UTC))
    assert str(error.value) == "9999-12-31T00:00:00+00:00 is far away; use the years 1970 to 9990"


def test_an_instant_may_come_in_any_zone() -> None:
    """Noon in Tokyo is night in New York."""
    schedule = parse_hours("Daily 08:00-20:00 America/New_York")
    assert not awake_at(schedule, datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Asia/Tokyo")))
    assert awake_at(schedule, datetime(2026, 11, 20, 23, tzinfo=ZoneInfo("Asia/Tokyo")))
