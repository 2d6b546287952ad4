"""Group `budget`: amounts, shares and addresses, within what AWS Budgets takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.spec import ServiceSpec

    Read = Callable[[dict[str, Any]], ServiceSpec]
    Problems = Callable[..., list[str]]

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ml-costs"


def test_an_amount_is_enough(base: dict[str, Any], read: Read) -> None:
    """What is omitted has the value that its description states; what happens at a breach depends on more than this."""
    budget = read({**base, "budget": {"monthly_usd": 500}}).budget
    assert budget is not None
    assert budget.model_dump(mode="json") == {
        "monthly_usd": 500.0,
        "alert_at_percent": [50, 80, 100],
        "forecast": True,
        "notify": {"emails": [], "topics": [], "webhook_secret": None},
        "on_breach": None,
        "grace": "30m",
    }


def test_a_budget_survives_being_written_and_read(base: dict[str, Any], read: Read) -> None:
    """Percentages in rising order, the rest as it was given."""
    notify = {"emails": ["ml@example.com"], "topics": [TOPIC], "webhook_secret": "berth/webhook"}
    given = {"monthly_usd": 12.5, "alert_at_percent": [120, 90], "notify": notify, "on_breach": "park", "grace": "0s"}
    spec = read({**base, "budget": given})
    assert spec.budget is not None
    dumped = spec.budget.model_dump(mode="json")
    assert dumped == {**given, "alert_at_percent": [90, 120], "forecast": True}
    assert read({**base, "budget": dumped}) == spec


@pytest.mark.parametrize(("percentages", "forecast"), [([10, 20, 30, 40], True), ([10, 20, 30, 40, 50], False)])
def test_five_notifications_fit(base: dict[str, Any], read: Read, percentages: list[int], forecast: bool) -> None:
    """The forecast is one of them."""
    given = {"monthly_usd": 1, "alert_at_percent": percentages, "forecast": forecast}
    assert read({**base, "budget": given}).budget is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"monthly_usd": 0}, "monthly_usd: 0 is not above 0; use a number above 0"),
        (
            {"alert_at_percent": [10, 20, 30, 40, 50]},
            (
                "has 5 percentages and a forecast, and a budget of AWS has 5 notifications; remove some of "
                "alert_at_percent"
            ),
        ),
        (
            {"alert_at_percent": [10, 20, 30, 40, 50, 60], "forecast": False},
            "has 6 percentages, and a budget of AWS has 5 notifications; remove some of alert_at_percent",
        ),
        ({"alert_at_percent": [80, 80]}, "alert_at_percent: names a percentage twice; name each once"),
        ({"alert_at_percent": [0]}, "alert_at_percent[0]: 0 is less than 1; use 1 or more"),
        ({"alert_at_percent": [501]}, "alert_at_percent[0]: 501 is more than 500; use 500 or less"),
        ({"grace": "25h"}, "grace: 25h is more than 24h"),
        ({"on_breach": "stop"}, "on_breach: stop is not allowed; use one of: alert, park"),
        (
            {"notify": {"emails": ["ml.example.com"]}},
            "notify.emails: has 'ml.example.com', which is not an e-mail address; write one, as ml@example.com",
        ),
        ({"notify": {"emails": ["a@b.de", "A@b.de"]}}, "notify.emails: names an address twice; name each once"),
        (
            {"notify": {"emails": [f"{n}@b.de" for n in range(11)]}},
            (
                "notify.emails: has 11 addresses, and a notification of AWS Budgets takes 10; write a mailing list, or "
                "use a topic"
            ),
        ),
        (
            {"notify": {"topics": [f"{TOPIC}.fifo"]}},
            (
                f"notify.topics: has '{TOPIC}.fifo', which is not the ARN of a standard SNS topic; write the whole "
                "ARN, as arn:aws:sns:eu-west-1:123456789012:ml-costs"
            ),
        ),
        ({"notify": {"topics": [TOPIC, TOPIC]}}, "notify.topics: names a topic twice; name each once"),
        (
            {"notify": {"topics": [f"{TOPIC}{n}" for n in range(5)]}},
            (
                "notify.topics: has 5 topics, and an alarm tells 4 besides the stack's own; let one topic pass "
                "messages on"
            ),
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_fix(
    base: dict[str, Any], problems: Problems, change: dict[str, Any], message: str
) -> None:
    """What a user reads."""
    [found] = problems({**base, "budget": {"monthly_usd": 500, **change}})
    place = "budget: " if message.startswith("has ") else "budget."
    assert found.startswith(f"chat.yaml: {place}{message}")


def test_an_address_in_the_place_of_a_secret_is_refused(base: dict[str, Any], problems: Problems) -> None:
    """Whoever knows a webhook's address may post: it belongs into a secret."""
    notify = {"webhook_secret": "https://hooks.example.com/services/T0/B0/abc"}
    [found] = problems({**base, "budget": {"monthly_usd": 1, "notify": notify}})
    assert found.startswith(
        "chat.yaml: budget.notify.webhook_secret: https://hooks.example.com/services/T0/B0/abc is not"
    )
