"""What a draft costs on SageMaker, and what APIs would charge for the same tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.cost.sagemaker import SagemakerCostInputs, sagemaker_estimate
from components.plan.pricing import instance_price
from components.plan.replica_priced import replica_priced
from components.sizing.throughput import TGI_SHARE

if TYPE_CHECKING:
    from components.cost.estimate import CostEstimate
    from components.cost.usage import Usage
    from components.plan.draft import Draft
    from components.plan.gateway import FrontPlan
    from components.plan.priced import Priced

_SLOWER = f"TGI is taken to reach {TGI_SHARE:g} of the computed speed, as measured in 2023, or all of it at best"


def sagemaker_priced(made: Draft, front: FrontPlan | None, *, start_seconds: int) -> Priced:
    """Return cost and comparison of a service on SageMaker."""
    spec, scaling, price = made.spec, made.scaling, instance_price(made, others_may_serve=True)
    scales = scaling.min_replicas < scaling.max_replicas

    def estimate(usage: Usage) -> CostEstimate:
        if made.request.engine.engine == "tgi" and usage.assumptions:
            usage = replace(usage, assumptions=(*usage.assumptions, _SLOWER))
        return sagemaker_estimate(
            SagemakerCostInputs(
                region=made.request.region,
                price=price,
                usage=usage,
                in_vpc=spec.network.vpc != "create",
                from_hub=spec.model.source == "hub",
                log_retention_days=spec.sagemaker.log_retention_days,
                tracks=scaling.metric if scales else None,
                has_front=front is not None,
            )
        )

    return replica_priced(made, front, estimate, start_seconds=start_seconds)
