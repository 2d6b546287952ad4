"""What does a service say of itself to policies, previews and the state? `ModelService` registers it before all else.

The keys are read outside of this repository too, as those of `costEstimate` are: each is a contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.cost.estimate import HOURS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Plan
    from components.plan.runpod.values import RunpodPlan


def registered(spec: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Return the inputs of the component of a service; `spec` is the spec as JSON."""
    return {"spec": spec, "target": plan.target, "plan": _decisions(plan), "costEstimate": plan.cost.to_outputs()}


def _decisions(plan: Plan) -> dict[str, Any]:
    """Return what was decided, as far as a rule may ask about it; a preview knows all of it."""
    awake = HOURS_PER_MONTH if plan.schedule is None else plan.schedule.hours_per_month
    return {
        "environment": plan.environment,
        "region": plan.region,
        "hardware": _hardware(plan),
        "gpusPerReplica": plan.hardware.gpu_count,
        "memory": _memory(plan),
        "replicas": {"min": plan.scaling.min_replicas, "max": plan.scaling.max_replicas},
        "awakeHoursPerMonth": 0 if plan.power == "off" else awake,
        "images": _images(plan),
        "keeperOwnsCapacity": plan.keeper is not None and plan.keeper.owns_capacity,
        "tags": dict(plan.tags),
        **({"runpod": _workers(plan.runpod)} if plan.runpod else {}),
    }


def _hardware(plan: Plan) -> list[str]:
    """Return everything that the service may run on: instance types, on RunPod pools, the first choice first."""
    if plan.sagemaker is not None:
        return [one.hardware.instance_type for one in plan.sagemaker.alternatives]
    if plan.runpod is not None:
        return list(plan.runpod.pools)
    return [] if plan.local is not None else [plan.hardware.instance_type]


def _memory(plan: Plan) -> dict[str, float] | None:
    """Return the memory of one GPU in GiB: what the engine may use, and what is taken before the first request."""
    if plan.local is not None:
        return None
    fit = plan.hardware.fit
    taken = {"budgetGib": fit.budget_gib, "weightsGib": fit.weights_gib, "runtimeGib": fit.runtime_gib}
    return {name: round(gib, 2) for name, gib in taken.items()}


def _images(plan: Plan) -> dict[str, str]:
    if plan.local is not None:
        return {}
    images = {"engine": plan.engine.image}
    if plan.ecs is not None:
        images["weightCache"] = plan.ecs.weight_cache_image
    for gateway, name in ((plan.gateway, "gateway"), (plan.front and plan.front.gateway, "front")):
        if gateway is not None:
            images[name] = gateway.image
    return images


def _workers(plan: RunpodPlan) -> dict[str, Any]:
    return {
        "workersMin": plan.workers_min,
        "workersMax": plan.workers_max,
        "idleTimeoutSeconds": plan.idle_timeout_seconds,
        "scaler": plan.scaler,
    }
