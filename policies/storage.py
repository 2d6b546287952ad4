"""Is the file system of the weights paid for as it is used?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.kinds import FILE_SYSTEM
from policies.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.rule import Finding, Subject


def _throughput(subject: Subject) -> Iterator[Finding]:
    mode = subject.props["throughputMode"].text() or "bursting"
    limit = subject.settings["maxProvisionedMibps"]
    if mode == "bursting":
        yield "throughputMode: bursting falls below 1 MiB/s on a file system as small as one model"
    elif mode == "provisioned":
        provisioned = subject.props["provisionedThroughputInMibps"].number()
        if provisioned is None:
            yield "provisionedThroughputInMibps is missing"
        elif provisioned > limit:
            said = f"{provisioned:g} MiB/s are paid for around the clock"
            yield f"provisionedThroughputInMibps: {said}, and {limit:g} are allowed here"
    if subject.settings["infrequentAccess"] and not any(
        not one["transitionToIa"].is_missing for one in subject.props["lifecyclePolicies"].each()
    ):
        yield "lifecyclePolicies has no transitionToIa"


RULES = [
    Rule(
        name="efs-throughput",
        about="The throughput of the weight cache is paid for when it is used.",
        remedy="set throughputMode: elastic",
        severity="low",
        level="advisory",
        checks={FILE_SYSTEM: _throughput},
        settings={
            "maxProvisionedMibps": {"type": "number", "minimum": 0, "default": 0, "description": "Provisioned MiB/s."},
            "infrequentAccess": {
                "type": "boolean",
                "default": False,
                "description": "true asks for a transition to infrequent access; reading from it costs.",
            },
        },
    )
]
