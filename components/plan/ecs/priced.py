"""What a draft costs on ECS, and what APIs would charge for the same tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cost.ecs import EcsCostInputs, ecs_estimate
from components.plan.expectation import expectation
from components.plan.front.priced import with_gateways
from components.plan.priced import AtLoad, priced, stepwise
from components.plan.pricing import instance_price

if TYPE_CHECKING:
    from components.plan.draft import Draft
    from components.plan.ecs.values import EcsPlan
    from components.plan.gateway import FrontPlan
    from components.plan.priced import Priced


def ecs_priced(made: Draft, ecs: EcsPlan, front: FrontPlan | None, *, start_seconds: int) -> Priced:
    """Return cost and comparison of a service on ECS."""
    spec, price = made.spec, instance_price(made)

    def at(scale: float) -> AtLoad:
        expected = expectation(made, start_seconds=start_seconds, scale=scale)
        estimate = ecs_estimate(
            EcsCostInputs(
                region=made.request.region,
                price=price,
                usage=expected.usage,
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
        usage = expected.usage
        total = with_gateways(
            estimate,
            made,
            front,
            replicas=usage.replicas,
            traffic=usage.traffic,
            most_traffic=usage.most_traffic,
        )
        return AtLoad(expected.week, usage.traffic, total)

    per_hour = made.wanted.per_replica.expected if made.wanted else 0.0
    return priced(made, at, stepwise(made.scaling.max_replicas, per_hour))
