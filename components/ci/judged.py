"""Which policies stop a stack, which could not be run, and who is exempt, until when?

Violations are the engine's: it sees secrets and computed values that its event log hides. Exemptions are the rules'
own: the engine has no word for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.ci.changes import SHARED
from components.ci.events import SERVICE_TYPE
from components.ci.hidden import scrubbed
from components.ci.report import PolicyReport
from policies.judge import by_service
from policies.resources import Resource
from policies.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from components.ci.events import PolicyFinding, Step, Told
    from policies.settings import Configuration


def policy_reports(
    told: Told, configuration: Configuration, today: date, file_of: Callable[[str], str]
) -> tuple[PolicyReport, ...]:
    """Return what the policies found, what stops a deployment first; `file_of` gives the file of a service."""
    owners = _owners(told.steps)
    found = [_engine_found(one, owners, configuration, file_of) for one in told.findings]
    found += _exempted(told, configuration, today, file_of)
    order = {"violation": 0, "could-not-run": 1, "exempted": 2}
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda one: (not one.blocks, order[one.status], one.service, one.rule)))


def _engine_found(
    one: PolicyFinding, owners: dict[str, str], configuration: Configuration, file_of: Callable[[str], str]
) -> PolicyReport:
    service = owners.get(one.urn, SHARED)
    configured = configuration.get(one.rule)
    # The engine makes a rule advisory that it could not run; what the rule is for, the configuration says.
    level = configured.level if one.could_not_run and configured else one.level
    return PolicyReport(
        rule=one.rule,
        level=level,
        severity=one.severity,
        status="could-not-run" if one.could_not_run else "violation",
        message=scrubbed(one.message),
        service=service,
        resource=one.urn.rpartition("::")[2],
        file=file_of(service),
        blocks=level == "mandatory",
    )


def _exempted(
    told: Told, configuration: Configuration, today: date, file_of: Callable[[str], str]
) -> Iterator[PolicyReport]:
    resources = [Resource.of_state(step.new) for step in told.steps if step.new is not None]
    for service, outcomes in by_service(RULES, resources, configuration, today).items():
        for one in outcomes:
            if one.exemption is not None:
                yield PolicyReport(
                    rule=one.rule,
                    level=one.level,
                    severity=one.severity,
                    status="exempted",
                    message=scrubbed(f"{one.message}: {one.exemption.reason}"),
                    service=service,
                    resource=one.name,
                    file=file_of(service),
                    blocks=False,
                    until=one.exemption.expires.isoformat(),
                )


def _owners(steps: tuple[Step, ...]) -> dict[str, str]:
    by_urn = {step.urn: step for step in steps}
    owners: dict[str, str] = {}
    for step in steps:
        at: Step | None = step
        seen: set[str] = set()
        while at is not None and at.type != SERVICE_TYPE and at.urn not in seen:
            seen.add(at.urn)
            at = by_urn.get(at.parent)
        if at is not None and at.type == SERVICE_TYPE:
            owners[step.urn] = at.name
    return owners
