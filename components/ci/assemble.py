"""How do a preview, the plans of a stack and what is deployed become one report of the stack?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.ci.asleep import sleep_text
from components.ci.changes import SHARED, service_changes
from components.ci.digest import digest
from components.ci.events import SERVICE_TYPE
from components.ci.failures import failure_of
from components.ci.fields import field_changes
from components.ci.hidden import scrubbed
from components.ci.judged import policy_reports
from components.ci.money import NOTHING, CostChange, amounts, estimate_of, of_stack, rise_problem
from components.ci.report import ServiceReport, StackReport, Start
from components.plan.stages import total

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from components.ci.changes import ServiceChange
    from components.ci.events import Told
    from components.ci.money import Tolerance
    from components.ci.project import Planned
    from components.cost.estimate import CostEstimate
    from components.plan.model import Plan
    from policies.settings import Configuration

Registered = dict[str, Any]
_UNREACHED = "not known: the preview did not get as far as every service"


@dataclass(frozen=True, slots=True)
class Previewed:
    """What one preview found, and all that it is read with."""

    stack: str
    planned: Planned
    told: Told
    code: int
    output: str
    configuration: Configuration
    now: datetime
    tolerance: Tolerance
    reprice: Callable[[str, Registered], CostEstimate | None]
    """What a service that is deployed would cost by today's tables."""
    base: Mapping[str, Registered] | None = None
    """What the stack was at the base of the change, where it is not deployed."""
    base_name: str = ""
    approved_by: str | None = None
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0


def stack_report(found: Previewed) -> StackReport:
    """Return the report of a stack."""
    told = found.told
    before = _deployed(told)
    deployed = bool(before) or any(step.op != "create" for step in told.steps if step.type == "pulumi:pulumi:Stack")
    compared = "what is deployed" if deployed else f"{found.base_name}, as it is not deployed" if found.base else ""
    if not deployed and found.base:
        before = dict(found.base)
    after = {**found.planned.registered, **_declared(told)}
    failure = failure_of(told, found.code, found.output)
    reached = all(name in _declared(told) for name in found.planned.registered)
    comparable = (deployed or bool(found.base)) and reached
    changes = service_changes(told.steps)
    shared = changes.pop(SHARED, None)
    repriced = {name: _again(found, name, old, after.get(name)) for name, old in before.items()}
    cost = _stack_cost(before, repriced, after, comparable)
    names = [*after, *(name for name in before if name not in after)]
    return StackReport(
        stack=found.stack,
        environment=found.planned.environment,
        deployed=deployed,
        compared_with=compared if comparable or not compared else _UNREACHED,
        services=tuple(
            _service(found, name, changes.get(name), before.get(name), after.get(name), repriced.get(name), comparable)
            for name in names
        ),
        shared=tuple((step.op, step.title) for step in shared.steps) if shared else (),
        cost=cost,
        policies=policy_reports(told, found.configuration, found.now.date(), lambda name: _file(found, name)),
        rise=rise_problem(cost, found.tolerance),
        approved_by=found.approved_by,
        program_errors=(f"the stack is locked by {failure.locked}",) if failure.locked else failure.program,
        provider_errors=failure.provider,
        reasons=found.reasons,
        digest=digest(told) if told.succeeded else "",
        seconds=round(found.seconds, 1),
    )


def _deployed(told: Told) -> dict[str, Registered]:
    return {
        step.name: dict(step.inputs("old")) for step in told.steps if step.type == SERVICE_TYPE and step.old is not None
    }


def _declared(told: Told) -> dict[str, Registered]:
    return {
        step.name: dict(step.inputs("new"))
        for step in told.steps
        if step.type == SERVICE_TYPE and step.op != "delete" and step.new is not None
    }


def _again(found: Previewed, name: str, old: Registered, new: Registered | None) -> CostEstimate | None:
    """Return what a service cost by today's tables; one whose spec is the same costs what it will."""
    same = new is not None and all(old.get(key) == new.get(key) for key in ("spec", "target"))
    if same and new is not None:
        return estimate_of(new["costEstimate"])
    return found.reprice(name, old)


def _stack_cost(
    before: Mapping[str, Registered],
    repriced: Mapping[str, CostEstimate | None],
    after: Mapping[str, Registered],
    comparable: bool,
) -> CostChange:
    estimates = {name: estimate_of(one["costEstimate"]) for name, one in after.items()}
    old = {name: estimate_of(one["costEstimate"]) for name, one in before.items() if "costEstimate" in one}
    again = [one for one in repriced.values() if one is not None]
    return CostChange(
        before=of_stack(old.values()) if comparable else None,
        repriced=of_stack(again) if comparable and len(again) == len(before) else None,
        after=of_stack(estimates.values()),
        priced_before=min((one.price_table_date for one in old.values()), default=None),
        priced_after=min((one.price_table_date for one in estimates.values()), default=None),
    )


def _service(
    found: Previewed,
    name: str,
    change: ServiceChange | None,
    before: Registered | None,
    after: Registered | None,
    repriced: CostEstimate | None,
    comparable: bool,
) -> ServiceReport:
    plan = next((one.plan for one in found.planned.services if one.spec.name == name), None)
    old = estimate_of(before["costEstimate"]) if before else None
    new = estimate_of(after["costEstimate"]) if after else None
    gone = after is None
    was = amounts(old) if old else NOTHING if comparable else None
    again = (amounts(repriced) if repriced else None) if before else was
    return ServiceReport(
        name=name,
        target=str((after or before or {}).get("target", "")),
        file=_file(found, name),
        kind=change.kind if change else "removed" if gone else "none",
        counts=change.counts if change else {},
        resources=tuple((step.op, step.title) for step in change.steps) if change else (),
        fields=field_changes(before["spec"], after["spec"]) if before and after else (),
        hardware=(_hardware(before), _hardware(after)),
        cost=CostChange(
            before=was,
            repriced=again,
            after=amounts(new) if new else NOTHING,
            priced_before=old.price_table_date if old else None,
            priced_after=new.price_table_date if new else None,
        ),
        usd_per_million_tokens=(
            old.usd_per_million_tokens if old else None,
            new.usd_per_million_tokens if new else None,
        ),
        sleeping=sleep_text(plan, before if found.told.steps and comparable else None, found.now) if plan else None,
        start=_start(plan) if plan else None,
        notes=tuple(
            scrubbed(f"{one.field}: {one.text}" if one.field else one.text)
            for one in (plan.notes if plan else ())
            if one.level == "warning"
        ),
        sizing=tuple(_sizing(plan)) if plan else (),
        unknowns=new.unknowns if new else (),
    )


def _file(found: Previewed, service: str) -> str:
    return found.planned.files.get(service, f"stacks/Pulumi.{found.stack}.yaml")


def _hardware(registered: Registered | None) -> str | None:
    decided = (registered or {}).get("plan") or {}
    kinds = decided.get("hardware") or []
    return str(kinds[0]) if kinds else None


def _start(plan: Plan) -> Start | None:
    if not plan.startup:
        return None
    whole = total(plan.startup)
    return Start(round(whole.low), round(whole.expected), round(whole.high))


def _sizing(plan: Plan) -> list[str]:
    if plan.local is not None:
        return []
    hardware = plan.hardware
    fit = hardware.fit
    said = [
        f"{hardware.instance_type}, {hardware.gpu_count} x {hardware.gpu} for a replica: {plan.hardware_reason}",
        f"memory of a GPU: {fit.weights_gib:.2f} GiB weights and {fit.runtime_gib:.2f} runtime of {fit.budget_gib:.2f}",
        f"the cache holds {fit.cache_tokens:,} tokens",
    ]
    if plan.remedies:
        best = plan.remedies[0]
        said.append(
            f"cheaper with a change: {best.hardware.gpu} {best.hardware.instance_type}, {best.change}; "
            f"saves up to {best.saves_usd_per_month:,.0f} USD a month"
        )
    return said
