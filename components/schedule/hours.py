"""When is a service to be awake? Windows, a time zone and holidays, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.schedule.errors import ScheduleError
from components.schedule.windows import ALWAYS, NEVER, read_windows, spelled
from components.schedule.zones import UTC, check_zone

if TYPE_CHECKING:
    from components.schedule.holidays import Holiday
    from components.schedule.windows import Window

_LONGEST_TAG = 256
"""Characters that the value of an AWS tag holds (EC2 user guide, "Tag restrictions", 2026-11)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Windows of a local week, the zone they are in, and the local days on which no window starts.

    `str()` is the canonical text of windows and zone: it parses to the same windows and is legal as an AWS tag value.
    """

    windows: tuple[Window, ...]
    zone: str
    holidays: tuple[Holiday, ...] = ()

    def __str__(self) -> str:
        text = spelled(self.windows)
        return text if text in (ALWAYS, NEVER) and self.zone == UTC else f"{text} {self.zone}"


def parse_hours(text: str, holidays: tuple[Holiday, ...] = ()) -> Schedule:
    """Return the schedule that a text means; `ScheduleError` says what is wrong where.

    `always` and `never` are taken without a zone, and are in UTC then.

    >>> str(parse_hours("mon,wed,fri 08:00-12:00 + Mon 12:00-20:00 Europe/Berlin"))
    'Mon 08:00-20:00 + Wed/Fri 08:00-12:00 Europe/Berlin'
    """
    windows, zones = read_windows(text)
    named = {check_zone(place, zone) for place, zone in zones}
    if len(named) > 1:
        place, zone = next(pair for pair in zones if pair[1] != zones[0][1])
        raise ScheduleError(
            place, zone, f"is a second time zone beside {zones[0][1]}", "name one: a service has one local time"
        )
    if not named and text.strip().lower() not in (ALWAYS, NEVER):
        raise ScheduleError("", "", "has no time zone", "write one at the end, as Europe/Berlin or UTC")
    schedule = Schedule(windows, named.pop() if named else UTC, holidays)
    length = len(str(schedule))
    if length > _LONGEST_TAG:
        raise ScheduleError(
            "", "", f"has {length} characters, and a tag holds {_LONGEST_TAG}", "use fewer or more equal windows"
        )
    return schedule
