"""Which class of change does a deployment make of each service: live, rolling, or a replacement?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from components.ci.events import SERVICE_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.ci.events import Step

Class = Literal["new", "removed", "replace", "rolling", "live", "recorded", "none"]
SHARED = ""
"""The name under which resources stand that belong to no service."""

MEANINGS: Mapping[Class, str] = {
    "new": "is made",
    "removed": "is removed, with all that belongs to it",
    "replace": "a part that holds an address, data or capacity is made anew, or goes",
    "rolling": "replicas are started with the change, one after the other",
    "live": "changed while it serves, no replica is restarted",
    "recorded": "nothing changes where it runs; what the stack records of it does",
    "none": "unchanged",
}
_ORDER: tuple[Class, ...] = ("replace", "rolling", "live", "recorded", "none")

_UNNOTICED = re.compile(r"aws:(cloudwatch|iam|appautoscaling|scheduler|ssm|budgets|sns|sqs|lambda|s3)/")
"""Of these no client holds an address, and no replica stops when one is made anew."""
_RESTARTS = re.compile(r"aws:(ecs/taskDefinition|ec2/launchTemplate|sagemaker/(model|endpointConfiguration)):")
"""A change of these is a new version, which replicas are started with one after the other."""
_RESTARTING_FIELDS: Mapping[str, frozenset[str]] = {
    "aws:ecs/service:Service": frozenset({"taskDefinition", "capacityProviderStrategies", "networkConfiguration"}),
    "pulumi-python:dynamic/sagemaker:Endpoint": frozenset({"configurations"}),
    "pulumi-python:dynamic/runpod:Endpoint": frozenset(
        {"image", "args", "disk", "ports", "env", "registry", "gpu", "networkVolumes", "dataCenterIds", "flashboot"}
    ),
}
"""Fields whose change starts replicas anew; of these types every other field is changed in place."""


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """What happens to one service, or to what services share."""

    service: str
    kind: Class
    steps: tuple[Step, ...]
    """Those that change something, of real resources alone."""

    @property
    def counts(self) -> dict[str, int]:
        """How many resources are created, updated, replaced and deleted."""
        found: dict[str, int] = {}
        for step in self.steps:
            found[step.op] = found.get(step.op, 0) + 1
        return found


def service_changes(steps: Iterable[Step]) -> dict[str, ServiceChange]:
    """Return what happens to each service by its name; under `SHARED` what belongs to none, where that changes."""
    steps = tuple(steps)
    by_urn = {step.urn: step for step in steps}
    services = {step.urn: step for step in steps if step.type == SERVICE_TYPE}
    own: dict[str, list[Step]] = {step.name: [] for step in services.values()}
    components: dict[str, list[Step]] = {}
    for step in steps:
        if step.op == "same" or step.type.startswith("pulumi:"):
            continue
        owner = _owner(step, by_urn)
        name = owner.name if owner else SHARED
        (components if step.is_component else own).setdefault(name, []).append(step)
    found: dict[str, ServiceChange] = {}
    ops = {step.name: step.op for step in services.values()}
    for name, changed in own.items():
        found[name] = ServiceChange(name, _kind(ops.get(name, ""), changed, bool(components.get(name))), tuple(changed))
    return found


def _owner(step: Step, by_urn: Mapping[str, Step]) -> Step | None:
    seen: set[str] = set()
    at: Step | None = step
    while at is not None and at.urn not in seen:
        if at.type == SERVICE_TYPE:
            return at
        seen.add(at.urn)
        at = by_urn.get(at.parent)
    return None


def _kind(op: str, changed: Iterable[Step], component_changed: bool) -> Class:
    if op in ("create", "import"):
        return "new"
    if op == "delete":
        return "removed"
    found = {_class_of(step) for step in changed}
    found |= {"recorded"} if component_changed else {"none"}
    return next(kind for kind in _ORDER if kind in found)


def _class_of(step: Step) -> Class:
    if _RESTARTS.match(step.type):
        return "rolling"
    if step.op in ("replace", "delete") and not _UNNOTICED.match(step.type):
        return "replace"
    restarting = _RESTARTING_FIELDS.get(step.type, frozenset())
    return "rolling" if restarting & set(changed_fields(step)) else "live"


def changed_fields(step: Step) -> tuple[str, ...]:
    """Return the top-level properties that differ; of a resource whose provider does not say, by its inputs."""
    if step.diffs:
        return tuple(dict.fromkeys(re.split(r"[.\[]", one)[0] for one in step.diffs))
    old, new = step.inputs("old"), step.inputs("new")
    return tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name) and not name.startswith("__")))
