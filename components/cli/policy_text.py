"""What do the policies say of one planned service, as `berth plan --policies` prints it?"""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from components.plan import UNBUILT
from components.plan.page import listed
from components.plan.registered import registered
from policies.judge import judge_service
from policies.resources import Resource
from policies.rules import RULES
from policies.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from components.plan.model import Plan
    from components.spec.service import ServiceSpec
    from policies.judge import Outcome

_TITLES = {
    "violation": "Violated",
    "error": "Could not be checked",
    "unknown": "Not known before a deployment",
    "exempted": "Exempt",
}


def judged(spec: ServiceSpec, plan: Plan, environment: str, today: date) -> tuple[Outcome, ...]:
    """Return what the policies of an environment say; `StackError` where their configuration is wrong."""
    configuration = load(environment, RULES)
    told = registered(spec.model_dump(mode="json"), plan)
    # What the stack builds is not known here, and its stand-ins are nobody's images.
    built = {name: image for name, image in told["plan"]["images"].items() if image not in astuple(UNBUILT)}
    told["plan"] |= {"images": built}
    return judge_service(RULES, Resource.of_service(told, name=plan.service, stack=plan.stack), configuration, today)


def policy_text(outcomes: Sequence[Outcome], environment: str) -> str:
    """Return the outcomes as text: what is wrong first, what only a deployment can check, and what is exempt."""
    kept = len({one.rule for one in outcomes if one.status == "pass"})
    blocked = sum(one.blocks for one in outcomes)
    verdict = f"{blocked} would stop a deployment" if blocked else "none would stop a deployment"
    lines = [f"Policies of {environment}: {kept} kept, {verdict}"]
    for status, title in _TITLES.items():
        lines += listed(title, (_line(one) for one in outcomes if one.status == status))
    return "\n".join(lines)


def policy_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return the outcomes as JSON."""
    return [dict(_row(one)) for one in outcomes]


def _line(one: Outcome) -> str:
    end = f"; {one.remediation}" if one.remediation else ""
    if one.exemption is not None:
        end = f" (until {one.exemption.expires}: {one.exemption.reason})"
    return f"{one.rule} ({one.level}): {one.message}{end}"


def _row(one: Outcome) -> Iterator[tuple[str, Any]]:
    yield from (("rule", one.rule), ("level", one.level), ("severity", one.severity), ("status", one.status))
    yield from (("message", one.message), ("remediation", one.remediation), ("blocks", one.blocks))
    exemption = one.exemption
    yield "exemption", exemption and {"reason": exemption.reason, "expires": exemption.expires.isoformat()}
