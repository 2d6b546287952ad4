"""The edges of whole years are those that a clock on the wall shows, in 46 zones and for 31 schedules."""

from __future__ import annotations

import pytest

from components.schedule import Holiday, awake_between, parse_holidays, parse_hours
from tests.schedule.wall_scan import scanned, walls

ZONES = {
    # Africa: changes at midnight, and around Ramadan.
    "Africa/Cairo": 2026,
    "Africa/Casablanca": 2026,
    "Africa/Johannesburg": 2026,
    "Africa/Monrovia": 2026,
    "Africa/Juba": 2021,
    # America: southern and northern summer time, changes at midnight, zones that moved for good.
    "America/New_York": 2026,
    "America/Los_Angeles": 2027,
    "America/St_Johns": 2026,
    "America/Sao_Paulo": 2018,
    "America/Santiago": 2026,
    "America/Asuncion": 2023,
    "America/Havana": 2026,
    "America/Caracas": 2016,
    "America/Scoresbysund": 2024,
    "America/Fort_Nelson": 2015,
    "America/Argentina/Buenos_Aires": 2008,
    "America/Phoenix": 2026,
    "America/Nuuk": 2023,
    # Antarctica: summer time of two hours, and a zone that jumps by three.
    "Antarctica/Troll": 2026,
    "Antarctica/Casey": 2010,
    # Asia: halves and quarters of an hour, midnight changes, a new standard time.
    "Asia/Kolkata": 2026,
    "Asia/Kathmandu": 2026,
    "Asia/Kabul": 2026,
    "Asia/Yangon": 2026,
    "Asia/Tehran": 2021,
    "Asia/Beirut": 2026,
    "Asia/Gaza": 2026,
    "Asia/Amman": 2022,
    "Asia/Pyongyang": 2015,
    "Asia/Tokyo": 2026,
    "Atlantic/Azores": 2026,
    # Australia: half an hour of summer time.
    "Australia/Lord_Howe": 2026,
    "Australia/Adelaide": 2026,
    "Australia/Eucla": 2026,
    "Europe/Berlin": 2026,
    "Europe/London": 2027,
    "Europe/Dublin": 2026,
    "Europe/Volgograd": 2018,
    "Europe/Istanbul": 2016,
    # Pacific: quarters of an hour, and a day that was left out.
    "Pacific/Chatham": 2026,
    "Pacific/Apia": 2011,
    "Pacific/Auckland": 2026,
    "Pacific/Norfolk": 2019,
    "Pacific/Kiritimati": 2026,
    "Etc/GMT+12": 2026,
    "UTC": 2028,
}
"""A zone, and a year in which its clock does something."""

HOURS = (
    "always",
    "never",
    "Mon-Fri 08:00-20:00",
    "Mon-Fri 08:00-20:00 + Sat 10:00-14:00",
    "Daily 00:00-01:00",
    "Daily 00:00-02:00",
    "Daily 00:00-03:00",
    "Daily 00:30-02:30",
    "Daily 01:00-02:00",
    "Daily 01:30-02:15",
    "Daily 01:45-03:45",
    "Daily 02:00-02:30",
    "Daily 02:00-03:00",
    "Daily 02:15-02:45",
    "Daily 02:30-03:00",
    "Daily 02:30-03:30",
    "Daily 03:00-04:00",
    "Daily 22:00-02:00",
    "Daily 22:30-02:30",
    "Daily 23:00-24:00",
    "Daily 23:30-00:30",
    "Daily 23:45-23:30",
    "Fri 22:00-02:00",
    "Sat-Mon 20:00-02:30",
    "Sat 00:00-24:00 + Sun 00:00-02:30",
    "Sun 02:00-02:15 + Sun 02:45-03:00",
    "Sun 01:00-02:00 + Sun 02:30-04:00",
    "Thu-Sun 23:00-01:00 + Fri 00:15-00:45",
    "Mon/Wed/Fri 06:15-21:45",
    "Daily 00:00-12:00 + Daily 12:00-24:00",
    "Daily 00:00-02:00 + Daily 03:00-24:00",
)
"""All on quarters of an hour, as every offset and change of the zones above is."""
STEP = 15


@pytest.mark.parametrize(("zone", "year"), ZONES.items())
def test_a_year_of_edges_is_what_the_clock_on_the_wall_shows(zone: str, year: int) -> None:
    """Every open time of a year, and so their sum, equals that of a scan in steps of a quarter of an hour."""
    shown = walls(zone, year, STEP)
    for hours in HOURS:
        schedule = parse_hours(f"{hours} {zone}")
        assert list(awake_between(schedule, shown.start, shown.end)) == scanned(schedule, shown), hours


@pytest.mark.parametrize("zone", ["America/Havana", "Asia/Beirut", "Europe/Berlin", "Pacific/Apia"])
def test_holidays_are_what_the_calendar_on_the_wall_shows(zone: str) -> None:
    """Holidays on and beside the days on which clocks change."""
    year = ZONES[zone]
    shown = walls(zone, year, STEP)
    sundays = (f"{year}-03-29", f"{year}-10-24..{year}-10-25", f"{year}-11-01", f"{year}-12-29..{year}-12-31")
    holidays: tuple[Holiday, ...] = parse_holidays(sundays)
    for hours in ("always", "Daily 22:30-02:30", "Daily 00:00-02:00 + Sat 10:00-24:00", "Mon-Fri 08:00-20:00"):
        schedule = parse_hours(f"{hours} {zone}", holidays)
        assert list(awake_between(schedule, shown.start, shown.end)) == scanned(schedule, shown), hours


def test_a_year_of_odd_minutes_is_what_the_clock_on_the_wall_shows() -> None:
    """Minute by minute, where the windows are on no quarter of an hour."""
    shown = walls("Europe/Berlin", 2026, 1)
    schedule = parse_hours("Mon-Fri 08:07-19:59 + Sun 02:01-02:31 + Sat 23:47-02:13 Europe/Berlin")
    assert list(awake_between(schedule, shown.start, shown.end)) == scanned(schedule, shown)
