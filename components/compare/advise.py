"""Should a spec run on GPUs of one's own, or is an API the better bill? The guides' rule, and our own arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.compare.advice import Advice
from components.compare.bill import bill_of
from components.compare.comparison import TARGET_NAMES
from components.compare.conditions import conditions
from components.compare.findings import findings
from components.compare.thresholds import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.compare.advice import Bill, Circumstances, Condition, Verdict
    from components.compare.comparison import Comparison
    from components.compare.curve import Curve
    from components.spec.service import ServiceSpec


def advise(spec: ServiceSpec, comparison: Comparison, curves: Sequence[Curve], circumstances: Circumstances) -> Advice:
    """Return both verdicts on a spec that has been compared."""
    bill = bill_of(comparison, curves, circumstances)
    own = next((column for column in comparison.columns if column.target == bill.target), None)
    found = conditions(spec, comparison, bill, own.plan if own else None, circumstances)
    met = sum(condition.is_met for condition in found)
    by_rule: Verdict = "self-host" if met >= value_of("rule") else "api"
    verdict, text = verdict_of(bill, found)
    return Advice(
        comparison=comparison,
        traffic=comparison.traffics[1],
        conditions=found,
        guide_verdict=by_rule,
        verdict=verdict,
        text=text,
        bill=bill,
        reasons=tuple(_reasons(by_rule, verdict, found, bill)),
        findings=tuple(findings(comparison, curves, bill)),
    )


def verdict_of(bill: Bill, found: Sequence[Condition]) -> tuple[Verdict, str]:
    """Return the verdict of the bill, and the sentence that says why; what must stay with you decides before it."""
    own = bill.own_with_operations
    if own is None or bill.own_usd_per_month is None or bill.target is None:
        return "api", "no target can serve this spec at a known price: `berth compare` says why"
    raised = "" if bill.within_limits else " (with more replicas than scaling.max_replicas allows)"
    gpus = f"{bill.own_usd_per_month:,.0f} USD a month on {TARGET_NAMES[bill.target]}{raised}"
    costs = f"{gpus} and {bill.operations_usd_per_month:,.0f} for the people who run it"
    must = [condition.name for condition in found if condition.is_met and condition.name in _DECIDING]
    if must:
        verb = "decides" if len(must) == 1 else "decide"
        return "self-host", f"{' and '.join(must)} {verb}, whatever the bill says: {costs}"
    if bill.rival is None:
        return "self-host", f"no API is known that could serve it: {costs}"
    name, usd = bill.rival.name, bill.rival.usd_per_month
    if usd < own:
        return "api", f"{usd:,.0f} USD a month for {name}, against {costs}"
    return "self-host", f"{costs}, against {usd:,.0f} for {name}"


_DECIDING = frozenset({"custom model", "data sensitivity"})
"""Conditions that no price can outweigh."""


def _reasons(by_rule: Verdict, verdict: Verdict, found: Sequence[Condition], bill: Bill) -> Iterator[str]:
    """Yield why the rule and the bill differ; nothing where they agree."""
    if by_rule == verdict:
        return
    met = [condition.name for condition in found if condition.is_met]
    if by_rule == "self-host":
        yield f"the guide counts conditions ({', '.join(met)}); the bill compares amounts, engineers among them"
        if bill.has_hosted_copy:
            yield "the guide compares with APIs of other models; a hosted copy of this one is far cheaper than those"
        return
    yield f"the guide asks for two conditions, and {', '.join(met) or 'none'} {'is' if len(met) == 1 else 'are'} met"
    if any(name in _DECIDING for name in met):
        yield "one condition that no price can outweigh is enough"
