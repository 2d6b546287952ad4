"""What a draft costs on ECS, and what APIs would charge for the same tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cost.ecs import EcsCostInputs, ecs_estimate
from components.plan.pricing import instance_price
from components.plan.replica_priced import replica_priced

if TYPE_CHECKING:
    from components.cost.estimate import CostEstimate
    from components.cost.usage import Usage
    from components.plan.draft import Draft
    from components.plan.ecs.values import EcsPlan
    from components.plan.gateway import FrontPlan
    from components.plan.priced import Priced


def ecs_priced(made: Draft, ecs: EcsPlan, front: FrontPlan | None, *, start_seconds: int) -> Priced:
    """Return cost and comparison of a service on ECS."""
    spec, price = made.spec, instance_price(made)

    def estimate(usage: Usage) -> CostEstimate:
        return ecs_estimate(
            EcsCostInputs(
                region=made.request.region,
                price=price,
                usage=usage,
                root_volume_gib=ecs.root_volume_gib,
                root_volume_throughput_mib_s=ecs.root_volume_throughput_mib_s,
                checkpoint_gib=made.checkpoint_gib,
                image_gb=made.request.engine.compressed_gb,
                public=front is None and spec.network.exposure == "public",
                has_front=front is not None,
                makes_network=spec.network.vpc == "create",
                from_hub=spec.model.source == "hub",
                log_retention_days=ecs.log_retention_days,
                secrets=sum(name is not None for name in (spec.model.token_secret, spec.gateway.keys_secret)),
            )
        )

    return replica_priced(made, front, estimate, start_seconds=start_seconds)
