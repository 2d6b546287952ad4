"""Holidays: local dates and ranges of them."""

from __future__ import annotations

from datetime import date

import pytest

from components.schedule import ScheduleError, parse_holidays


def test_dates_and_ranges_are_put_in_order() -> None:
    """Both ends of a range belong to it."""
    first, second = parse_holidays(["2026-12-24..2027-01-01", "2026-05-01"])
    assert (str(first), str(second)) == ("2026-05-01", "2026-12-24..2027-01-01")
    assert date(2027, 1, 1) in second
    assert date(2027, 1, 2) not in second


def test_a_range_of_one_day_is_that_day() -> None:
    """It has one spelling."""
    assert str(parse_holidays(["2026-05-01..2026-05-01"])[0]) == "2026-05-01"


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["1.5.2026"], "[0]: 1.5.2026 is not a date; write it as 2026-12-24, or 2026-12-24..2027-01-01"),
        (["20260501"], "[0]: 20260501 is not a date; write it as 2026-12-24, or 2026-12-24..2027-01-01"),
        ([""], '[0]: "" is not a date; write it as 2026-12-24, or 2026-12-24..2027-01-01'),
        (["2026-05-01.."], '[0]: "" is not a date; write it as 2026-12-24, or 2026-12-24..2027-01-01'),
        (["2026-02-29"], "[0]: 2026-02-29 is not a day of the calendar; correct year, month or day"),
        (
            ["2026-05-02..2026-05-01"],
            "[0]: 2026-05-02..2026-05-01 ends before it starts; write 2026-05-01..2026-05-02",
        ),
        (
            ["2026-01-01..2027-12-31"],
            "[0]: 2026-01-01..2027-12-31 is longer than a year; write hours: never for a service that is put away",
        ),
        (["2026-05-01", "2026-05-01"], "[1]: 2026-05-01 has days of 2026-05-01 too; name each day once"),
        (
            ["2026-12-24..2027-01-01", "2026-12-31"],
            "[1]: 2026-12-31 has days of 2026-12-24..2027-01-01 too; name each day once",
        ),
    ],
)
def test_a_refusal_names_the_entry(texts: list[str], message: str) -> None:
    """Place in the list, value, and the fix."""
    with pytest.raises(ScheduleError) as error:
        parse_holidays(texts)
    assert str(error.value) == message
