"""What a user should know about a plan for ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.ecs.quotas import quota_notes
from components.plan.ecs.startup import MOST_SECONDS
from components.plan.front.notes import gateway_notes
from components.plan.model import Note
from components.plan.notes import common_notes, cooldown_notes
from components.plan.pricing import pricing_notes
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import Draft
    from components.plan.ecs.values import EcsPlan
    from components.plan.model import Plan


def ecs_notes(plan: Plan, made: Draft, ecs: EcsPlan) -> Iterator[Note]:
    """Yield everything that is to be said about a plan for ECS."""
    yield from common_notes(plan, made)
    yield from _hardware_notes(plan, made, ecs)
    yield from _fallback_notes(plan)
    yield from cooldown_notes(plan)
    yield from gateway_notes(plan, made.spec)
    yield from pricing_notes(plan, made.spec)


def _hardware_notes(plan: Plan, made: Draft, ecs: EcsPlan) -> Iterator[Note]:
    spec, image = made.spec, made.request.engine
    yield from quota_notes(plan.hardware, ecs)
    if sum(stage.high_seconds for stage in plan.startup) > MOST_SECONDS:
        yield Note(
            "warning",
            "model.id",
            f"a start takes about {Duration(plan.startup_seconds)}, and ECS gives it up after "
            f"{Duration(MOST_SECONDS)} at most: a slow one fails",
        )
    if spec.ecs.ami_id is None:
        level = "warning" if spec.environment == "prod" else "info"
        yield Note(level, "ecs.ami_id", "not given: the newest ECS GPU image, which may change with each deployment")
    else:
        yield Note("info", "ecs.ami_id", f"CUDA {image.cuda} of the engine needs driver {image.min_driver} or newer")
    if ecs.deployment_minimum_percent == 0:
        yield Note("info", "ecs.deployment", "recreate: a deployment stops the service for a whole start")
    else:
        yield Note(
            "info",
            "ecs.deployment",
            f"surge: a deployment may run up to {ecs.instances_max} instances until the new version is up",
        )


def _fallback_notes(plan: Plan) -> Iterator[Note]:
    if plan.fallbacks:
        names = ", ".join(row.accelerator for row in plan.fallbacks)
        text = f"{plan.hardware.accelerator} alone is deployed; {names} would fit too, put one first if it is scarce"
        yield Note("info", "accelerators", text)
