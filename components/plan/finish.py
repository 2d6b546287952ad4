"""The last step of every plan: how fast it would answer, whether the spec asks for more, and what would be cheaper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.plan.notes import sorted_notes
from components.plan.remedies import remedies
from components.plan.slo import check_slo, slo_notes
from components.plan.speed import speed, with_cold_starts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.plan.draft import Draft
    from components.plan.model import Note, Plan
    from components.plan.slo_fixes import Starting


def finished(plan: Plan, made: Draft, starting: Starting, notes: Iterable[Note]) -> Plan:
    """Return the plan with what is said about it; `PlanError` when it cannot keep a goal of the spec."""
    found = speed(made, made.hardware, made.workload)
    if starting.cold_share:
        found = with_cold_starts(found, starting.cold_share, starting.planned)
    checks = check_slo(made, found, starting)
    return replace(
        plan,
        performance=found,
        slo=checks,
        remedies=() if made.request.brief else remedies(made),
        notes=sorted_notes([*notes, *slo_notes(checks)]),
    )
