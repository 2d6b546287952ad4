"""Does everything that costs money say whose it is?"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from policies.kinds import (
    BUDGET,
    ECS_SERVICE,
    FILE_SYSTEM,
    FUNCTION,
    GROUP,
    INSTANCE,
    LISTENER,
    LOAD_BALANCER,
    LOG_GROUP,
    NAT_GATEWAY,
    SAGEMAKER_CONFIGURATION,
    SAGEMAKER_ENDPOINT,
    SAGEMAKER_MODEL,
    TARGET,
    TASK,
    TEMPLATE,
    TOPIC,
    VPC_ENDPOINT,
)
from policies.resources import MODEL_SERVICE
from policies.rule import Rule, each
from policies.value import UNKNOWN, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from policies.rule import Finding, Subject

_LEGAL = re.compile(r"[\w .:/=+\-@]*")
"""Characters that AWS takes in keys and values; source: Tag restrictions, EC2 user guide."""
_TAGGED = (
    BUDGET,
    FILE_SYSTEM,
    FUNCTION,
    INSTANCE,
    LISTENER,
    LOAD_BALANCER,
    LOG_GROUP,
    NAT_GATEWAY,
    SAGEMAKER_CONFIGURATION,
    SAGEMAKER_ENDPOINT,
    SAGEMAKER_MODEL,
    TARGET,
    TASK,
    TEMPLATE,
    TOPIC,
    VPC_ENDPOINT,
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:dynamodb/table:Table",
    "aws:ec2/eip:Eip",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ecs/capacityProvider:CapacityProvider",
    "aws:ecs/cluster:Cluster",
    "aws:efs/accessPoint:AccessPoint",
    "aws:iam/role:Role",
    "aws:lb/targetGroup:TargetGroup",
    "aws:s3/bucket:Bucket",
    "aws:sqs/queue:Queue",
    "aws:ssm/parameter:Parameter",
)
"""Types whose tags are a mapping; all that Berth makes, and what else a bill shows."""


def _tags(subject: Subject, tags: Mapping[str, Value], required: Iterable[str], path: str) -> Iterator[Finding]:
    for key in required:
        if key not in tags:
            yield f"{path} has no {key}"
    for key, value in tags.items():
        yield from each([value], partial(_tag, subject, key))


def _tag(subject: Subject, key: str, value: Value) -> Iterator[Finding]:
    text, allowed = value.text(), subject.settings["allowedValues"]
    if text is None:
        yield f"{value.path} is empty"
    elif key in allowed and text not in allowed[key]:
        yield f"{value.path}: {text} is none of {', '.join(allowed[key])}"
    elif not (_LEGAL.fullmatch(key) and _LEGAL.fullmatch(text)):
        yield f"{value.path} has a character that AWS refuses"


def _resource(subject: Subject) -> Iterator[Finding]:
    lists = [subject.props[key] for key in ("tagsAll", "tags")]
    # The provider joins its default tags into tagsAll.
    given = next((value for value in lists if not value.is_missing and value.data is not UNKNOWN), lists[1])
    yield from _tags(subject, dict(given.entries()), subject.settings["required"], given.path)


def _group(subject: Subject) -> Iterator[Finding]:
    found: dict[str, Value] = {}
    for tag in subject.props["tags"].each():
        key = tag["key"].text()
        if key is not None:
            found[key] = tag["value"]
            if not tag["propagateAtLaunch"].flag():
                yield f"{tag.path}: {key} does not reach the instances"
    # Default tags of the provider do not reach a group.
    yield from _tags(subject, found, subject.settings["required"], "tags")


def _ecs(subject: Subject) -> Iterator[Finding]:
    if subject.props["propagateTags"].text() in (None, "NONE"):
        yield "propagateTags is missing, so the tasks have no tags"
    yield from _resource(subject)


def _service(subject: Subject) -> Iterator[Finding]:
    tags = subject.props["plan"]["tags"]
    yield from _tags(subject, dict(tags.entries()), subject.settings["requiredOfService"], tags.path)


_CHECKS: Mapping[str, Callable[[Subject], Iterator[Finding]]] = {
    **dict.fromkeys(_TAGGED, _resource),
    GROUP: _group,
    ECS_SERVICE: _ecs,
    MODEL_SERVICE: _service,
}
_KEYS = {"type": "array", "items": {"type": "string"}}

RULES = [
    Rule(
        name="tags-required",
        about="Every resource says to which stack and environment it belongs, every service whose it is.",
        remedy="set tags in the spec, or berth:tags in the stack's file",
        severity="medium",
        level="mandatory",
        checks=_CHECKS,
        settings={
            "required": {
                **_KEYS,
                "default": ["environment", "managed-by", "stack"],
                "description": "Keys on every resource; Berth sets these itself.",
            },
            "requiredOfService": {**_KEYS, "default": ["owner"], "description": "Keys of the spec or the stack."},
            "allowedValues": {
                "type": "object",
                "additionalProperties": _KEYS,
                "default": {},
                "description": "Values that a key may have, by key.",
            },
        },
    )
]
