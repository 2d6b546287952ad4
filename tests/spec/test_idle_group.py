"""Group `idle`: how long, and what is too short or too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.spec import ServiceSpec

    Read = Callable[[dict[str, Any]], ServiceSpec]
    Problems = Callable[..., list[str]]

FIX = "use 15m or more, as 30m: metrics are minutes late, and each stop costs a whole start"


def test_a_service_is_awake_whether_it_is_used_or_not(base: dict[str, Any], read: Read) -> None:
    """Unless somebody says after how long it is not."""
    assert read(base).idle is None
    idle = read({**base, "idle": {"after": "15m"}}).idle
    assert idle is not None
    assert idle.after.seconds == 900


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "idle.after: is missing; add it"),
        ({"after": "14m"}, f"idle.after: 14m is not between 15m and 7d; {FIX}"),
        ({"after": "8d"}, f"idle.after: 8d is not between 15m and 7d; {FIX}"),
        (
            {"after": 30},
            'idle.after: 30 is not a duration; write a number with its unit, as "30m", "1h30m", "90s" or "7d"',
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_fix(
    base: dict[str, Any], problems: Problems, given: dict[str, Any], message: str
) -> None:
    """The whole line that a user reads."""
    assert problems({**base, "idle": given}) == [f"chat.yaml: {message}"]


def test_idle_that_is_wrong_is_not_called_missing(base: dict[str, Any], problems: Problems) -> None:
    """What any_time needs is there, and has its own problem."""
    given = {"schedule": {"hours": "never", "wake": "any_time"}, "idle": {"after": "1m"}}
    assert problems({**base, **given}) == [f"chat.yaml: idle.after: 1m is not between 15m and 7d; {FIX}"]


def test_a_service_may_run_on_request_alone(base: dict[str, Any], read: Read) -> None:
    """No window ever opens, a request wakes it, and idleness stops it."""
    spec = read({**base, "schedule": {"hours": "never", "wake": "any_time"}, "idle": {"after": "30m"}})
    assert spec.schedule is not None
    assert spec.schedule.wake == "any_time"
