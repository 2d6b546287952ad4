"""Awake hours in a plan: what it holds of them, what it says, and what they save."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from components.plan.model import SchedulePlan
from components.plan.saving import Saving, Savings, savings
from components.plan.text import plan_text
from components.schedule import parse_hours

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

    Planner = Callable[..., Plan]

HOURS = "Mon-Fri 08:00-20:00 Europe/Berlin"
WEEKDAYS = {"schedule": {"hours": HOURS}}


def _texts(plan: Plan, field: str) -> list[tuple[str, str]]:
    return [(note.level, note.text) for note in plan.notes if note.field == field]


def test_a_plan_holds_the_canonical_hours(llama: dict[str, Any], plan: Planner) -> None:
    """As values that a stack can export: texts, and the hours of a month of 730."""
    given = {"hours": "mon-fri 08:00-20:00 Europe/Berlin", "holidays": ["2026-12-25", "2026-05-01"], "start": "manual"}
    found = plan(llama, {"schedule": given}).schedule
    assert found is not None
    assert replace(found, hours_per_month=round(found.hours_per_month, 1)) == SchedulePlan(
        hours=HOURS,
        zone="Europe/Berlin",
        holidays=("2026-05-01", "2026-12-25"),
        start="manual",
        hours_per_month=260.7,
    )


def test_without_a_schedule_a_plan_says_nothing_of_it(llama: dict[str, Any], plan: Planner) -> None:
    """Always awake is how it was."""
    result = plan(llama)
    assert result.schedule is None
    assert not [note for note in result.notes if note.field.startswith("schedule")]
    assert "\nAwake" not in plan_text(result)


def test_the_page_has_a_line_of_awake_hours(llama: dict[str, Any], plan: Planner) -> None:
    """With the hours of a month, holidays, and who starts the service."""
    given = {"hours": HOURS, "holidays": ["2026-12-25"], "start": "manual"}
    change = {"schedule": given, "scaling": {"max_replicas": 1}}
    lines = plan_text(plan(llama, change)).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("Awake"))
    assert " ".join(" ".join(lines[first : first + 2]).split()) == (
        "Awake Mon-Fri 08:00-20:00 Europe/Berlin: 261 of 730 hours a month, not on 2026-12-25, started by hand"
    )
    assert "Replicas    1, while awake" in lines


def test_a_plan_says_what_comes_after_each_window(llama: dict[str, Any], plan: Planner) -> None:
    """The keeper ends empty instances at its next run, not AWS after a quarter of an hour."""
    result = plan(llama, WEEKDAYS)
    assert _texts(result, "schedule.hours") == [
        ("info", "an instance is paid for up to 10m after each window: the amounts have that in them")
    ]


def test_findings_of_the_hours_are_notes(llama: dict[str, Any], plan: Planner) -> None:
    """A window that is shorter than this service's start, and holidays that are over."""
    given = {"hours": "Mon-Fri 08:00-08:05 Europe/Berlin", "holidays": ["2026-05-01"]}
    result = plan(llama, {"schedule": given})
    warnings = dict(level_and_text[::-1] for level_and_text in _texts(result, "schedule.hours"))
    [short] = [text for text, level in warnings.items() if level == "warning"]
    assert short.startswith("Mon-Fri 08:00-08:05 closes before the model serves: a start takes about ")
    assert _texts(result, "schedule.holidays") == [
        ("warning", "every holiday is before 2026-11-21: add those that come")
    ]


def test_prod_is_told_that_a_gpu_may_not_come_back(llama: dict[str, Any], plan: Planner) -> None:
    """Whoever gives capacity back has no claim to it; a service that never sleeps gives none back."""
    text = "a GPU that is given back may not be there when a window starts: g6.2xlarge can be out of capacity"
    prod = {"environment": "prod"}
    assert ("warning", text) in _texts(plan(llama, {**prod, **WEEKDAYS}), "schedule.hours")
    assert _texts(plan(llama, {**prod, "schedule": {"hours": "always"}}), "schedule.hours") == []


def test_power_off_wins(llama: dict[str, Any], plan: Planner) -> None:
    """A parked service sleeps through its windows."""
    notes = _texts(plan(llama, {**WEEKDAYS, "power": "off"}), "schedule")
    assert ("info", "power is off: no window starts the service") in notes


def test_what_hours_save_is_the_difference_of_two_estimates(llama: dict[str, Any], plan: Planner) -> None:
    """The one with the hours has the ten minutes in it for which ECS keeps an instance after each closing."""
    always, scheduled = plan(llama), plan(llama, WEEKDAYS)
    found = savings(always, scheduled, parse_hours(HOURS), is_committed=False)
    assert found == Savings(
        floor=Saving(always.cost.floor, scheduled.cost.floor),
        expected=Saving(always.cost.expected, scheduled.cost.expected),
        closings_per_month=5 / 168 * 730,
        is_committed=False,
        given_back_after_hours=1 / 6,
    )
    assert found.floor.saved == round((always.cost.floor or 0) - (scheduled.cost.floor or 0), 2) > 0


def test_always_saves_nothing(llama: dict[str, Any], plan: Planner) -> None:
    """No window ever closes."""
    always = plan(llama, {"schedule": {"hours": "always"}})
    found = savings(plan(llama), always, parse_hours("always"), is_committed=False)
    assert found.closings_per_month == 0
    # The keeper alone, whose lines a schedule brings.
    assert found.floor.saved == -2.72


def test_workers_of_runpod_end_at_once(llama: dict[str, Any], plan: Planner) -> None:
    """Only ECS is late."""
    change = {"runpod": {"token_secret": "hf"}, "engine": {"image": f"runpod/worker-v1-vllm@sha256:{'0' * 64}"}}
    always, scheduled = (plan(llama, {**change, **hours}, target="runpod") for hours in ({}, WEEKDAYS))
    assert savings(always, scheduled, parse_hours(HOURS), is_committed=False).given_back_after_hours == 0.0


@pytest.mark.parametrize("parts", [(None, 1.0), (1.0, None)])
def test_an_unknown_price_saves_an_unknown_amount(parts: tuple[float | None, float | None]) -> None:
    """Unknown is never zero."""
    assert Saving(*parts).saved is None
