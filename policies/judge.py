"""What do the rules say about the resources of a stack? The one answer behind a plan, a preview, a deployment and a CI.

`by_service(...)` is what reports read: for each service every rule's outcome, exemptions and what could not be told
among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from policies.exemption import exemptions_of
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, Stack, Subject
from policies.value import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from policies.exemption import Exemption
    from policies.resources import Resource
    from policies.rule import AnyRule, Finding, Level, Severity, StackRule
    from policies.settings import Configuration, Configured

Status = Literal["pass", "violation", "exempted", "unknown", "error", "not-applicable"]
STACK = ""
"""The name under which outcomes stand that belong to no service."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule says about one resource; `resource` is None where it is about the whole stack.

    `unknown` could not be told before the deployment; `error` is a property of a wrong type, or a bug of the rule.
    """

    rule: str
    level: Level
    severity: Severity
    status: Status
    message: str = ""
    remediation: str = ""
    resource: str | None = None
    """Its URN."""
    name: str = ""
    service: str = STACK
    unknown: str | None = None
    """The property that was not known."""
    exemption: Exemption | None = None

    @property
    def blocks(self) -> bool:
        """Whether a deployment must not go on: what a mandatory rule could not tell has not passed, nor has a bug."""
        if self.status == "error":
            return True
        return self.level == "mandatory" and self.status in ("violation", "unknown")

    @property
    def text(self) -> str:
        """The outcome as one sentence."""
        return f"{self.name}: {self.message}" if self.name else self.message


def by_service(
    rules: Iterable[AnyRule], resources: Iterable[Resource], configuration: Configuration, today: date
) -> dict[str, tuple[Outcome, ...]]:
    """Return the outcomes of every rule that is not disabled, by service; under `STACK` those of no service."""
    resources = tuple(resources)
    found: dict[str, list[Outcome]] = {one.name: [] for one in resources if one.type == MODEL_SERVICE}
    for outcome in judge(rules, resources, configuration, today):
        found.setdefault(outcome.service, []).append(outcome)
    return {name: tuple(outcomes) for name, outcomes in found.items()}


def judge(
    rules: Iterable[AnyRule], resources: Iterable[Resource], configuration: Configuration, today: date
) -> Iterator[Outcome]:
    """Yield the outcomes of every rule that is not disabled on the resources of a stack, as far as they are given."""
    resources = tuple(resources)
    family = Family(resources)
    for rule in rules:
        configured = configuration[rule.name]
        if configured.level == "disabled":
            continue
        if isinstance(rule, Rule):
            for resource in resources:
                yield from judge_resource(rule, resource, family.owner(resource), configured, today)
        else:
            yield from judge_stack(rule, resources, family, configured, today)


def judge_service(
    rules: Iterable[AnyRule], service: Resource, configuration: Configuration, today: date
) -> tuple[Outcome, ...]:
    """Return what the rules say about a service that is planned alone, while nothing else is known of its stack."""
    single = [rule for rule in rules if isinstance(rule, Rule) and service.type in rule.checks]
    return tuple(judge(single, [service], configuration, today))


def judge_resource(
    rule: Rule, resource: Resource, owner: Resource | None, configured: Configured, today: date
) -> list[Outcome]:
    """Return what a rule says about one resource; nothing when it is not of a type that the rule reads."""
    check = rule.checks.get(resource.type)
    if check is None:
        return []
    subject = Subject(resource, configured.settings, today, owner)
    found: list[Finding | Exception] = []
    try:
        # One by one: what is found before something cannot be told stays found.
        for finding in check(subject):
            found.append(finding)  # noqa: PERF402 - see above
    except CannotTell as reason:
        found.append(reason)
    except Exception as error:  # noqa: BLE001 - whatever it is, the rule has not passed
        found.append(error)
    on_it = [(resource, one) for one in found] or [(resource, None)]
    return _outcomes(rule, on_it, {resource.urn: owner}, configured, today)


def judge_stack(
    rule: StackRule, resources: tuple[Resource, ...], family: Family, configured: Configured, today: date
) -> list[Outcome]:
    """Return what a rule says about a whole stack."""
    found: list[tuple[Resource | None, Finding | Exception | None]] = []
    try:
        for finding in rule.check(Stack(resources, configured.settings, today, family.owner)):
            found.append(finding)  # noqa: PERF402 - as above
    except CannotTell as reason:
        found.append((None, reason))
    except Exception as error:  # noqa: BLE001 - as above
        found.append((None, error))
    owners = {one.urn: family.owner(one) for one, _ in found if one is not None}
    return _outcomes(rule, found or [(None, None)], owners, configured, today)


class Family:
    """Which service does a resource belong to?"""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self._parents: dict[str, str | None] = {}
        self._services: dict[str, Resource] = {}
        for resource in resources:
            self.add(resource.urn, resource.parent)
            if resource.type == MODEL_SERVICE:
                self.add_service(resource)

    def add(self, urn: str, parent: str | None) -> None:
        """Note whose child a resource is."""
        self._parents[urn] = parent

    def add_service(self, service: Resource) -> None:
        """Note what a service registered."""
        self._services[service.urn] = service

    def owner(self, resource: Resource) -> Resource | None:
        """Return the component of the service of a resource, None for one that services share."""
        urn: str | None = resource.urn
        seen: set[str] = set()
        while urn is not None and urn not in seen:
            if urn in self._services:
                return self._services[urn]
            seen.add(urn)
            urn = self._parents.get(urn, resource.parent if urn == resource.urn else None)
        return None


def _outcomes(
    rule: AnyRule,
    found: Iterable[tuple[Resource | None, Finding | Exception | None]],
    owners: Mapping[str, Resource | None],
    configured: Configured,
    today: date,
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for resource, finding in found:
        owner = owners.get(resource.urn) if resource else None
        exempt = exemptions_of(owner.value, today).get(rule.name) if owner and rule.exemptible else None
        status, message, unknown = _said(rule, finding)
        if exempt is not None and status in ("violation", "unknown"):
            status = "exempted"
        outcomes.append(
            Outcome(
                rule=rule.name,
                level=configured.level,
                severity=rule.severity,
                status=status,
                message=message,
                remediation=rule.remedy if status in ("violation", "exempted") else "",
                resource=resource.urn if resource else None,
                name=resource.name if resource else "",
                service=owner.name if owner else STACK,
                unknown=unknown,
                exemption=exempt if status == "exempted" else None,
            )
        )
    return outcomes


def _said(rule: AnyRule, finding: Finding | Exception | None) -> tuple[Status, str, str | None]:
    """Return status and message of a finding, and the property that was not known."""
    if finding is None:
        return "pass", "", None
    if isinstance(finding, str):
        return "violation", finding, None
    if isinstance(finding, NotApplicable):
        return "not-applicable", finding.reason, None
    if isinstance(finding, CannotTell):
        status: Status = "unknown" if finding.unknown else "error"
        return status, f"could not check {rule.name}: {finding}", finding.path if finding.unknown else None
    # The text of the error may quote a value, and with it a secret.
    kind = type(finding).__name__
    return "error", f"rule {rule.name} failed with {kind}; report this as a bug", None
