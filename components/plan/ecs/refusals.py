"""What ECS refuses of a spec that is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.images import find_engine_image
from components.errors import Problem
from components.plan.front.refusals import certificate_elsewhere, undigested
from components.plan.images import needs_digests
from components.plan.pricing import lonely_spot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import StackImages
    from components.spec.service import ServiceSpec


def ecs_problems(spec: ServiceSpec, region: str, images: StackImages) -> Iterator[Problem]:
    """Yield every problem of a spec on ECS."""
    if spec.scaling.min_replicas == 0:
        yield Problem(
            f"{spec.name}: scaling.min_replicas",
            "0",
            "is not possible on ecs: scaling cannot bring back the last replica, of which there is no metric",
            "use 1 or more, and idle: {after: 30m}, with which the keeper stops and wakes all of them",
        )
    if spec.scaling.metric == "queue_wait":
        yield Problem(
            f"{spec.name}: scaling.metric",
            "queue_wait",
            "is not measured on ecs, which has no queue",
            "use concurrency or requests_per_minute",
        )
    if spec.model.is_gated and spec.model.token_secret is None:
        yield Problem(
            f"{spec.name}: model.token_secret",
            "",
            f"is missing: {spec.model.id} is gated, and runpod.token_secret is read on RunPod alone",
            "store the Hugging Face token in Secrets Manager too and write the secret's name",
        )
    yield from certificate_elsewhere(spec, region)
    yield from lonely_spot(spec)
    yield from _image_problems(spec, images)


def _image_problems(spec: ServiceSpec, images: StackImages) -> Iterator[Problem]:
    if not needs_digests(spec, images):
        return
    row = find_engine_image("ecs", spec.engine.kind, spec.engine.version)
    deployed = {
        "engine": spec.engine.image or images.engine or (row.image if row else None),
        "gateway": images.gateway,
        "weight_cache": images.weight_cache,
    }
    for name, image in deployed.items():
        yield from undigested(name, image)
