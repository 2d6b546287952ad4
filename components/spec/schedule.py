"""Group `schedule`: the hours in which a service is awake, and who may wake it; asleep no GPU runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import field_validator

from components.schedule import Holiday, Schedule, ScheduleError, parse_holiday, parse_hours
from components.schedule.holidays import in_order
from components.spec.group import Group
from components.spec.values import Duration, HumanValue, refusal

_LONGEST_OVERRIDE_SECONDS = 14 * 86_400
_LEAST_OVERRIDE_SECONDS = 900
_LEAST_NOTICE_SECONDS = 600
_LONGEST_NOTICE_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class AwakeHours(HumanValue):
    """Windows of a local week with their time zone, as `Mon-Fri 08:00-20:00 Europe/Berlin`; or `always`, `never`."""

    PATTERN = r"^((always|never)( \S+)?|\S.*\d\d:\d\d-\d\d:\d\d.*)$"
    EXAMPLE = "Mon-Fri 08:00-20:00 Europe/Berlin"

    schedule: Schedule

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the hours that a text means.

        >>> str(AwakeHours.parse("mon,tue 08:00-20:00 Europe/Berlin"))
        'Mon-Tue 08:00-20:00 Europe/Berlin'
        """
        if not isinstance(value, str):
            raise refusal("is not a text", f'write windows, as "{cls.EXAMPLE}", or always, or never')
        try:
            return cls(parse_hours(value))
        except ScheduleError as error:
            said = f"is not a schedule: {error.reason}" if error.place else error.allowed
            raise refusal(said, error.fix) from None

    def __str__(self) -> str:
        return str(self.schedule)


@dataclass(frozen=True, slots=True)
class HolidayDays(HumanValue):
    """A local day, or a range of them, as `2026-12-24..2027-01-01`."""

    PATTERN = r"^\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?$"
    EXAMPLE = "2026-12-24..2027-01-01"

    holiday: Holiday

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the days that a text means."""
        if not isinstance(value, str):
            raise refusal("is not a text", f'write a date in quotes, as "2026-05-01", or a range, as "{cls.EXAMPLE}"')
        try:
            return cls(parse_holiday(value))
        except ScheduleError as error:
            whole = error.value in (value, '""')
            said = error.allowed if whole else f"has {error.value}, which {error.allowed}"
            raise refusal(said, error.fix) from None

    def __str__(self) -> str:
        return str(self.holiday)


class ScheduleSpec(Group):
    """The hours in which a service is awake; outside of them no GPU runs."""

    hours: AwakeHours
    """Windows of the local week, joined by ` + `, and their time zone; or `always`, or `never`. Must be given."""
    holidays: tuple[HolidayDays, ...] = ()
    """Local days on which no window starts. Omitted: none."""
    start: Literal["auto", "manual"] = "auto"
    """`manual`: a window only allows the service to be awake, somebody wakes it; at its end it is stopped all the same.
    Omitted: auto, it starts with each window."""
    wake: Literal["within_hours", "any_time", "never"] = "within_hours"
    """When a request may wake the service: in its hours alone, at any time (refused without group idle, which stops it
    again), or never. Omitted: within_hours."""
    override_max: Duration = Duration(43_200)
    """Longest that one `berth awake` keeps the service awake, 15m to 14d. Omitted: 12h."""
    notify_before: Duration = Duration(_LEAST_NOTICE_SECONDS)
    """How long before a stop people are told, 10m to 24h, or 0s for never. Omitted: 10m."""

    @field_validator("override_max")
    @classmethod
    def _is_an_override(cls, value: Duration) -> Duration:
        if not _LEAST_OVERRIDE_SECONDS <= value.seconds <= _LONGEST_OVERRIDE_SECONDS:
            raise refusal("is not between 15m and 14d", "use a time in which somebody looks at it again, as 12h")
        return value

    @field_validator("notify_before")
    @classmethod
    def _is_not_between_two_runs(cls, value: Duration) -> Duration:
        if value.seconds and not _LEAST_NOTICE_SECONDS <= value.seconds <= _LONGEST_NOTICE_SECONDS:
            raise refusal(
                "is neither 0s nor between 10m and 24h",
                "use 10m or more, as the keeper looks every ten minutes, or 0s for no notice",
            )
        return value

    @field_validator("holidays")
    @classmethod
    def _are_distinct(cls, value: tuple[HolidayDays, ...]) -> tuple[HolidayDays, ...]:
        try:
            in_order([days.holiday for days in value])
        except ScheduleError as error:
            raise refusal(f"is wrong at {error.reason}", error.fix) from None
        return value

    @property
    def awake(self) -> Schedule:
        """The hours with their holidays, as what counts them reads it."""
        hours = self.hours.schedule
        return Schedule(hours.windows, hours.zone, in_order([days.holiday for days in self.holidays]))
