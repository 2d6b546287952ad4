"""What the gateways of a draft cost beside its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cost.front import FrontCostInputs, GatewayCostInputs, with_gateway
from components.plan.runpod.mode import has_gateway

if TYPE_CHECKING:
    from components.cost.estimate import CostEstimate
    from components.cost.lines import Three
    from components.cost.traffic import Traffic
    from components.plan.draft import Draft
    from components.plan.gateway import FrontPlan

_MIB_PER_GIB = 1024
_WAYS = {"ecs": "vpc", "sagemaker": "nat", "runpod": "internet"}
"""From a front to its target: SageMaker's API is of the same region, RunPod's is outside AWS."""


def with_gateways(
    estimate: CostEstimate,
    made: Draft,
    front: FrontPlan | None,
    *,
    replicas: Three,
    traffic: Traffic | None,
    most_traffic: Traffic | None,
) -> CostEstimate:
    """Return the estimate of a draft's target with what its gateways add."""
    inputs = GatewayCostInputs(
        region=made.request.region,
        replicas=replicas,
        traffic=traffic,
        most_traffic=most_traffic,
        counts_spending=made.spec.gateway.usd_per_month is not None,
        # Only a gateway asks one.
        has_fallback=bool(made.spec.gateway.fallback)
        and (front is not None or has_gateway(made.spec, made.request.target)),
        front=front and _front(made, front),
    )
    return with_gateway(estimate, inputs)


def _front(made: Draft, front: FrontPlan) -> FrontCostInputs:
    target = made.request.target
    return FrontCostInputs(
        vcpus=front.vcpus,
        memory_gib=front.memory_mib / _MIB_PER_GIB,
        tasks_min=front.replicas_min,
        tasks_max=front.replicas_max,
        public=front.network.exposure == "public",
        # The network of a service on ECS is among its own lines.
        makes_network=front.network.vpc_id is None and target != "ecs",
        reaches_target_over=_WAYS[target],
        log_retention_days=front.log_retention_days,
    )
