"""What is legal in a schedule, and probably not meant?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from components.schedule.clock import changes
from components.schedule.week import stretches
from components.schedule.windows import ALWAYS, DAY_MINUTES, DAYS, Window, clock_time, spelled, spelled_days

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from components.schedule.clock import Change
    from components.schedule.hours import Schedule

_CLOCK_CHANGE_MINUTES = range(30, 211)
"""00:30 to 03:30, where most zones change their clocks."""
_LOOK_AHEAD_DAYS = 730
_WEEK_MINUTES = DAY_MINUTES * len(DAYS)

Rule = Literal["clock-change", "short-window", "short-sleep", "offset-zone", "utc-holidays", "past-holidays"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is probably not meant, with what to do; `rule` names its kind for programs."""

    level: Literal["warning", "info"]
    rule: Rule
    text: str


def lint(schedule: Schedule, *, today: date, start_seconds: int | None = None) -> tuple[Finding, ...]:
    """Return the findings of a schedule, warnings first.

    `start_seconds` is how long the service takes from asleep to serving; None when it is not known.
    """
    found = [
        *_at_clock_changes(schedule, today),
        *(_too_short(schedule, start_seconds) if start_seconds else ()),
        *_of_the_zone(schedule),
        *_past_holidays(schedule, today),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level != "warning"))


def _at_clock_changes(schedule: Schedule, today: date) -> Iterator[Finding]:
    start = datetime.combine(today, time(), UTC)
    coming = changes(ZoneInfo(schedule.zone), start, _LOOK_AHEAD_DAYS)
    if not coming:
        return
    for (minute, opens), group in groupby(sorted(_week_edges(schedule)), key=lambda edge: edge[:2]):
        days = {day for *_, day in group}
        what = f"{'opens' if opens else 'closes'} {spelled_days(days)} {clock_time(minute)}"
        met = next((change for change in coming if _meets(change, days, minute, opens=opens)), None)
        if met:
            yield Finding(
                "warning",
                "clock-change",
                f"{what}, a time that {schedule.zone} {'skips' if met.skips else 'repeats'} on {met.first.date()}: "
                f"{_consequence(met, opens=opens)}; choose a time outside {met.first:%H:%M}-{met.last:%H:%M}",
            )
        elif minute in _CLOCK_CHANGE_MINUTES:
            yield Finding(
                "info",
                "clock-change",
                f"{what}, between 00:30 and 03:30, where clocks are changed; no change of {schedule.zone} falls on "
                f"it until {(today + timedelta(days=_LOOK_AHEAD_DAYS)).year}",
            )


def _week_edges(schedule: Schedule) -> Iterator[tuple[int, bool, int]]:
    """Yield minute of the day, whether it opens, and day for each edge of the week."""
    for first, last in stretches(schedule.windows):
        yield first % DAY_MINUTES, True, first // DAY_MINUTES
        yield last % DAY_MINUTES, False, last % _WEEK_MINUTES // DAY_MINUTES


def _meets(change: Change, days: set[int], minute: int, *, opens: bool) -> bool:
    """Return whether an edge on one of the days falls among the times that a change skips or repeats."""
    day = datetime.combine(change.first.date(), time())
    at = [day + timedelta(days=step, minutes=minute) for step in range((change.last.date() - day.date()).days + 1)]
    # At the first of the times nothing odd happens, but that an opening may skip its whole window.
    first = change.first if change.skips and opens else change.first + timedelta(minutes=1)
    return any(first <= wall < change.last and wall.weekday() in days for wall in at)


def _consequence(change: Change, *, opens: bool) -> str:
    if change.skips:
        return "it happens when the clock jumps"
    return "it happens the first time" if opens else "it happens the second time"


def _too_short(schedule: Schedule, start_seconds: int) -> Iterator[Finding]:
    takes = f"a start takes about {_minutes(start_seconds)}"
    open_for = _short(schedule, start_seconds, awake=True)
    if open_for:
        yield Finding("warning", "short-window", f"{open_for} closes before the model serves: {takes}; make it longer")
    asleep_for = _short(schedule, start_seconds, awake=False)
    if asleep_for:
        yield Finding("info", "short-sleep", f"asleep {asleep_for} only, and {takes}: join the windows")


def _short(schedule: Schedule, start_seconds: int, *, awake: bool) -> str:
    """Return the stretches that are shorter than a start, spelled as windows; "" when there are none."""
    short = [
        Window(first // DAY_MINUTES, first % DAY_MINUTES, first % DAY_MINUTES + last - first)
        for first, last in stretches(schedule.windows, awake=awake)
        if (last - first) * 60 < min(start_seconds, DAY_MINUTES * 60)
    ]
    return spelled(tuple(short)) if short else ""


def _of_the_zone(schedule: Schedule) -> Iterator[Finding]:
    if schedule.zone.startswith("Etc/GMT") and schedule.zone[-1] not in "T0":
        opposite = schedule.zone.replace("Etc/GMT", "UTC").translate(str.maketrans("+-", "-+"))
        yield Finding(
            "warning",
            "offset-zone",
            f"{schedule.zone} is {opposite}, the sign is turned round, and it has no summer time: name a place",
        )
    if schedule.holidays and str(schedule) == ALWAYS:
        yield Finding("info", "utc-holidays", "holidays are days of UTC: write always and a time zone for local days")


def _past_holidays(schedule: Schedule, today: date) -> Iterator[Finding]:
    if schedule.holidays and max(holiday.last for holiday in schedule.holidays) < today:
        yield Finding("warning", "past-holidays", f"every holiday is before {today}: add those that come")


def _minutes(seconds: int) -> str:
    """Return a length of time in minutes, rounded up.

    >>> _minutes(522)
    '9m'
    """
    return f"{-(-seconds // 60)}m"
