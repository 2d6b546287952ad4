"""What `berth awake` and `berth sleep` write down, and what they refuse: with the limit, amounts, and the way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.cli.orders import Order, awake_order, sleep_order
from components.keeper.runtime.asked import Override
from components.keeper.runtime.decide import decide
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.state import State
from tests.keeper.situation import HOURS, at, budget, config, decided, seen, spent

NOON, EVENING, FRIDAY_NIGHT = "2026-11-23 11:00", "2026-11-23 18:50", "2026-11-27 21:00"
ASLEEP = State(state="asleep", wanted="asleep", at=at("2026-11-20 00:00"))


def ordered(now: str, state: State = ASLEEP, **options: Any) -> Order:
    changes = options.pop("config", {})
    return awake_order(config(**changes), state, now=at(now), by="user/ann", **options)


def refused(now: str, state: State = ASLEEP, **options: Any) -> str:
    with pytest.raises(KeeperError) as told:
        ordered(now, state, **options)
    return str(told.value)


def test_for_so_long():
    """From now on, whatever the hours say; nothing more needs to be known."""
    order = ordered(FRIDAY_NIGHT, length=timedelta(hours=3))
    assert order == Order(Override("awake", at(FRIDAY_NIGHT), at("2026-11-28 00:00"), "user/ann"))


def test_without_a_length_until_the_hours_end():
    """Berlin's eight in the evening is seven in UTC."""
    assert ordered(NOON) == Order(Override("awake", at(NOON), at("2026-11-23 19:00"), "user/ann"))


def test_outside_the_hours_until_the_next_ones_end():
    """At four in the morning, that is the coming evening, where the spec allows as much."""
    order = ordered("2026-11-24 03:00", config={"override_max_seconds": 86_400})
    assert order == Order(Override("awake", at("2026-11-24 03:00"), at("2026-11-24 19:00"), "user/ann"))


def test_never_longer_than_the_spec_allows():
    """On a Friday night the next hours end on Monday; the order ends after twelve hours, and says so."""
    order = ordered(FRIDAY_NIGHT)
    assert order.override.until == at("2026-11-28 09:00")
    assert order.notes == ("its hours end at Mon 30 Nov 20:00 Europe/Berlin; no order is longer than 12h",)
    assert refused(NOON, length=timedelta(hours=13)) == (
        "--for: 13h is longer than chat may be kept awake by hand; ask for 12h or less, or raise schedule.override_max"
        " in its spec and deploy"
    )
    assert ordered(NOON, length=timedelta(hours=12)).override.until == at("2026-11-23 23:00")


def test_without_hours_there_is_nothing_to_raise():
    """The limit is the same, and no field of the spec moves it."""
    metered = {"hours": None, "idle_seconds": 1800}
    assert ordered(NOON, config=metered) == Order(Override("awake", at(NOON), at("2026-11-23 23:00"), "user/ann"))
    assert refused(NOON, length=timedelta(hours=13), config=metered) == (
        "--for: 13h is longer than chat may be kept awake by hand; ask for 12h or less"
    )


def test_an_order_that_is_over_before_it_serves():
    """A start takes seven minutes; what is awake already may stay for two."""
    assert refused(NOON, length=timedelta(minutes=7)) == (
        "--for: 7m is over before chat answers, which takes 7m; ask for more than 7m"
    )
    assert refused(NOON, State(), length=timedelta(0)) == (
        "--for: 0s is shorter than the keeper can tell; ask for more than 1m"
    )
    assert ordered(NOON, State(), length=timedelta(minutes=2)).override.until == at("2026-11-23 11:02")
    assert refused("2026-11-23 18:55") == (
        "--for: is missing, and the hours of chat end at Mon 23 Nov 20:00 Europe/Berlin, sooner than it starts;"
        " say how long, up to 12h"
    )
    assert ordered("2026-11-23 18:55", State()).override.until == at("2026-11-23 19:00")


def test_power_off_wins_over_any_order():
    """Nothing but a deployment changes that."""
    assert refused(NOON, config={"power": "off"}) == "chat: has power: off in its spec; set power: on, and deploy"


def test_what_is_only_metered_takes_no_orders():
    """Its replicas are Pulumi's."""
    metered = {"hours": None, "budget": budget(on_breach="alert")}
    fix = "give it schedule, idle or budget.on_breach: park in its spec, and deploy"
    assert refused(NOON, config=metered) == f"berth awake: chat is only metered, and awake all the time; {fix}"
    with pytest.raises(KeeperError) as told:
        sleep_order(config(**metered), now=at(NOON), by="user/ann")
    assert str(told.value) == f"berth sleep: chat is only metered, and awake all the time; {fix}"


def parked(usd: float, since: str) -> State:
    return replace(ASLEEP, breach_at=at(since), breach_month="2026-11", spend=spent(usd, NOON))


def test_a_service_that_its_budget_has_stopped():
    """It says how much was spent of how much, and takes an acknowledgement."""
    with_budget = {"budget": budget()}
    assert refused(NOON, parked(103.5, "2026-11-22 00:00"), config=with_budget) == (
        "chat: is stopped by its budget: 103.50 USD of 100.00 USD for 2026-11 are spent; berth awake chat --ack-budget"
        " lets it run until the month ends, at its price"
    )
    state = parked(103.5, "2026-11-22 00:00")
    order = ordered(NOON, state, config=with_budget, acknowledges_budget=True)
    assert order == Order(Override("awake", at(NOON), at("2026-11-23 19:00"), "user/ann", acknowledges_budget=True))
    facts = {"config": config(**with_budget), "state": state, "spend": state.spend}
    assert decided(NOON, **facts, override=order.override).wanted == "awake"


def test_a_budget_that_is_spent_and_not_yet_enforced():
    """The order is taken, and says when it ends all the same; with an acknowledgement it does not."""
    with_budget, state = {"budget": budget()}, parked(103.5, "2026-11-23 10:45")
    assert ordered(NOON, state, config=with_budget).notes == (
        (
            "103.50 USD of 100.00 USD for 2026-11 are spent; it is parked at Mon 23 Nov 12:15 Europe/Berlin all the"
            " same, but with --ack-budget"
        ),
    )
    assert ordered(NOON, state, config=with_budget, acknowledges_budget=True).notes == ()


def test_an_order_that_ends_before_the_budget_does_has_no_note():
    """Ten minutes are over before the grace is; and a month that ends takes its budget with it."""
    with_budget, state = {"budget": budget()}, parked(103.5, "2026-11-23 10:45")
    assert ordered(NOON, state, config=with_budget, length=timedelta(minutes=10)).notes == ()
    late = "2026-11-30 23:50"
    state = replace(parked(103.5, "2026-11-30 23:45"), spend=spent(103.5, late))
    assert ordered(late, state, config=with_budget, length=timedelta(hours=3)).notes == ()


def test_an_order_over_the_end_of_the_month_is_cut_before_it():
    """Parked at half past ten in UTC, it would be awake again from midnight on."""
    late = "2026-11-30 22:10"
    state = replace(parked(103.5, "2026-11-30 22:00"), spend=spent(103.5, late))
    [note] = ordered(late, state, config={"budget": budget()}, length=timedelta(hours=3)).notes
    assert "it is parked at Mon 30 Nov 23:30 Europe/Berlin all the same" in note


def test_no_budget_is_acknowledged_in_advance():
    """It would be off for the rest of the month, with nobody knowing."""
    assert refused(
        NOON, replace(ASLEEP, spend=spent(40.0, NOON)), config={"budget": budget()}, acknowledges_budget=True
    ) == ("--ack-budget: is too early: 40.00 USD of 100.00 USD for 2026-11 are spent; leave it out")
    assert refused(NOON, acknowledges_budget=True, config={"budget": budget()}) == (
        "--ack-budget: is too early: an unknown part of 100.00 USD for 2026-11 is spent; leave it out"
    )
    for other in (None, budget(on_breach="alert")):
        assert refused(NOON, acknowledges_budget=True, config={"budget": other}) == (
            "--ack-budget: is for a budget that parks, and chat has none; leave it out"
        )


def test_sleep_ends_with_the_next_opening():
    """By itself; where none comes, it says who wakes it."""
    order = sleep_order(config(), now=at(NOON), by="user/ann")
    assert order == Order(Override("asleep", at(NOON), None, "user/ann"))
    facts = {"override": order.override}
    assert decide(seen("2026-11-23 12:00", **facts)).wanted == "asleep"
    assert decide(seen("2026-11-24 07:01", **facts)).wanted == "awake"
    for changes in ({"hours": None, "idle_seconds": 1800}, {"hours": HOURS, "start": "manual"}):
        order = sleep_order(config(**changes), now=at(NOON), by="user/ann")
        assert order.notes == ("it sleeps until `berth awake chat`",)
