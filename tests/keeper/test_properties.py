"""What holds for every service, whatever happens to it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from components.keeper.runtime.asked import Override, Wake
from components.keeper.runtime.config import Budget, KeeperConfig
from components.keeper.runtime.decide import Seen, decide, wakes_at
from components.keeper.runtime.facts import Capacity, Spend, Traffic
from components.keeper.runtime.state import State
from components.schedule import awake_at
from tests.keeper.situation import OFF, ON, config

TICK = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - hypothesis adds no zone
    lambda instant: instant.replace(tzinfo=UTC, microsecond=0)
)
HOURS = st.sampled_from(
    [
        None,
        "never",
        "always",
        "Mon-Fri 08:00-20:00 Europe/Berlin",
        "Daily 22:00-02:30 Europe/Berlin",
        "Sat/Sun 00:00-24:00 + Mon 00:00-06:00 Asia/Kathmandu",
        "Daily 00:00-01:00 Africa/Cairo",
        "Mon-Fri 08:00-12:00 + Mon-Fri 12:05-20:00 Pacific/Chatham",
    ]
)
BUDGETS = st.none() | st.builds(
    Budget, st.floats(1, 500), st.sampled_from(["alert", "park"]), st.sampled_from([0, 1800])
)
CONFIGS = st.builds(
    config,
    hours=HOURS,
    holidays=st.sampled_from([(), ("2026-12-24..2027-01-01", "2026-05-01")]),
    start=st.sampled_from(["auto", "manual"]),
    wake=st.sampled_from(["within_hours", "any_time", "never"]),
    idle_seconds=st.sampled_from([None, 900, 7200]),
    notify_before_seconds=st.sampled_from([0, 600]),
    budget=BUDGETS,
    power=st.sampled_from(["on", "on", "on", "off"]),
)
CAPACITIES = st.sampled_from(
    [ON, OFF, Capacity("starting", {"g6.2xlarge": 1}), Capacity("failed"), Capacity("stopping")]
)


def _maybe(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[datetime | None]:
    return st.none() | instants


@st.composite
def situations(draw: st.DrawFn) -> Seen:
    now = draw(INSTANTS)
    before = st.integers(0, 20_000).map(lambda minutes: now - timedelta(minutes=minutes))
    override = None
    if draw(st.booleans()):
        since = draw(before)
        until = draw(_maybe(st.integers(1, 20_000).map(lambda minutes: since + timedelta(minutes=minutes))))
        override = Override("asleep" if until is None else "awake", since, until, "ann", draw(st.booleans()))
    spend = draw(st.none() | st.floats(0, 1000).map(lambda usd: Spend(f"{now:%Y-%m}", now, now, usd, 1.0)))
    return Seen(
        now=now,
        config=draw(CONFIGS),
        state=State(
            idle_stop_at=draw(_maybe(before)),
            started_at=draw(_maybe(before)),
            busy_at=draw(_maybe(before)),
            wanted=draw(st.sampled_from(["awake", "asleep"])),
            since=draw(_maybe(before)),
        ),
        capacity=draw(CAPACITIES),
        override=override,
        wake=draw(st.none() | before.map(lambda at: Wake(at, "team-a"))),
        traffic=draw(
            st.builds(Traffic, st.booleans(), st.sampled_from([0.0, 1.0]), _maybe(before)),
        ),
        spend=spend,
    )


@given(situations())
def test_a_decision_is_whole_and_its_memory_survives_being_written(seen: Seen):
    """What sleeps has no end that lies in the past, and what a client reads fits what was decided."""
    decision = decide(seen)
    state = decision.state
    assert (state.state == "asleep") == (decision.wanted == "asleep")
    assert (state.ready_at is not None) == (state.state == "waking")
    assert decision.next_wake is None or (decision.wanted == "asleep" and decision.next_wake > seen.now)
    assert decision.until is None or decision.until > seen.now
    assert State.parse(state.to_json()).to_json() == state.to_json()


@given(situations())
def test_a_second_look_changes_nothing(seen: Seen):
    """Two runs at one instant, as at an edge, decide the same, and announce nothing twice."""
    first = decide(seen)
    second = decide(replace(seen, state=first.state))
    assert (second.wanted, second.reason, second.notices) == (first.wanted, first.reason, ())


@given(INSTANTS, HOURS.filter(bool))
def test_hours_alone_decide_where_nothing_else_is_set(now: datetime, hours: str):
    """Awake if and only if the schedule is open; a gap counts for what runs alone."""
    kept = config(hours=hours)
    assert kept.schedule is not None
    decision = decide(Seen(now=now, config=kept, state=State(), capacity=OFF))
    assert (decision.wanted == "awake") == awake_at(kept.schedule, now)


@given(situations())
def test_a_request_that_may_wake_wakes(seen: Seen):
    """The hook and the decision agree: what was promised happens, and what was refused does not."""
    wakes = wakes_at(seen)
    after = decide(replace(seen, wake=Wake(seen.now, "team-a"), capacity=OFF, traffic=Traffic(is_known=False)))
    if wakes is None:
        assert after.wanted == "awake"
    else:
        assert wakes >= seen.now


@settings(deadline=None, max_examples=30)
@given(
    CONFIGS.filter(lambda kept: kept.idle_seconds and kept.power == "on" and kept.budget is None),
    INSTANTS,
    st.lists(st.integers(0, 287), max_size=12),
)
def test_nothing_flaps(kept: KeeperConfig, start: datetime, busy: list[int]):
    """In two days of runs, a service that was stopped for idleness starts only at an opening: no request woke it."""
    state, capacity, starts = State(), OFF, 0
    for number in range(288):
        now = start + number * TICK
        traffic = Traffic(is_known=True, last_request_at=now if number in busy and capacity is ON else None)
        decision = decide(Seen(now=now, config=kept, state=state, capacity=capacity, traffic=traffic))
        starts += decision.wanted == "awake" and state.wanted == "asleep" and state.at is not None
        state, capacity = decision.state, ON if decision.wanted == "awake" else OFF
    openings = 0
    if kept.schedule is not None:
        # By the minute: between two runs a window may close and the next one open.
        opens = [awake_at(kept.schedule, start + number * MINUTE) for number in range(2 * 24 * 60)]
        openings = sum(after and not before for before, after in pairwise(opens))
    assert starts <= openings


@given(CONFIGS)
def test_a_config_survives_being_written(kept: KeeperConfig):
    """Every field of it."""
    assert KeeperConfig.parse(kept.to_json()) == kept
