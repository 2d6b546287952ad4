"""How a spec becomes a plan: check the target, size the hardware, let the target derive its numbers and its price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.draft import Request, StackImages, engine_of
from components.plan.target import check_target, plan_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from components.plan.model import Plan, Target
    from components.spec.service import ServiceSpec


def make_plan(
    spec: ServiceSpec,
    *,
    target: Target,
    stack: str,
    region: str,
    images: StackImages,
    today: date,
    tags: Mapping[str, str] | None = None,
    brief: bool = False,
) -> Plan:
    """Return every decision of one service; `SpecError` or `PlanError` when it cannot be deployed as declared.

    `brief` is for who makes many plans: they name no cheaper hardware, and no break-evens with APIs.
    """
    check_target(spec, target, region, images)
    return plan_on(
        Request(
            spec=spec,
            target=target,
            stack=stack,
            region=region,
            images=images,
            today=today,
            tags=dict(sorted({**(tags or {}), **spec.tags}.items())),
            engine=engine_of(spec, target),
            brief=brief,
        )
    )
