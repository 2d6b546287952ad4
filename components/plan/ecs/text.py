"""What `berth plan` says about a service on ECS alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.model import Plan


def ecs_rows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield label and text of each row."""
    scaling = plan.scaling
    if scaling.min_replicas < scaling.max_replicas:
        yield "Scaling", "the alarm that adds a replica takes 1m to 3m to see the load, then a cold start follows"
