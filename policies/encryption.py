"""Is what is stored encrypted, and where it matters with a key of your own?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.disks import local_disks_gb
from policies.kinds import FILE_SYSTEM, LOG_GROUP, SAGEMAKER_CONFIGURATION, TEMPLATE, TOPIC
from policies.rule import NotApplicable, Rule, each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policies.rule import Finding, Subject
    from policies.value import Value

_OWN_KEYS = NotApplicable("AWS encrypts it with a key of its own, and no other is asked for here")


def _file_system(subject: Subject) -> Iterator[Finding]:
    if not subject.props["encrypted"].flag():
        yield "encrypted is not true"
    elif subject.settings["ownKeys"] and subject.props["kmsKeyId"].is_missing:
        yield "kmsKeyId is missing"


def _template(subject: Subject) -> Iterator[Finding]:
    yield from each(subject.props["blockDeviceMappings"].each(), _disk)


def _disk(mapping: Value) -> Iterator[Finding]:
    disk = mapping["ebs"]
    if not disk.is_missing and not disk["encrypted"].flag():
        yield f"{disk.path}.encrypted is not true"


def _topic(subject: Subject) -> Iterator[Finding]:
    if subject.props["kmsMasterKeyId"].is_missing:
        yield "kmsMasterKeyId is missing"


def _own(key: str) -> Callable[[Subject], Iterator[Finding]]:
    def check(subject: Subject) -> Iterator[Finding]:
        if not subject.settings["ownKeys"]:
            yield _OWN_KEYS
        elif subject.props[key].is_missing:
            yield f"{key} is missing"

    return check


def _configuration(subject: Subject) -> Iterator[Finding]:
    variants = subject.props["productionVariants"].each()
    # SageMaker takes no key for instances with local disks, which encrypt themselves.
    disks = local_disks_gb()
    if not subject.settings["ownKeys"] or all(disks.get(one["instanceType"].text() or "") for one in variants):
        yield _OWN_KEYS
    elif subject.props["kmsKeyArn"].is_missing:
        yield "kmsKeyArn is missing"


RULES = [
    Rule(
        name="encryption",
        about="Weights, disks, logs and messages are encrypted at rest.",
        remedy="turn encryption on, with a key of KMS where one is asked for",
        severity="high",
        level="mandatory",
        checks={
            FILE_SYSTEM: _file_system,
            TEMPLATE: _template,
            TOPIC: _topic,
            LOG_GROUP: _own("kmsKeyId"),
            SAGEMAKER_CONFIGURATION: _configuration,
        },
        settings={
            "ownKeys": {
                "type": "boolean",
                "default": False,
                "description": "true asks for keys of your own, where AWS would use its own.",
            }
        },
    )
]
