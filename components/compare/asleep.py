"""What happens on a target while a service is parked: to the service, to its callers, and to the bill?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.compare.comparison import Sleep
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Plan, Target

_HAPPENS: Mapping[Target, str] = {
    "ecs": "tasks stop and the instances follow; load balancer, network and the weights on EFS stay",
    "sagemaker": "the endpoint is deleted; model and configurations stay, which cost nothing",
    "runpod": "no worker runs; the endpoint and its address stay",
}
_CALLERS: Mapping[Target, str] = {
    "ecs": "503 from the load balancer",
    "sagemaker": "a validation error: no such endpoint",
    "runpod": "their requests wait in the queue, 24h at most",
}
_KEEPS: Mapping[Target, str] = {
    "ecs": "; EC2 may have no GPU free",
    "sagemaker": "; AWS may have no instance free",
    "runpod": "; RunPod may have no GPU free",
}


def sleep_of(plan: Plan, parked: Plan | None) -> Sleep:
    """Return what parking means; `parked` is the plan of the same spec with power off, None where there is none."""
    happens, callers = _HAPPENS[plan.target], _CALLERS[plan.target]
    if plan.runpod and plan.runpod.mode == "load_balancer":
        callers = "400 from RunPod's load balancer, 2m later"
    happens += ", and the network volume" if plan.runpod and plan.runpod.volume else ""
    if plan.front:
        happens, callers = f"{happens}; the front stays", "503 from the front"
    return Sleep(
        happens=happens,
        callers=f"{callers}; awake again in about {Duration(plan.startup_seconds)}{_KEEPS[plan.target]}",
        usd_per_month=parked.cost.floor if parked else None,
    )
