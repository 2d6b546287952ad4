"""Does a plan keep the goals of its spec? It fails when even the best estimate misses one, and says what would do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from components.errors import PlanError
from components.plan.model import Note
from components.plan.slo_fixes import faster, sooner
from components.plan.speed import first_token_p95_ms
from components.plan.verdict import SloCheck
from components.sizing.queue import TAIL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import Draft
    from components.plan.slo_fixes import Starting
    from components.sizing.latency import Performance
    from components.sizing.range import Range

TTFT, COLD_START = "slo.ttft_ms_p95", "slo.cold_start_seconds"
_UNITS = {TTFT: "ms", COLD_START: "s"}
_MOST_FIXES = 3


@dataclass(frozen=True, slots=True)
class _Goal:
    """A goal of the spec, its estimate, and what more there is to say of that."""

    field: str
    asked: float
    estimate: Range
    about: str

    def text(self, value: float) -> str:
        return f"{value:,.0f} {_UNITS[self.field]}" if math.isfinite(value) else "no bound"


def check_slo(made: Draft, found: Performance, starting: Starting) -> tuple[SloCheck, ...]:
    """Return how the goals compare with the estimates; `PlanError` with every goal that cannot be kept."""
    goals = list(_goals(made, found, starting))
    misses = [_miss(goal, made, starting) for goal in goals if goal.estimate.low > goal.asked]
    if misses:
        first = f"{made.spec.name}: {made.hardware.accelerator} cannot keep what slo asks for:"
        raise PlanError("\n".join([first, *misses]))
    return tuple(SloCheck(goal.field, goal.asked, goal.estimate, _verdict(goal)) for goal in goals)


def slo_notes(checks: tuple[SloCheck, ...]) -> Iterator[Note]:
    """Yield a warning for each goal that the estimate does not keep all through its range."""
    for check in checks:
        goal = _Goal(check.field, check.goal, check.estimate, "")
        low, expected, high = map(goal.text, (check.estimate.low, check.estimate.expected, check.estimate.high))
        if check.verdict == "expected":
            text = f"{goal.text(goal.asked)} is kept as expected ({expected}), and not at the slow end ({high})"
            yield Note("warning", check.field, text)
        elif check.verdict == "at_risk":
            text = f"{goal.text(goal.asked)} is kept at the fast end ({low}) alone, expected is {expected}: measure it"
            yield Note("warning", check.field, text)


def _goals(made: Draft, found: Performance, starting: Starting) -> Iterator[_Goal]:
    slo = made.spec.slo
    if slo is not None and slo.ttft_ms_p95 is not None:
        cold = f", {found.cold_share:.0%} of the requests wait for a start" if found.cold_share > TAIL else ""
        yield _Goal(TTFT, slo.ttft_ms_p95, first_token_p95_ms(found), cold)
    if slo is not None and slo.cold_start_seconds is not None:
        yield _Goal(COLD_START, slo.cold_start_seconds, starting.planned, "")


def _miss(goal: _Goal, made: Draft, starting: Starting) -> str:
    fixes = list((faster if goal.field == TTFT else sooner)(made, starting, goal.asked))[:_MOST_FIXES]
    advice = f"would keep it: {', or '.join(fixes)}" if fixes else "nothing that the plan knows would keep it"
    if not math.isfinite(goal.estimate.low):
        best = "the load is more than the replicas can answer, however fast they are"
    else:
        distance = goal.text(goal.estimate.low - goal.asked)
        best = f"{goal.text(goal.estimate.low)} at best, {distance} too long"
        best += f" (expected {goal.text(goal.estimate.expected)}{goal.about})"
    return f"  {goal.field}: {goal.text(goal.asked)} asked, {best}; {advice}"


def _verdict(goal: _Goal) -> Literal["met", "expected", "at_risk"]:
    if goal.estimate.high <= goal.asked:
        return "met"
    return "expected" if goal.estimate.expected <= goal.asked else "at_risk"
