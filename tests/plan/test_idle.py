"""Which hours is a service awake that is stopped when nobody uses it, and what does that do to its price?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.errors import BerthError
from components.plan.idle import in_use, unused
from components.plan.week import week_of
from components.spec import parse_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan
    from components.plan.model import Target

    Planner = Callable[..., Plan]

OFFICE = "Mon-Fri 08:00-20:00 UTC"
USD = 0.9776
"""Of an hour of a g6.2xlarge."""
WEEKS = 730 / 168


def _awake(
    requests: dict[str, float] | float,
    schedule: dict[str, Any] | None = None,
    *,
    after: str = "2h",
    target: Target = "ecs",
    keys: bool = True,
    front: bool = False,
    floor: bool = False,
) -> list[float]:
    """Return the awake hours of each day of the week."""
    spec = parse_spec(
        {
            "name": "chat",
            "model": {"id": "Qwen/Qwen3-8B"},
            "idle": {"after": after},
            "load": {"requests_per_hour": requests, "input_tokens": 10, "output_tokens": 10},
            "gateway": {"front": front, "keys_secret": "keys" if keys else None},
            **({"schedule": schedule} if schedule else {}),
        },
        "chat.yaml",
    )
    week = week_of(spec)
    shares = unused(week, spec).awake if floor else in_use(week, spec, target).awake
    return [round(sum(shares[day * 24 : day * 24 + 24]), 2) for day in range(7)]


MORNINGS = {"Mon-Fri 09:00-12:00": 100, "otherwise": 0}


def test_it_is_awake_while_it_is_used_and_a_little_longer() -> None:
    """Three hours with requests and two without, on five days; a request wakes it."""
    assert _awake(MORNINGS) == [5.0] * 5 + [0.0] * 2


def test_a_window_wakes_it_too() -> None:
    """From 08:00, an hour before the first request; the rest is the same."""
    assert _awake(MORNINGS, {"hours": OFFICE}) == [6.0] * 5 + [0.0] * 2


def test_the_end_of_the_hours_ends_it_before_idleness_does() -> None:
    """The window closes at 13:00, an hour after the last request."""
    assert _awake(MORNINGS, {"hours": "Mon-Fri 09:00-13:00 UTC"}) == [4.0] * 5 + [0.0] * 2


def test_parts_of_hours_are_counted() -> None:
    """From 08:30, and half an hour after the last request."""
    assert _awake(MORNINGS, {"hours": "Mon-Fri 08:30-20:00 UTC"}, after="30m") == [4.0] * 5 + [0.0] * 2


def test_a_pause_that_is_shorter_than_idle_stops_nothing() -> None:
    """One hour between two busy ones."""
    load = {"Mon 09:00-10:00 + Mon 11:00-12:00": 100, "otherwise": 0}
    assert _awake(load)[0] == 5.0
    assert _awake(load, after="30m")[0] == 3.0


def test_a_load_around_the_clock_never_lets_it_sleep() -> None:
    """However small."""
    assert _awake(0.1) == [24.0] * 7


def test_any_time_answers_outside_of_the_hours() -> None:
    """The hours are afternoons; mornings wake it by request, and an opening for nobody runs for two hours."""
    schedule = {"hours": "Mon-Fri 14:00-20:00 UTC"}
    assert _awake(MORNINGS, schedule) == [2.0] * 5 + [0.0] * 2
    assert _awake(MORNINGS, {**schedule, "wake": "any_time"}) == [7.0] * 5 + [0.0] * 2


def test_any_time_with_hours_that_never_open_runs_on_request_alone() -> None:
    """As a function does."""
    assert _awake(MORNINGS, {"hours": "never", "wake": "any_time"}) == [5.0] * 5 + [0.0] * 2


@pytest.mark.parametrize(
    "deaf", [{"target": "sagemaker"}, {"keys": False}, {"target": "sagemaker", "front": True, "keys": False}]
)
def test_without_somebody_who_hears_requests_only_windows_wake_it(deaf: dict[str, Any]) -> None:
    """SageMaker has nobody but a front, and without keys nobody may; a window runs empty, and then it is too late."""
    assert _awake(MORNINGS, **deaf) == [0.0] * 7
    assert _awake(MORNINGS, {"hours": OFFICE}, **deaf) == [6.0] * 5 + [0.0] * 2
    assert _awake(MORNINGS, {"hours": "Mon-Fri 06:00-20:00 UTC"}, **deaf) == [2.0] * 5 + [0.0] * 2


def test_a_front_hears_for_sagemaker() -> None:
    """It knows the keys."""
    assert _awake(MORNINGS, target="sagemaker", front=True) == [5.0] * 5 + [0.0] * 2


def test_runpod_starts_a_worker_by_itself_unless_it_must_not() -> None:
    """No key of Berth is asked."""
    assert _awake(MORNINGS, target="runpod", keys=False) == [5.0] * 5 + [0.0] * 2
    never = {"hours": "always", "wake": "never"}
    assert _awake(MORNINGS, never, target="runpod", keys=False) == [0.0] * 7


def test_what_is_started_by_hand_is_woken_by_its_first_request() -> None:
    """Not by the window."""
    assert _awake(MORNINGS, {"hours": OFFICE, "start": "manual"}) == [5.0] * 5 + [0.0] * 2


def test_where_no_request_wakes_it_somebody_is_taken_to() -> None:
    """As without idle: by hand, when its window opens."""
    manual = {"hours": OFFICE, "start": "manual"}
    assert _awake(MORNINGS, manual, target="sagemaker") == [6.0] * 5 + [0.0] * 2


def test_runpod_is_not_told_of_requests_outside_of_the_hours() -> None:
    """It is hard asleep then; a front in front of it hears them."""
    schedule = {"hours": "Mon-Fri 14:00-20:00 UTC", "wake": "any_time"}
    assert _awake(MORNINGS, schedule, target="runpod") == [2.0] * 5 + [0.0] * 2
    assert _awake(MORNINGS, schedule, target="runpod", front=True) == [7.0] * 5 + [0.0] * 2


def test_a_front_without_keys_keeps_requests_from_runpod() -> None:
    """It answers 503 itself while the service sleeps."""
    assert _awake(MORNINGS, target="runpod", front=True, keys=False) == [0.0] * 7


def test_if_nobody_asks_an_opening_costs_what_idle_allows() -> None:
    """Without windows nothing runs; with a start by hand neither."""
    assert _awake(MORNINGS, floor=True) == [0.0] * 7
    assert _awake(MORNINGS, {"hours": OFFICE}, floor=True) == [2.0] * 5 + [0.0] * 2
    assert _awake(MORNINGS, {"hours": OFFICE, "start": "manual"}, floor=True) == [0.0] * 7


def _gpu(plan: Plan) -> tuple[float | None, float | None, float | None]:
    line = next(line for line in plan.cost.lines if line.name in ("GPU instances", "GPU workers"))
    return line.floor, line.expected, line.max


ONE: dict[str, Any] = {"scaling": {"max_replicas": 1, "target": None}, "idle": {"after": "1h"}}


def test_the_price_follows_the_hours_of_use(llama: dict[str, Any], plan: Planner) -> None:
    """Nothing at the floor; four hours on five days as expected, and ten minutes after each; all month at most."""
    made = plan(llama, {**ONE, "load": {"requests_per_hour": MORNINGS}})
    assert _gpu(made) == (
        0.0,
        pytest.approx((4 + 1 / 6) * 5 * WEEKS * USD, abs=0.01),
        pytest.approx(730 * USD, abs=0.01),
    )
    text = "floor is no replica, as nobody asks, max the most replicas all 730 hours, as if it never slept; "
    assert text in " ".join(made.cost.assumptions)
    [starts] = [text for text in made.cost.assumptions if text.startswith("besides the first start")]
    assert starts.endswith("; schedule and requests wake the service 22 times")


def test_an_opening_for_nobody_is_in_the_floor(llama: dict[str, Any], plan: Planner) -> None:
    """An hour of each of five windows, and ten minutes after it."""
    made = plan(llama, {**ONE, "schedule": {"hours": OFFICE}})
    assert _gpu(made)[0] == pytest.approx((1 + 1 / 6) * 5 * WEEKS * USD, abs=0.01)
    assert "the fewest replicas for 22 hours of a month, idle.after each opening, as nobody asks" in " ".join(
        made.cost.assumptions
    )


@pytest.mark.parametrize("target", ["ecs", "sagemaker", "runpod"])
def test_without_a_load_nobody_knows_how_long_it_is_awake(llama: dict[str, Any], plan: Planner, target: str) -> None:
    """Unknown, and not all month; without idle the number of replicas is fixed and the price known."""
    change = {
        "load": None,
        "gateway": {"front": True},
        "model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None, "revision": "0" * 40},
        "scaling": {"max_replicas": 1, "target": None},
    }
    if target == "runpod":
        change |= {"model": {}, "runpod": {"token_secret": "hf", "api_key_secret": "runpod/key"}}
        change |= {"engine": {"image": f"runpod/worker-v1-vllm@sha256:{'0' * 64}"}}
    assert plan(llama, change, target=target).cost.expected is not None
    made = plan(llama, {**change, "idle": {"after": "1h"}}, target=target)
    assert made.cost.expected is None
    assert ("info", "idle") in {(note.level, note.field) for note in made.notes}
    # Parked, everybody knows.
    assert plan(llama, {**change, "idle": {"after": "1h"}, "power": "off"}, target=target).cost.expected is not None


def test_idle_must_be_longer_than_a_start(llama: dict[str, Any], plan: Planner) -> None:
    """Both times are named, and one that would do."""
    big = {
        "model": {"id": "meta-llama/Llama-3.1-405B-Instruct", "revision": "0" * 40},
        "accelerators": ["H200:8"],
        "idle": {"after": "45m"},
    }
    with pytest.raises(BerthError) as caught:
        plan(llama, big)
    assert str(caught.value) == (
        "llama-3-1-8b: idle.after: 45m is not longer than a start, about 50m43s: more would be paid for starts than "
        "for answers; use 55m or more"
    )
    kept = plan(llama, {**big, "idle": {"after": "55m"}}).keeper
    assert kept is not None
    assert (kept.start_seconds, kept.idle_seconds) == (3043, 3300)
