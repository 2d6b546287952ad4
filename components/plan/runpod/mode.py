"""Which of RunPod's two kinds of endpoint does a spec ask for, and which engine runs there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.plan.draft import StackImages
    from components.spec.service import ServiceSpec

QUEUE, LOAD_BALANCER = "queue", "load_balancer"
_BUILT_ON = "ecs"
"""Our own worker is built on the image of vLLM that ECS runs (images/runpod_worker/Dockerfile)."""

WORKER_SECONDS = 120
"""How long RunPod's load balancer looks for a worker before it answers 400; source: RunPod's documentation of load
balancing endpoints, 2026-08."""
PROCESSING_SECONDS = 330
"""When it ends a request that a worker has, with 524; same source."""
_ANSWER_MARGIN_SECONDS = 10
LONGEST_REQUEST_SECONDS = PROCESSING_SECONDS - _ANSWER_MARGIN_SECONDS
"""What a gateway may let a request run, so that its own answer comes before RunPod's."""


def is_load_balanced(spec: ServiceSpec) -> bool:
    """Tell whether requests go straight to the workers."""
    return spec.runpod.mode == LOAD_BALANCER


def engines_of(spec: ServiceSpec, target: str) -> str:
    """Return the target whose rows of the catalogue say which engines a spec can have on a target."""
    return _BUILT_ON if target == "runpod" and is_load_balanced(spec) else target


def has_gateway(spec: ServiceSpec, target: str) -> bool:
    """Tell whether a gateway stands beside each engine of a spec on a target."""
    return target == "ecs" or (target == "runpod" and is_load_balanced(spec))


def lacks_worker_image(spec: ServiceSpec, target: str, image: str | None) -> bool:
    """Tell whether a spec needs our own worker's image, `image` being that of the stack, and nobody names one."""
    return target == "runpod" and is_load_balanced(spec) and spec.engine.image is None and image is None


def worker_image(spec: ServiceSpec, images: StackImages) -> str:
    """Return the image of a load balancer's workers; a stack without one has been refused."""
    return spec.engine.image or images.runpod_worker or ""


def longest_request_seconds(spec: ServiceSpec) -> int:
    """Return how long a request may run on a worker: what the spec says, else the most that its mode allows."""
    given = spec.gateway.max_request.seconds
    if is_load_balanced(spec) and "max_request" not in spec.gateway.model_fields_set:
        return min(given, LONGEST_REQUEST_SECONDS)
    return given
