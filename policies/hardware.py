"""Which GPUs may a service rent?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.kinds import GROUP, INSTANCE, RUNPOD_ENDPOINT, SAGEMAKER_CONFIGURATION, SAGEMAKER_ENDPOINT, TEMPLATE
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, each

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policies.rule import Finding, Subject
    from policies.value import Value


def family(instance_type: str) -> str:
    """Return the family of an instance type of EC2 or SageMaker; a pool of RunPod is its own.

    >>> family("ml.g6e.xlarge"), family("ADA_48_PRO")
    ('g6e', 'ADA_48_PRO')
    """
    return instance_type.removeprefix("ml.").partition(".")[0]


def _all_allowed(subject: Subject, values: Iterable[Value]) -> Iterator[Finding]:
    families = subject.settings["allowedFamilies"]

    def check(value: Value) -> Iterator[Finding]:
        kind = value.text()
        if kind is None:
            yield f"{value.path} is missing, so the hardware is not known"
        elif family(kind) not in families:
            yield f"{value.path}: {kind} is not of the families that are allowed here: {', '.join(families)}"

    yield from each(values, check)


def _few_enough(subject: Subject, value: Value) -> Iterator[Finding]:
    count, limit = value.number(), subject.settings["maxGpusPerReplica"]
    if count is not None and count > limit:
        yield f"{value.path}: {count:g} GPUs for one replica, and {limit:g} are allowed here"


def _service(subject: Subject) -> Iterator[Finding]:
    plan = subject.props["plan"]
    if subject.target == "local":
        yield NotApplicable("the target local rents no hardware")
        return
    hardware = plan["hardware"].each()
    if not hardware:
        yield "plan.hardware is missing, so the hardware is not known"
    yield from _all_allowed(subject, hardware)
    yield from each([plan["gpusPerReplica"]], lambda value: _few_enough(subject, value))


def _configuration(subject: Subject) -> Iterator[Finding]:
    yield from _all_allowed(subject, [one["instanceType"] for one in subject.props["productionVariants"].each()])


def _endpoint(subject: Subject) -> Iterator[Finding]:
    yield from _all_allowed(subject, [one["instanceType"] for one in subject.props["configurations"].each()])


def _instance(subject: Subject) -> Iterator[Finding]:
    if subject.props["instanceRequirements"].is_missing:
        yield from _all_allowed(subject, [subject.props["instanceType"]])
    else:
        yield "instanceRequirements leaves the choice of the hardware to AWS"


def _group(subject: Subject) -> Iterator[Finding]:
    overrides = subject.props["mixedInstancesPolicy"]["launchTemplate"]["overrides"].each()
    yield from _all_allowed(subject, [one["instanceType"] for one in overrides])


def _runpod(subject: Subject) -> Iterator[Finding]:
    gpu = subject.props["gpu"]
    if gpu.is_missing:
        yield NotApplicable("the endpoint runs on CPUs")
        return
    yield from each([gpu["count"]], lambda value: _few_enough(subject, value))
    yield from _all_allowed(subject, gpu["pools"].each())


RULES = [
    Rule(
        name="gpu-family-per-env",
        about="Only the GPUs that were chosen for an environment are rented there.",
        remedy="name other accelerators in the spec, or add the family to allowedFamilies in policies/config",
        severity="high",
        level="mandatory",
        checks={
            MODEL_SERVICE: _service,
            SAGEMAKER_CONFIGURATION: _configuration,
            SAGEMAKER_ENDPOINT: _endpoint,
            TEMPLATE: _instance,
            INSTANCE: _instance,
            GROUP: _group,
            RUNPOD_ENDPOINT: _runpod,
        },
        settings={
            "allowedFamilies": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Families of EC2 and SageMaker, as g6e, and pools of RunPod, as ADA_48_PRO.",
            },
            "maxGpusPerReplica": {"type": "integer", "minimum": 1, "default": 8, "description": "GPUs of one replica."},
        },
    )
]
