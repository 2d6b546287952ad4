"""What does a draft cost where whole replicas are started and stopped, as on ECS and on SageMaker?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.expectation import expectation
from components.plan.front.priced import with_gateways
from components.plan.kept import parked, with_its_keeper
from components.plan.priced import AtLoad, priced, stepwise

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.cost.estimate import CostEstimate
    from components.cost.usage import Usage
    from components.plan.draft import Draft
    from components.plan.gateway import FrontPlan
    from components.plan.priced import Priced


def replica_priced(
    made: Draft, front: FrontPlan | None, estimate: Callable[[Usage], CostEstimate], *, start_seconds: int
) -> Priced:
    """Return cost and comparison of a service; `estimate` prices what its target runs in a month."""

    def price(of: Draft, scale: float) -> AtLoad:
        expected = expectation(of, start_seconds=start_seconds, scale=scale)
        usage = expected.usage
        total = with_gateways(
            estimate(usage),
            of,
            front,
            replicas=usage.replicas,
            traffic=usage.traffic,
            most_traffic=usage.most_traffic,
        )
        return AtLoad(expected.week, usage.traffic, with_its_keeper(total, of, usage.traffic))

    per_hour = made.wanted.per_replica.expected if made.wanted else 0.0
    return priced(
        made,
        lambda scale: price(made, scale),
        stepwise(made.scaling.max_replicas, per_hour),
        lambda: price(parked(made), 1.0).cost,
    )
