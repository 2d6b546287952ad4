"""What each field of the spec changes on a target: a part of the plan, and what that means where it is deployed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """`part` is the path in the plan that follows the field, `text` what a user sees of it."""

    part: str
    text: str


REFUSAL = "refusal"
"""The `part` of a field whose other values the plan refuses."""

NOTED = "notes"
"""The `part` of a field that only a note answers: the target has no use for it, and the plan says why."""

IGNORED = ""
"""The `part` of a field in a block that belongs to another target."""

_JUDGED = "Judged against the estimate: the plan fails when even its best end misses it."
SLO_EFFECTS = {
    "slo": Effect("slo", _JUDGED),
    "slo.ttft_ms_p95": Effect("slo", _JUDGED),
    "slo.cold_start_seconds": Effect("slo", _JUDGED),
}
"""The goals, which are judged in the same way on every target."""

_LIVE = "Live: the keeper has it with the deployment, and nothing is replaced."
KEEPER_EFFECTS = {
    "schedule": Effect(
        "keeper", "The keeper starts and stops the service and owns its replicas, whose limits are live changes then."
    ),
    "schedule.hours": Effect("keeper.hours", f"When the keeper starts and stops the service; the price. {_LIVE}"),
    "schedule.holidays": Effect(
        "keeper.holidays", f"Days on which no window starts; a month's price has none in it. {_LIVE}"
    ),
    "schedule.start": Effect(
        "keeper.start", f"`manual`: no awake hour in the floor price, as somebody has to wake the service. {_LIVE}"
    ),
    "schedule.wake": Effect("keeper.wake", f"Which requests wake the service; who hears them is noted. {_LIVE}"),
    "schedule.override_max": Effect("keeper.override_max_seconds", f"Longest `berth awake --for`. {_LIVE}"),
    "schedule.notify_before": Effect("keeper.notify_before_seconds", f"When a stop is announced. {_LIVE}"),
    "idle": Effect("keeper.idle_seconds", "The keeper stops the service when nobody asks; floor and expected cost."),
    "idle.after": Effect("keeper.idle_seconds", f"Without requests for so long; longer than a start. {_LIVE}"),
    "budget": Effect("budget", "AWS Budget, the keeper's meter and its alarms; compared with the estimate."),
    "budget.monthly_usd": Effect(
        "budget.monthly_usd", f"What alarms compare with; below the estimate: a warning. {_LIVE}"
    ),
    "budget.alert_at_percent": Effect("budget.alert_at_percent", "An alarm and a notification of the AWS Budget each."),
    "budget.forecast": Effect("budget.forecast", "An alarm on the month's end, and a forecast of the AWS Budget."),
    "budget.notify.emails": Effect("budget.emails", "Subscriptions of the stack's topic."),
    "budget.notify.topics": Effect("budget.topics", "Told by the alarms, too; in another region refused."),
    "budget.notify.webhook_secret": Effect("budget.webhook_secret", "Read and called by the keeper alone."),
    "budget.on_breach": Effect("budget.on_breach", f"`park`: the keeper owns the replicas, and stops them. {_LIVE}"),
    "budget.grace": Effect("budget.grace_seconds", f"Between the notice and the stop. {_LIVE}"),
}
"""What the keeper acts on, in the same way on every target that it knows."""
