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

_UNKEPT = "Prices the awake hours; a stack refuses it, as nothing acts on it yet."
SCHEDULE_EFFECTS = {
    "schedule": Effect("schedule", _UNKEPT),
    "schedule.hours": Effect("schedule.hours", _UNKEPT),
    "schedule.holidays": Effect("schedule.holidays", "Not counted in a month's price, which has none in it."),
    "schedule.start": Effect(
        "schedule.start", "`manual`: no awake hour in the floor price, as somebody has to wake the service."
    ),
}
"""The awake hours, which no target acts on yet."""
