"""Group `schedule`: hours, holidays and start, and how a mistake in them reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.spec import ServiceSpec

    Read = Callable[[dict[str, Any]], ServiceSpec]
    Problems = Callable[..., list[str]]

HOURS = "Mon-Fri 08:00-20:00 Europe/Berlin"


def test_a_service_without_a_schedule_has_none(base: dict[str, Any], read: Read) -> None:
    """Omitted means always awake, and nothing is invented."""
    assert read(base).schedule is None


def test_hours_are_kept_in_their_one_spelling(base: dict[str, Any], read: Read) -> None:
    """The dump of a spec, which stacks register, has canonical texts and reads back to the same spec."""
    given = {"hours": "mon,tue 08:00-20:00 Europe/Berlin", "holidays": ["2026-12-24..2027-01-01", "2026-05-01"]}
    spec = read({**base, "schedule": given})
    assert spec.schedule is not None
    dumped = spec.schedule.model_dump(mode="json")
    assert dumped == {
        "hours": "Mon-Tue 08:00-20:00 Europe/Berlin",
        "holidays": ["2026-12-24..2027-01-01", "2026-05-01"],
        "start": "auto",
        "wake": "within_hours",
        "override_max": "12h",
        "notify_before": "10m",
    }
    assert read({**base, "schedule": dumped}) == spec


def test_the_schedule_has_its_holidays_in_order(base: dict[str, Any], read: Read) -> None:
    """What counts hours reads one value."""
    schedule = read({**base, "schedule": {"hours": HOURS, "holidays": ["2026-12-25", "2026-05-01"]}}).schedule
    assert schedule is not None
    assert str(schedule.awake) == HOURS
    assert [str(holiday) for holiday in schedule.awake.holidays] == ["2026-05-01", "2026-12-25"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "schedule.hours: is missing; add it"),
        ({"hours": True}, f'schedule.hours: true is not a text; write windows, as "{HOURS}", or always, or never'),
        ({"hours": ""}, 'schedule.hours: is not a text with windows; write it as "Mon-Fri 08:00-20:00"'),
        (
            {"hours": "Mon-Fri 08:00-20:00"},
            ("schedule.hours: Mon-Fri 08:00-20:00 has no time zone; write one at the end, as Europe/Berlin or UTC"),
        ),
        (
            {"hours": "Mon-Fri 08:00-20:60 UTC"},
            (
                "schedule.hours: Mon-Fri 08:00-20:60 UTC is not a schedule: window 1: 20:60 is not a time of day; "
                "use 00:00 to 24:00"
            ),
        ),
        (
            {"hours": HOURS, "holidays": "2026-05-01"},
            "schedule.holidays: 2026-05-01 has the wrong type; write a list",
        ),
        (
            {"hours": HOURS, "holidays": [20260501]},
            (
                'schedule.holidays[0]: 20260501 is not a text; write a date in quotes, as "2026-05-01", or a range, '
                'as "2026-12-24..2027-01-01"'
            ),
        ),
        (
            {"hours": HOURS, "holidays": ["2026-05-01", "1.5.2026"]},
            ("schedule.holidays[1]: 1.5.2026 is not a date; write it as 2026-12-24, or 2026-12-24..2027-01-01"),
        ),
        (
            {"hours": HOURS, "holidays": ["2026-12-24..2026-02-30"]},
            (
                "schedule.holidays[0]: 2026-12-24..2026-02-30 has 2026-02-30, which is not a day of the calendar; "
                "correct year, month or day"
            ),
        ),
        (
            {"hours": HOURS, "holidays": ["2026-12-24..2027-01-01", "2026-12-31"]},
            (
                "schedule.holidays: is wrong at [1]: 2026-12-31 has days of 2026-12-24..2027-01-01 too; "
                "name each day once"
            ),
        ),
        (
            {"hours": HOURS, "override_max": "10m"},
            (
                "schedule.override_max: 10m is not between 15m and 14d; use a time in which somebody looks at it "
                "again, as 12h"
            ),
        ),
        (
            {"hours": HOURS, "notify_before": "5m"},
            (
                "schedule.notify_before: 5m is neither 0s nor between 10m and 24h; use 10m or more, as the keeper "
                "looks every ten minutes, or 0s for no notice"
            ),
        ),
        (
            {"hours": HOURS, "wake": "any_time"},
            (
                "schedule.wake: any_time needs group idle: what a request wakes outside the hours, nothing would stop; "
                "add idle: {after: 30m}, or use within_hours"
            ),
        ),
        ({"hours": HOURS, "start": "atuo"}, "schedule.start: atuo is not allowed; did you mean auto?"),
        ({"hours": HOURS, "hour": 1}, "schedule.hour: is an unknown field; did you mean hours?"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_fix(
    base: dict[str, Any], problems: Problems, change: dict[str, Any], message: str
) -> None:
    """The whole line that a user reads."""
    assert problems({**base, "schedule": change}) == [f"chat.yaml: {message}"]


def test_the_schema_shows_editors_what_to_write() -> None:
    """A text with a pattern and an example."""
    from components.spec.schema import spec_schema

    group = spec_schema()["$defs"]["ScheduleSpec"]
    assert group["required"] == ["hours"]
    assert group["properties"]["hours"]["examples"] == [HOURS]
    assert group["properties"]["holidays"]["items"]["pattern"] == r"^\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?$"
