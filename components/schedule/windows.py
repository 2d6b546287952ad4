"""When in a local week are the windows? The grammar of `Mon-Fri 08:00-20:00 + Sat 10:00-14:00`, with one spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from components.schedule.errors import ScheduleError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MINUTES = 1440
ALWAYS = "always"
NEVER = "never"
_DAILY = "Daily"
_JOIN = " + "
_EXAMPLE = "Mon-Fri 08:00-20:00"
_LONG_PART = 3
_BY_LOWER = {name.lower(): number for number, name in enumerate(DAYS)}


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """An open time of one weekday, in minutes since that day's midnight; past 1440 it ends on the next day.

    It belongs to the day on which it starts. At most 24 hours long.
    """

    day: int
    """0 is Monday."""
    start_minute: int
    end_minute: int

    def __str__(self) -> str:
        return f"{DAYS[self.day]} {_times(self.start_minute, self.end_minute)}"

    @property
    def minutes(self) -> int:
        """Its length on a day without a change of the clock."""
        return self.end_minute - self.start_minute


EVERY_DAY = tuple(Window(day, 0, DAY_MINUTES) for day in range(len(DAYS)))
"""What `always` means."""


def parse_windows(text: str) -> tuple[Window, ...]:
    """Return the windows of a text that names no time zone, in order and merged; `ScheduleError` when it is refused.

    Signature: `parse_windows(text: str) -> tuple[Window, ...]`; `components.schedule.hour_shares(windows)` makes 168
    shares of it. `always` is every hour, `never` is ().

    >>> [str(window) for window in parse_windows("Sat/Sun 22:00-02:00")]
    ['Sat 22:00-02:00', 'Sun 22:00-02:00']
    """
    windows, zones = read_windows(text)
    if zones:
        raise ScheduleError("", zones[0][1], "is a time zone, and none is asked for here", "leave it out")
    return windows


def read_windows(text: str) -> tuple[tuple[Window, ...], list[tuple[str, str]]]:
    """Return the windows of a text, and the time zones in it, each with its place."""
    words = _text(text)
    if words[0].lower() in (ALWAYS, NEVER) and len(words) <= 2:  # noqa: PLR2004 - the word and a zone
        windows = EVERY_DAY if words[0].lower() == ALWAYS else ()
        return windows, [("window 1", zone) for zone in words[1:]]
    found: list[Window] = []
    zones: list[tuple[str, str]] = []
    for number, part in enumerate(re.split(r"\s+\+\s+", " ".join(words)), start=1):
        place = f"window {number}"
        tokens = part.split()
        if tokens and tokens[0].lower() in (ALWAYS, NEVER):
            raise ScheduleError(place, tokens[0], "stands beside another window", "write it alone, or leave it out")
        if len(tokens) not in (2, _LONG_PART):
            raise _no_window(place, part)
        zones += [(place, zone) for zone in tokens[2:]]
        start, end = _range(place, tokens[1])
        for day in _days(place, tokens[0]):
            window = Window(day, start, end)
            if window in found:
                raise ScheduleError(place, str(window), "is given twice", "leave one out")
            found.append(window)
    return merged(found), zones


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return the windows in order; those of one day that overlap or touch become one, if that is 24 hours or less."""
    result: list[Window] = []
    for window in sorted(windows):
        last = result[-1] if result else None
        if last and last.day == window.day and window.start_minute <= last.end_minute:
            end = max(last.end_minute, window.end_minute)
            if _can_be_written(last.start_minute, end):
                result[-1] = Window(window.day, last.start_minute, end)
                continue
        result.append(window)
    return tuple(result)


def spelled(windows: tuple[Window, ...]) -> str:
    """Return the one spelling of windows; each of its characters is legal in the value of an AWS tag.

    >>> spelled(parse_windows("Mon,Wed,Fri 08:00-12:00 + Wed 12:00-14:00"))
    'Mon/Fri 08:00-12:00 + Wed 08:00-14:00'
    """
    if not windows:
        return NEVER
    if windows == EVERY_DAY:
        return ALWAYS
    by_times = sorted(windows, key=lambda window: (window.start_minute, window.end_minute, window.day))
    parts: list[tuple[int, int, int, str]] = []
    for (start, end), group in groupby(by_times, key=lambda window: (window.start_minute, window.end_minute)):
        days = {window.day for window in group}
        parts.append((_runs(days)[0][0], start, end, f"{spelled_days(days)} {_times(start, end)}"))
    return _JOIN.join(part[-1] for part in sorted(parts))


def spelled_days(days: set[int]) -> str:
    """Return the one spelling of a set of days.

    >>> spelled_days({6, 0, 1, 3}), spelled_days(set(range(7)))
    ('Thu/Sun-Tue', 'Daily')
    """
    if len(days) == len(DAYS):
        return _DAILY
    return "/".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in _runs(days))


def clock_time(minute: int) -> str:
    """Return a minute of the day as a clock shows it.

    >>> clock_time(485), clock_time(1440)
    ('08:05', '24:00')
    """
    return f"{minute // 60:02}:{minute % 60:02}"


def _text(text: object) -> list[str]:
    if not isinstance(text, str) or not text.split():
        value = "" if isinstance(text, str) else repr(text)
        raise ScheduleError("", value, "is not a text with windows", f'write it as "{_EXAMPLE}"')
    return text.split()


def _no_window(place: str, part: str) -> ScheduleError:
    if not part:
        return ScheduleError(place, "", "is empty", "write a window on each side of +")
    if re.search(r"\d,", part):
        return ScheduleError(place, part, "has a comma after its times", f'join windows by "{_JOIN}"')
    return ScheduleError(place, part, "is not days and times", f"write it as {_EXAMPLE}, without other spaces")


def _range(place: str, token: str) -> tuple[int, int]:
    if token.endswith(",") or re.search(r"\d[+,]", token):
        raise ScheduleError(place, token, "has another window behind it", f'join windows by "{_JOIN}"')
    first, dash, last = token.partition("-")
    if not dash:
        raise ScheduleError(place, token, "is not a range of times", "write start and end, as 08:00-20:00")
    start, end = _minute(place, first), _minute(place, last)
    if start == DAY_MINUTES:
        raise ScheduleError(place, token, "starts when the day is over", "write 00:00 and the next day")
    if start == end:
        raise ScheduleError(place, token, "has no length", "write 00:00-24:00 for a whole day")
    return start, end if end > start else end + DAY_MINUTES


def _minute(place: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{2}:[0-9]{2}", text):
        raise ScheduleError(place, text or "-", "is not a time", "write two digits for hour and minute, as 08:00")
    hour, minute = int(text[:2]), int(text[3:])
    if minute > 59 or hour * 60 + minute > DAY_MINUTES:  # noqa: PLR2004 - minutes of an hour
        raise ScheduleError(place, text, "is not a time of day", "use 00:00 to 24:00")
    return hour * 60 + minute


def _days(place: str, token: str) -> list[int]:
    if token.lower() == _DAILY.lower():
        return list(range(len(DAYS)))
    days: list[int] = []
    for item in re.split(r"[/,]", token):
        first, dash, last = item.partition("-")
        start = _day(place, first)
        length = (_day(place, last) - start) % len(DAYS) + 1 if dash else 1
        if dash and length == 1:
            raise ScheduleError(place, item, "is a range of one day", f"write {DAYS[start]}, or Daily for all seven")
        for day in ((start + step) % len(DAYS) for step in range(length)):
            if day in days:
                raise ScheduleError(place, token, f"names {DAYS[day]} twice", "name each day once")
            days.append(day)
    return days


def _day(place: str, name: str) -> int:
    day = _BY_LOWER.get(name.lower())
    if day is None:
        near = nearest(name, DAYS)
        fix = f"did you mean {near}?" if near else f"use {', '.join(DAYS)}, a range as Mon-Fri, or Daily"
        raise ScheduleError(place, name or "-", "is not a day", fix)
    return day


def _can_be_written(start: int, end: int) -> bool:
    return end - start < DAY_MINUTES or (start, end) == (0, DAY_MINUTES)


def _runs(days: set[int]) -> list[list[int]]:
    """Return days that follow each other, over the end of the week too, in the order of their first day."""
    if len(days) == len(DAYS):
        return [list(range(len(DAYS)))]
    runs: list[list[int]] = []
    for first in sorted(day for day in days if (day - 1) % len(DAYS) not in days):
        runs.append([first])
        while (runs[-1][-1] + 1) % len(DAYS) in days:
            runs[-1].append((runs[-1][-1] + 1) % len(DAYS))
    return runs


def _times(start: int, end: int) -> str:
    # Midnight is written as the end of the day that the window started on.
    return f"{clock_time(start)}-{clock_time(end if end <= DAY_MINUTES else end - DAY_MINUTES)}"
