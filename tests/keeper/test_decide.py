"""Is a service to be awake, and why? Each rule of the precedence, with the one above it and the one below."""

from __future__ import annotations

import pytest

from components.keeper.runtime.decide import wakes_at
from components.keeper.runtime.decision import Notice
from components.keeper.runtime.facts import Capacity, Traffic
from components.keeper.runtime.state import State
from tests.keeper.situation import (
    OFF,
    ON,
    at,
    awake_order,
    budget,
    config,
    decided,
    said,
    seen,
    sleep_order,
    spent,
    woken,
)

OPEN, CLOSED = "2026-11-23 12:00", "2026-11-23 22:00"
"""Monday at 13:00 and 23:00 in Berlin."""
IDLE = config(idle_seconds=1800)


@pytest.mark.parametrize(
    ("now", "facts", "expected"),
    [
        (OPEN, {}, ("awake", "window")),
        (CLOSED, {}, ("asleep", "hours")),
        (OPEN, {"config": config(hours=None)}, ("awake", "always")),
        (OPEN, {"config": config(hours="never")}, ("asleep", "hours")),
        (OPEN, {"config": config(holidays=("2026-11-23",))}, ("asleep", "holiday")),
        (OPEN, {"config": config(start="manual")}, ("asleep", "manual")),
        (OPEN, {"config": config(start="manual"), "wake": woken("2026-11-23 11:00")}, ("awake", "woken")),
        (OPEN, {"config": config(start="manual"), "wake": woken("2026-11-20 11:00")}, ("asleep", "manual")),
        (OPEN, {"config": config(power="off")}, ("asleep", "power")),
        (CLOSED, {"override": awake_order("2026-11-23 21:00", "2026-11-23 23:00")}, ("awake", "override")),
        (CLOSED, {"override": awake_order("2026-11-23 19:00", "2026-11-23 22:00")}, ("asleep", "hours")),
        (CLOSED, {"override": awake_order("2026-11-23 22:30", "2026-11-23 23:00")}, ("asleep", "hours")),
        (OPEN, {"override": sleep_order("2026-11-23 11:00")}, ("asleep", "by hand")),
        (OPEN, {"override": sleep_order("2026-11-23 06:59")}, ("awake", "window")),
        (OPEN, {"override": sleep_order("2026-11-23 07:00")}, ("asleep", "by hand")),
        (
            OPEN,
            {
                "config": config(holidays=("2026-11-23",)),
                "override": awake_order("2026-11-23 11:00", "2026-11-23 13:00"),
            },
            ("awake", "override"),
        ),
        (
            OPEN,
            {"config": config(power="off"), "override": awake_order("2026-11-23 11:00", "2026-11-23 13:00")},
            ("asleep", "power"),
        ),
    ],
)
def test_precedence(now, facts, expected):
    """Power, then an order by hand, then holidays, then hours, then use."""
    assert said(decided(now, **facts)) == expected


def test_an_order_lasts_no_longer_than_the_spec_allows():
    """Whoever wrote the parameter by hand wrote more than twelve hours into it."""
    order = awake_order("2026-11-23 06:00", "2026-11-30 06:00")
    assert said(decided("2026-11-23 17:59", override=order)) == ("awake", "override")
    assert decided("2026-11-23 17:59", override=order).until == at("2026-11-23 18:00")
    assert said(decided("2026-11-23 19:00", override=order)) == ("asleep", "hours")


def test_a_service_sleeps_when_nobody_asked_for_the_whole_idle_time():
    """Counted from the last request, or from the start where there was none."""
    started = State(started_at=at("2026-11-23 11:00"))
    busy = started.changed(busy_at=at("2026-11-23 11:45"))
    facts = {"config": IDLE, "capacity": ON}
    assert said(decided("2026-11-23 11:29", state=started, **facts)) == ("awake", "window")
    assert said(decided("2026-11-23 11:30", state=started, **facts)) == ("asleep", "idle")
    assert said(decided("2026-11-23 12:14", state=busy, **facts)) == ("awake", "window")
    decision = decided("2026-11-23 12:15", state=busy, **facts)
    assert (said(decision), decision.depth) == (("asleep", "idle"), "soft")
    assert decision.why == "it had no request for 30 min"
    unheard = config(idle_seconds=1800, wake="never")
    assert decided("2026-11-23 12:15", config=unheard, state=busy, capacity=ON).depth == "hard"
    assert decision.state.idle_stop_at == at("2026-11-23 12:15")
    assert decision.next_wake == at("2026-11-24 07:00")


@pytest.mark.parametrize(
    ("traffic", "capacity"),
    [
        (Traffic(is_known=False), ON),
        (Traffic(is_known=True, in_flight=1), ON),
        (Traffic(is_known=True, last_request_at=at("2026-11-23 11:50")), ON),
        (Traffic(is_known=True), Capacity("starting", {"g6.2xlarge": 1})),
    ],
)
def test_what_is_used_or_cannot_be_told_is_not_idle(traffic, capacity):
    """A long answer is no finished request, a missing figure is no zero, and a start is no idleness."""
    state = State(started_at=at("2026-11-23 09:00"))
    assert said(decided(OPEN, config=IDLE, state=state, traffic=traffic, capacity=capacity)) == ("awake", "window")


def test_an_order_to_be_awake_is_not_ended_by_idleness_and_restarts_the_clock_of_use():
    """When it ends, requests decide again: those that came meanwhile keep the service awake."""
    order = awake_order("2026-11-23 10:00", "2026-11-23 12:00")
    state = State(started_at=at("2026-11-23 10:00"), idle_stop_at=at("2026-11-23 09:00"))
    facts = {"config": IDLE, "capacity": ON, "override": order}
    assert said(decided("2026-11-23 11:59", state=state, **facts)) == ("awake", "override")
    assert said(decided("2026-11-23 12:00", state=state, **facts)) == ("asleep", "idle")
    used = state.changed(busy_at=at("2026-11-23 11:55"))
    assert said(decided("2026-11-23 12:00", state=used, **facts)) == ("awake", "window")


def test_idleness_is_remembered_until_a_request_an_order_or_the_next_opening():
    """No run in between wakes the service because its hours are open."""
    state = State(idle_stop_at=at("2026-11-23 12:00"))
    asleep = {"config": IDLE, "state": state}
    assert said(decided("2026-11-23 18:50", **asleep)) == ("asleep", "idle")
    assert said(decided("2026-11-24 06:59", **asleep)) == ("asleep", "hours")
    assert said(decided("2026-11-24 07:00", **asleep)) == ("awake", "window")
    assert said(decided("2026-11-23 12:30", wake=woken("2026-11-23 12:29"), **asleep)) == ("awake", "woken")
    assert said(decided("2026-11-23 12:30", wake=woken("2026-11-23 11:59"), **asleep)) == ("asleep", "idle")
    assert said(decided("2026-11-23 12:30", wake=woken("2026-11-23 12:00"), **asleep)) == ("awake", "woken")
    order = awake_order("2026-11-23 12:10", "2026-11-23 12:20")
    assert said(decided("2026-11-23 12:15", override=order, **asleep)) == ("awake", "override")
    assert said(decided("2026-11-23 12:21", override=order, **asleep)) == ("awake", "window")


def test_a_service_without_hours_sleeps_when_idle_until_a_request():
    """Nobody knows when that is."""
    facts = {"config": config(hours=None, idle_seconds=1800), "state": State(idle_stop_at=at("2026-11-23 12:00"))}
    decision = decided("2026-12-01 00:00", **facts)
    assert (said(decision), decision.next_wake) == (("asleep", "idle"), None)
    assert said(decided("2026-12-01 00:00", wake=woken("2026-11-30 23:59"), **facts)) == ("awake", "woken")


def test_a_request_outside_of_the_hours_wakes_only_where_that_is_allowed_and_until_it_is_idle():
    """The hours end what was woken within them."""
    anytime = config(idle_seconds=1800, wake="any_time")
    night = {"wake": woken("2026-11-23 22:00"), "capacity": ON, "state": State(started_at=at("2026-11-23 22:07"))}
    assert said(decided("2026-11-23 22:36", config=anytime, **night)) == ("awake", "woken")
    stopped = decided("2026-11-23 22:37", config=anytime, **night)
    assert said(stopped) == ("asleep", "hours")
    assert said(decided("2026-11-23 22:36", config=IDLE, **night)) == ("asleep", "hours")
    assert said(decided(CLOSED, config=anytime, wake=woken("2026-11-23 18:00"))) == ("asleep", "hours")


def test_a_spent_budget_parks_after_its_grace_until_the_month_ends_and_beats_an_order():
    """The notice comes at once, the end half an hour later."""
    facts = {"config": config(budget=budget()), "spend": spent(100.0, OPEN), "capacity": ON}
    first = decided(OPEN, **facts)
    assert said(first) == ("awake", "window")
    assert first.notices == (
        Notice(
            "budget",
            "2026-11",
            "chat has spent its 100.00 USD for 2026-11 and is parked at Mon 23 Nov 13:30 Europe/Berlin",
        ),
    )
    order = awake_order("2026-11-23 12:00", "2026-11-23 20:00")
    facts |= {"state": first.state, "override": order}
    assert said(decided("2026-11-23 12:29", **facts)) == ("awake", "override")
    parked = decided("2026-11-23 12:30", **facts)
    assert said(parked) == ("asleep", "budget")
    assert parked.why == "the budget of 100.00 USD for 2026-11 is spent; berth awake chat --ack-budget wakes it"
    assert parked.next_wake == at("2026-12-01 07:00")
    assert [notice.kind for notice in parked.notices] == ["parked"]
    facts |= {"state": parked.state, "spend": None}
    assert said(decided("2026-11-30 12:00", **facts)) == ("asleep", "budget")
    assert said(decided("2026-12-01 07:00", **facts)) == ("awake", "window")


def test_who_says_that_the_budget_is_spent_gets_the_service_for_the_rest_of_the_month():
    """Not only until the order ends."""
    breached = State(breach_at=at("2026-11-10 00:00"), breach_month="2026-11")
    facts = {"config": config(budget=budget()), "spend": spent(120.0, OPEN), "state": breached}
    plain = awake_order("2026-11-23 11:00", "2026-11-23 13:00")
    assert said(decided(OPEN, override=plain, **facts)) == ("asleep", "budget")
    known = awake_order("2026-11-23 11:00", "2026-11-23 13:00", acknowledges=True)
    acknowledged = decided(OPEN, override=known, **facts)
    assert said(acknowledged) == ("awake", "override")
    later = facts | {"state": acknowledged.state}
    assert said(decided("2026-11-24 12:00", **later)) == ("awake", "window")
    assert acknowledged.state.acknowledged_month == "2026-11"


def test_a_budget_that_only_alerts_stops_nothing():
    """It is told once."""
    facts = {"config": config(budget=budget(on_breach="alert")), "spend": spent(150.0, OPEN), "capacity": ON}
    first = decided(OPEN, **facts)
    assert [notice.text for notice in first.notices] == ["chat has spent its 100.00 USD for 2026-11"]
    again = decided("2026-11-23 18:00", **facts | {"state": first.state})
    assert (said(again), again.notices) == (("awake", "window"), ())


def test_a_gap_shorter_than_a_start_is_slept_through_only_by_what_sleeps_already():
    """Stopping what has to start again at once costs more than it saves."""
    hours = config(hours="Mon-Fri 08:00-12:00 + Mon-Fri 12:05-20:00 Europe/Berlin")
    assert said(decided("2026-11-23 11:01", config=hours, capacity=ON)) == ("awake", "gap")
    assert decided("2026-11-23 11:01", config=hours, capacity=ON).until == at("2026-11-23 19:00")
    assert said(decided("2026-11-23 11:01", config=hours, capacity=OFF)) == ("asleep", "hours")


def test_an_end_is_announced_once():
    """Ten minutes before the hours end, or the service has been idle for too long."""
    warned = config(notify_before_seconds=600)
    assert decided("2026-11-23 18:49", config=warned, capacity=ON).notices == ()
    first = decided("2026-11-23 18:50", config=warned, capacity=ON)
    assert first.notices == (Notice("stop", "2026-11-23T19:00", "chat sleeps from Mon 23 Nov 20:00 Europe/Berlin on"),)
    assert decided("2026-11-23 18:55", config=warned, capacity=ON, state=first.state).notices == ()
    assert decided("2026-11-24 18:55", config=warned, capacity=ON, state=first.state).notices != ()


def test_the_end_of_an_order_is_announced_only_where_the_service_sleeps_then():
    """Within its hours it goes on."""
    warned = config(notify_before_seconds=600)
    order = awake_order("2026-11-23 10:00", "2026-11-23 12:05")
    assert decided("2026-11-23 12:00", config=warned, capacity=ON, override=order).notices == ()
    order = awake_order("2026-11-23 20:00", "2026-11-23 22:05")
    assert [one.text for one in decided(CLOSED, config=warned, capacity=ON, override=order).notices] == [
        "chat sleeps from Mon 23 Nov 23:05 Europe/Berlin on"
    ]


def test_idleness_is_announced():
    """Before it, and not while requests come."""
    warned = config(notify_before_seconds=600, idle_seconds=1800)
    state = State(started_at=at("2026-11-23 11:00"))
    assert decided("2026-11-23 11:19", config=warned, capacity=ON, state=state).notices == ()
    assert [one.key for one in decided("2026-11-23 11:20", config=warned, capacity=ON, state=state).notices] == [
        "2026-11-23T11:30"
    ]


def test_what_a_client_meets():
    """Awake says nothing of a GPU that starts; a start that is late is promised anew each minute."""
    waking = decided("2026-11-23 07:00", capacity=OFF).state
    assert (waking.state, waking.since, waking.ready_at) == ("waking", at("2026-11-23 07:00"), at("2026-11-23 07:07"))
    late = decided("2026-11-23 07:20", capacity=Capacity("starting"), state=waking).state
    assert (late.state, late.since, late.ready_at) == ("waking", at("2026-11-23 07:00"), at("2026-11-23 07:21"))
    up = decided("2026-11-23 07:30", capacity=ON, state=late).state
    assert (up.state, up.since, up.ready_at, up.started_at) == (
        "awake",
        at("2026-11-23 07:00"),
        None,
        at("2026-11-23 07:30"),
    )
    down = decided("2026-11-23 19:00", capacity=ON, state=up).state
    assert (down.state, down.since, down.next_wake) == ("asleep", at("2026-11-23 19:00"), at("2026-11-24 07:00"))


@pytest.mark.parametrize(
    ("now", "facts", "expected"),
    [
        (OPEN, {}, None),
        (OPEN, {"config": IDLE, "state": State(idle_stop_at=at("2026-11-23 11:00"))}, None),
        (OPEN, {"config": config(start="manual")}, None),
        (OPEN, {"config": config(start="manual", wake="never")}, OPEN),
        (CLOSED, {}, "2026-11-24 07:00"),
        (CLOSED, {"config": config(wake="any_time", idle_seconds=1800)}, None),
        (OPEN, {"config": config(power="off")}, OPEN),
        (OPEN, {"override": sleep_order("2026-11-23 11:00")}, "2026-11-24 07:00"),
        ("2026-11-23 18:52", {"config": config(start="manual")}, None),
        ("2026-11-23 18:53", {"config": config(start="manual")}, "2026-11-23 18:53"),
    ],
)
def test_when_a_request_may_wake(now, facts, expected):
    """Within the hours, or at any time where the spec says so; never so late that it is stopped before it answers."""
    found = wakes_at(seen(now, **facts))
    assert found == (None if expected is None else at(expected))
