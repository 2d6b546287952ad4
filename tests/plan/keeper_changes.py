"""Changes of single fields of the groups that the keeper acts on."""

from __future__ import annotations

from typing import Any

HOURS = "Mon-Fri 08:00-20:00 Europe/Berlin"
TOPIC = "arn:aws:sns:us-east-1:123456789012:ml-costs"


def awake(**change: object) -> dict[str, Any]:
    """Return a change to working hours."""
    return {"schedule": {"hours": HOURS, **change}}


def _budget(**change: object) -> dict[str, Any]:
    return {"budget": {"monthly_usd": 2000, **change}}


KEEPER_CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "schedule": ({}, {"schedule": {"hours": "always"}}),
    "schedule.hours": (awake(), awake(hours="Mon-Fri 08:00-18:00 Europe/Berlin")),
    "schedule.holidays": (awake(), awake(holidays=["2026-12-25"])),
    "schedule.start": (awake(), awake(start="manual")),
    "schedule.wake": (awake(), awake(wake="never")),
    "schedule.override_max": (awake(), awake(override_max="3h")),
    "schedule.notify_before": (awake(), awake(notify_before="0s")),
    "idle": ({}, {"idle": {"after": "1h"}}),
    "idle.after": ({"idle": {"after": "1h"}}, {"idle": {"after": "2h"}}),
    "budget": ({}, _budget()),
    "budget.monthly_usd": (_budget(), _budget(monthly_usd=3000)),
    "budget.alert_at_percent": (_budget(), _budget(alert_at_percent=[90])),
    "budget.forecast": (_budget(), _budget(forecast=False)),
    "budget.notify.emails": (_budget(), _budget(notify={"emails": ["ml@example.com"]})),
    "budget.notify.topics": (_budget(), _budget(notify={"topics": [TOPIC]})),
    "budget.notify.webhook_secret": (_budget(), _budget(notify={"webhook_secret": "berth/webhook"})),
    "budget.on_breach": (_budget(), _budget(on_breach="alert")),
    "budget.grace": (_budget(), _budget(grace="1h")),
}
"""For each field: two changes of the example spec that differ in that field."""
