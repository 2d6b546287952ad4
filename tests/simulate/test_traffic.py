"""When do requests come?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from components.errors import BerthError
from components.simulate.span import Span
from components.simulate.traffic import no_traffic, of_week, read_trace

BERLIN = Span.of_year(2027, "Europe/Berlin")


def test_chance_follows_the_hours_of_the_local_week_and_its_seed():
    """A request a minute is one in 63 % of the minutes; none comes where none is expected."""
    hourly = [60.0 if 24 <= hour < 48 else 0.0 for hour in range(168)]
    trace = of_week(BERLIN, hourly, "Europe/Berlin", seed=1)
    assert trace.busy == of_week(BERLIN, hourly, "Europe/Berlin", seed=1).busy
    assert trace.busy != of_week(BERLIN, hourly, "Europe/Berlin", seed=2).busy
    assert trace.minutes / (52 * 1440) == pytest.approx(0.632, abs=0.005)
    local_monday_end = datetime(2027, 1, 4, 22, 59, tzinfo=UTC)
    assert trace.first(datetime(2027, 1, 1, tzinfo=UTC), local_monday_end) is None


def test_a_week_has_168_hours():
    """Another number is a mistake of the caller."""
    with pytest.raises(ValueError, match=r"^24 hours are not a week$"):
        of_week(BERLIN, [1.0] * 24, "UTC", seed=1)


def test_a_file_of_requests(tmp_path):
    """Zeros, and minutes of another year, are no requests."""
    file = tmp_path / "trace.csv"
    file.write_text("minute,requests\n2027-01-04T08:00+01:00,12\n2027-01-04T08:01+01:00,0\n2026-01-04T08:00Z,3\n")
    trace = read_trace(file, BERLIN)
    assert trace.minutes == 1
    assert trace.first(BERLIN.start, BERLIN.end) == datetime(2027, 1, 4, 7, 0, tzinfo=UTC)
    assert trace.last(BERLIN.start, BERLIN.end) == datetime(2027, 1, 4, 7, 1, tzinfo=UTC)
    assert trace.last(BERLIN.start, datetime(2027, 1, 4, 7, 0, tzinfo=UTC)) is None
    assert no_traffic(BERLIN).first(BERLIN.start, BERLIN.end) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "line 1: has not the columns minute, requests; write them as its first line"),
        (
            "minute,requests\n8 o'clock,1\n",
            "line 2: is not a minute and a number of requests; write it as 2027-01-04T08:00+01:00,12",
        ),
        ("minute,requests\n2027-01-04T08:00,1\n", "line 2: 2027-01-04T08:00 has no offset; write one, as +01:00 or Z"),
    ],
)
def test_a_wrong_file_is_said_with_its_line(tmp_path, text, said):
    """And what to write."""
    file = tmp_path / "trace.csv"
    file.write_text(text)
    with pytest.raises(BerthError) as error:
        read_trace(file, BERLIN)
    assert str(error.value) == f"{file}: {said}"


def test_a_file_that_is_not_there(tmp_path):
    """Its path, and why."""
    with pytest.raises(BerthError, match=r"absent\.csv: cannot be read \(No such file or directory\)$"):
        read_trace(tmp_path / "absent.csv", BERLIN)
