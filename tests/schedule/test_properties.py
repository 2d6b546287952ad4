"""What holds for every schedule: one spelling, edges in turn, awake and asleep filling the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from components.schedule import (
    HOURS_PER_WEEK,
    Holiday,
    Schedule,
    awake_at,
    awake_between,
    awake_share,
    edges,
    hour_shares,
    hours_per_month,
    hours_per_week,
    parse_hours,
    parse_windows,
)
from components.schedule.windows import Window, merged, spelled

ZONES = ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "Asia/Beirut")
HOUR = timedelta(hours=1)


@st.composite
def _window(draw: st.DrawFn) -> Window:
    day, start = draw(st.integers(0, 6)), draw(st.integers(0, 1439))
    longest = 1440 if start == 0 else 1439
    return Window(day, start, start + draw(st.integers(1, longest)))


WINDOWS = st.lists(_window(), max_size=6).map(merged)
HOLIDAYS = st.lists(st.dates(datetime(2026, 1, 1).date(), datetime(2026, 12, 31).date()), max_size=4, unique=True)  # noqa: DTZ001
SCHEDULES = st.builds(
    lambda windows, zone, days: Schedule(windows, zone, tuple(Holiday(day, day) for day in sorted(days))),
    WINDOWS,
    st.sampled_from(ZONES),
    HOLIDAYS,
)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(WINDOWS)
def test_the_spelling_means_the_same_windows(windows: tuple[Window, ...]) -> None:
    """What is written is read back, and written the same again."""
    text = spelled(windows)
    assert parse_windows(text) == windows
    assert spelled(parse_windows(text)) == text


@given(WINDOWS.filter(lambda windows: len(spelled(windows)) < 200), st.sampled_from(ZONES))
def test_a_schedule_is_read_back_from_its_text(windows: tuple[Window, ...], zone: str) -> None:
    """With its zone; `always` and `never` too."""
    schedule = Schedule(windows, zone)
    assert parse_hours(str(schedule)) == schedule


@given(st.lists(_window(), max_size=6))
def test_merging_changes_no_minute(windows: list[Window]) -> None:
    """The same shares of the same hours, in whatever order the windows come."""
    assert hour_shares(merged(windows)) == hour_shares(windows)
    assert merged(reversed(windows)) == merged(windows) == merged(merged(windows))


@given(WINDOWS, _window())
def test_another_window_never_makes_an_hour_less_awake(windows: tuple[Window, ...], more: Window) -> None:
    """Shares are between 0 and 1, and only grow."""
    before, after = hour_shares(windows), hour_shares((*windows, more))
    assert all(0 <= less <= least <= 1 for less, least in zip(before, after, strict=True))


@given(SCHEDULES)
def test_a_week_and_a_month_are_the_sum_of_the_shares(schedule: Schedule) -> None:
    """168 shares, and 730 hours a month."""
    shares = awake_share(schedule)
    assert len(shares) == HOURS_PER_WEEK
    assert abs(sum(shares) - hours_per_week(schedule)) < 1e-9
    assert abs(hours_per_week(schedule) / 168 * 730 - hours_per_month(schedule)) < 1e-9


@given(SCHEDULES, INSTANTS)
def test_edges_come_in_order_and_in_turn(schedule: Schedule, after: datetime) -> None:
    """Strictly later each time, opening after closing; the first is a closing exactly when it is awake now."""
    found = list(islice(edges(schedule, after), 40))
    assert all(first.at < second.at and first.opens != second.opens for first, second in pairwise(found))
    assert all(edge.at > after for edge in found)
    assert all(edge.opens is not awake_at(schedule, after) for edge in found[:1])


@given(SCHEDULES, INSTANTS)
def test_a_schedule_is_awake_from_an_opening_to_the_next_closing(schedule: Schedule, after: datetime) -> None:
    """At each edge the state becomes what the edge says, and was the other just before."""
    for edge in islice(edges(schedule, after), 20):
        assert awake_at(schedule, edge.at) is edge.opens
        assert awake_at(schedule, edge.at - timedelta(microseconds=1)) is not edge.opens


@given(SCHEDULES, INSTANTS, st.integers(1, 24 * 30))
def test_awake_and_asleep_never_overlap_and_fill_the_time(schedule: Schedule, start: datetime, hours: int) -> None:
    """Open times are apart from each other; in the middle of each it is awake, between two of them asleep."""
    end = start + hours * HOUR
    awake = list(awake_between(schedule, start, end))
    bounds = [start, *(bound for pair in awake for bound in pair), end]
    assert bounds == sorted(bounds)
    assert all(since < until for since, until in awake)
    assert all(first[1] < second[0] for first, second in pairwise(awake))
    for number, (since, until) in enumerate(pairwise(bounds)):
        if since < until:
            assert awake_at(schedule, since + (until - since) / 2) is (number % 2 == 1)
            assert awake_at(schedule, since) is (number % 2 == 1)
