"""How does Pulumi's engine ask the rules: as policies of a pack, for each resource and for the whole stack?"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.judge import Family, judge_resource, judge_stack
from policies.resources import MODEL_SERVICE, Resource
from policies.rule import Rule
from policies.settings import Configured, defaults, required
from policies.value import SENTINELS, UNKNOWN, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from pulumi_policy import Policy, PolicyResource, ReportViolation, ResourceValidationArgs, StackValidationArgs

    from policies.judge import Outcome
    from policies.rule import AnyRule, StackRule

DESCRIPTION = "What a stack of model services may cost, and what it may expose."


def policies(rules: Iterable[AnyRule], today: Callable[[], date]) -> list[Policy]:
    """Return the rules as policies, which know each other's services: a child is judged with its parent's spec."""
    family, reading = Family(), _Reading()
    return [
        _resource_policy(rule, family, reading, today) if isinstance(rule, Rule) else _stack_policy(rule, today)
        for rule in rules
    ]


class _Reading(threading.local):
    """The resource that the engine asks about in a thread: every rule is asked in turn, and one reading serves all."""

    def __init__(self) -> None:
        self._resource: Resource | None = None
        self._asked: set[str] = set()

    def of(self, rule: Rule, args: ResourceValidationArgs) -> Resource:
        """Return the resource; a rule that is asked about the same one again is asked about what became of it."""
        if self._resource is None or self._resource.urn != args.urn or rule.name in self._asked:
            self._asked = set()
            self._resource = Resource(
                type=args.resource_type,
                name=args.name,
                urn=args.urn,
                props=_read(args.props),
                parent=args.opts.parent or None,
                ignored=tuple(args.opts.ignore_changes),
            )
        self._asked.add(rule.name)
        return self._resource


def _resource_policy(rule: Rule, family: Family, reading: _Reading, today: Callable[[], date]) -> Policy:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        # The engine asks about a component before it learns of its children.
        family.add(args.urn, args.opts.parent or None)
        is_service = args.resource_type == MODEL_SERVICE
        if args.resource_type not in rule.checks and not is_service:
            return
        resource = reading.of(rule, args)
        if is_service:
            family.add_service(resource)
        configured = _configured(rule, args.get_config())
        outcomes = judge_resource(rule, resource, family.owner(resource), configured, today())
        _report(outcomes, args, report_violation)

    return ResourceValidationPolicy(**_told(rule), validate=validate)


def _stack_policy(rule: StackRule, today: Callable[[], date]) -> Policy:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        read = (*rule.types, MODEL_SERVICE)
        resources = tuple(_of_stack(one) for one in args.resources if one.resource_type in read)
        family = Family(resources)
        for one in args.resources:
            family.add(one.urn, one.parent.urn if one.parent else None)
        outcomes = judge_stack(rule, resources, family, _configured(rule, args.get_config()), today())
        _report(outcomes, args, report_violation)

    return StackValidationPolicy(**_told(rule), validate=validate)


def _told(rule: AnyRule) -> dict[str, Any]:
    """Return what both kinds of policies say of themselves."""
    schema = PolicyConfigSchema(properties=dict(rule.settings), required=required(rule)) if rule.settings else None
    return {
        "name": rule.name,
        "description": rule.about,
        "enforcement_level": EnforcementLevel(rule.level),
        "severity": Severity(rule.severity),
        "config_schema": schema,
        "remediation_steps": rule.remedy,
    }


def _configured(rule: AnyRule, config: Mapping[str, Any]) -> Configured:
    # At which level a violation counts is the engine's to say.
    return Configured(rule.level, {**defaults(rule), **config})


def _report(
    outcomes: Iterable[Outcome], args: ResourceValidationArgs | StackValidationArgs, report_violation: ReportViolation
) -> None:
    outcomes = list(outcomes)
    for one in outcomes:
        if one.status in ("violation", "error"):
            said = f"{one.text}; {one.remediation}" if one.remediation else one.text
            report_violation(said, one.resource)
    unknown = [one.unknown for one in outcomes if one.unknown is not None]
    if unknown:
        # The SDK's own word for it, which is advisory: whoever gates on it counts it (`policies.judge`).
        raise UnknownValueError(SENTINELS[2], [", .".join(dict.fromkeys(unknown))])
    exempt = [one.exemption for one in outcomes if one.exemption is not None]
    if exempt:
        args.not_applicable(f"exempt until {exempt[0].expires}: {exempt[0].reason}")
    for one in outcomes:
        if one.status == "not-applicable":
            args.not_applicable(one.message)


def _of_stack(resource: PolicyResource) -> Resource:
    return Resource(
        type=resource.resource_type,
        name=resource.name,
        urn=resource.urn,
        props=_read(resource.props),
        parent=resource.parent.urn if resource.parent else None,
        ignored=tuple(resource.opts.ignore_changes),
        uses={name: tuple(one.urn for one in found) for name, found in resource.property_dependencies.items()},
    )


def _read(value: Any) -> Any:
    """Return what a proxy of the SDK holds, as `policies.value.plain` would have it of the engine."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        return {key: _taken(mapping, key) for key in mapping}
    if isinstance(value, Sequence) and not isinstance(value, str):
        sequence = cast("Sequence[Any]", value)
        return [_taken(sequence, index) for index in range(len(sequence))]
    return plain(value)


def _taken(holder: Any, key: Any) -> Any:
    try:
        return _read(holder[key])
    except UnknownValueError:
        return UNKNOWN
