"""When is a service to be awake? A grammar of windows in local time, and its arithmetic; standard library only.

`parse_windows(text) -> tuple[Window, ...]` reads windows without a zone, `hour_shares(windows)` makes 168 shares of
them; `parse_hours(text) -> Schedule` reads windows with their zone, `awake_share(schedule)` makes the shares.
"""

from __future__ import annotations

from components.schedule.edges import Edge, awake_at, awake_between, checked_instant, edges, hours_per_year, year_hours
from components.schedule.errors import ScheduleError
from components.schedule.holidays import Holiday, parse_holiday, parse_holidays
from components.schedule.hours import Schedule, parse_hours
from components.schedule.lint import Finding, lint
from components.schedule.strip import week_strip
from components.schedule.week import HOURS_PER_WEEK, awake_share, hour_shares, hours_per_month, hours_per_week
from components.schedule.windows import Window, parse_windows

__all__ = [
    "HOURS_PER_WEEK",
    "Edge",
    "Finding",
    "Holiday",
    "Schedule",
    "ScheduleError",
    "Window",
    "awake_at",
    "awake_between",
    "awake_share",
    "checked_instant",
    "edges",
    "hour_shares",
    "hours_per_month",
    "hours_per_week",
    "hours_per_year",
    "lint",
    "parse_holiday",
    "parse_holidays",
    "parse_hours",
    "parse_windows",
    "week_strip",
    "year_hours",
]
