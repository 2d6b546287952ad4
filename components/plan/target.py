"""Which targets there are, how each plans a service, and what it refuses of a spec that is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from components.catalogue.instances import known_regions
from components.contracts import NO_REGION
from components.errors import Problem, SpecError, did_you_mean
from components.plan.budget_notes import topics_elsewhere
from components.plan.ecs.complete import plan_ecs
from components.plan.ecs.refusals import ecs_problems
from components.plan.engine_check import engine_problems
from components.plan.local.complete import plan_local
from components.plan.local.refusals import local_problems
from components.plan.model import Plan, Target
from components.plan.runpod.complete import plan_runpod
from components.plan.runpod.refusals import runpod_problems
from components.plan.sagemaker.complete import plan_sagemaker
from components.plan.sagemaker.refusals import sagemaker_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from components.plan.draft import Request, StackImages
    from components.spec.service import ServiceSpec

TARGETS: tuple[str, ...] = get_args(Target)
CLOUD_TARGETS: tuple[str, ...] = ("ecs", "sagemaker", "runpod")
"""Those that are rented, and so can be compared by price and speed."""

_PLANNERS: Mapping[Target, Callable[[Request], Plan]] = {
    "ecs": plan_ecs,
    "sagemaker": plan_sagemaker,
    "runpod": plan_runpod,
    "local": plan_local,
}
_PROBLEMS: Mapping[str, Callable[[ServiceSpec, str, StackImages], Iterator[Problem]]] = {
    "ecs": ecs_problems,
    "sagemaker": sagemaker_problems,
    "runpod": runpod_problems,
    "local": local_problems,
}


def plan_on(request: Request) -> Plan:
    """Return the plan of a request whose spec `check_target` has accepted."""
    return _PLANNERS[request.target](request)


def check_target(spec: ServiceSpec, target: str, region: str, images: StackImages) -> None:
    """Raise `SpecError` with everything that this target, region or environment refuses."""
    problems = list(_problems(spec, target, region, images))
    if problems:
        raise SpecError(problems)


def _problems(spec: ServiceSpec, target: str, region: str, images: StackImages) -> Iterator[Problem]:
    if target not in TARGETS:
        yield Problem(f"{spec.name}: target", target, "is not a target", did_you_mean(target, TARGETS))
        return
    if target not in CLOUD_TARGETS:
        # It has no region, and neither images nor engines of the catalogue.
        yield from _PROBLEMS[target](spec, region, images)
        return
    if region not in known_regions() and (target, region) != ("runpod", NO_REGION):
        yield Problem(
            f"{spec.name}: region",
            region,
            "is not a region of the catalogue",
            f"use one of: {', '.join(known_regions())}",
        )
    yield from engine_problems(spec, target)
    yield from topics_elsewhere(spec, region)
    yield from _PROBLEMS[target](spec, region, images)
