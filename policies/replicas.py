"""How many replicas may run, and how few in production?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.kinds import FRONT, GROUP, RUNPOD_ENDPOINT, SAGEMAKER_CONFIGURATION, SAGEMAKER_ENDPOINT, TARGET
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policies.rule import Finding, Subject
    from policies.value import Value

    Find = Callable[[Subject], Iterator[Finding]]

_ZONES = 2
_COUNT = {"type": "integer", "minimum": 1}


def _at(subject: Subject, path: str) -> Value:
    value = subject.props
    for key in path.split("."):
        value = value[key]
    return value


def _at_most(value: Value, limit: float) -> Iterator[Finding]:
    count = value.number()
    if count is None:
        yield f"{value.path} is missing, so nothing bounds the replicas"
    elif count > limit:
        yield f"{value.path}: {count:g}, and {limit:g} are allowed here"


def _most(path: str, setting: str = "maxReplicas") -> Find:
    def check(subject: Subject) -> Iterator[Finding]:
        if subject.resource.is_below(FRONT):
            yield NotApplicable("a front runs on CPUs")
        else:
            yield from _at_most(_at(subject, path), subject.settings[setting])

    return check


def _most_in_variants(subject: Subject) -> Iterator[Finding]:
    counts = [one["initialInstanceCount"] for one in subject.props["productionVariants"].each()]
    yield from each(counts, lambda count: _at_most(count, subject.settings["maxReplicas"]))


def _at_least(value: Value, least: float) -> Iterator[Finding]:
    count = value.number() or 0
    if count < least:
        yield f"{value.path}: {count:g}, and {least:g} are needed so that one may fail"


def _spared(subject: Subject) -> NotApplicable | None:
    if subject.is_parked:
        return NotApplicable("the service is parked")
    if subject.target == "local":
        return NotApplicable("the target local is one machine")
    return NotApplicable("the gateway of a front is not the model") if subject.resource.is_below(FRONT) else None


def _least(path: str) -> Find:
    def check(subject: Subject) -> Iterator[Finding]:
        spared = _spared(subject)
        if spared:
            yield spared
        else:
            yield from _at_least(_at(subject, path), subject.settings["minReplicas"])

    return check


def _zones(subject: Subject) -> Iterator[Finding]:
    lists = [subject.props[key] for key in ("vpcZoneIdentifiers", "availabilityZones")]
    given = next((value for value in lists if not value.is_missing), lists[0])
    count = len(given.each())
    if count < _ZONES:
        yield f"{given.path}: {count}, and {_ZONES} are needed so that a zone may fail"


RULES = [
    Rule(
        name="max-replicas",
        about="No service can grow beyond what its environment allows.",
        remedy="lower scaling.max_replicas, or raise the limit in policies/config",
        severity="high",
        level="mandatory",
        checks={
            MODEL_SERVICE: _most("plan.replicas.max"),
            TARGET: _most("maxCapacity"),
            GROUP: _most("maxSize", "maxInstances"),
            SAGEMAKER_CONFIGURATION: _most_in_variants,
            SAGEMAKER_ENDPOINT: _most("maxReplicas"),
            RUNPOD_ENDPOINT: _most("workers.max"),
        },
        settings={
            "maxReplicas": {**_COUNT, "description": "Replicas of one service."},
            "maxInstances": {
                **_COUNT,
                "description": "Instances of one Auto Scaling group, with those that a deployment starts beside.",
            },
        },
    ),
    Rule(
        name="prod-ha",
        about="A service goes on when one replica fails, or one zone.",
        remedy="set scaling.min_replicas to minReplicas or more, over subnets of two zones",
        severity="high",
        level="disabled",
        checks={
            MODEL_SERVICE: _least("plan.replicas.min"),
            TARGET: _least("minCapacity"),
            GROUP: _zones,
            SAGEMAKER_ENDPOINT: _least("minReplicas"),
            RUNPOD_ENDPOINT: _least("workers.min"),
        },
        settings={"minReplicas": {**_COUNT, "default": 2, "description": "Replicas that always run."}},
    ),
]
