"""What SageMaker refuses of a spec that is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import StackImages
    from components.spec.service import ServiceSpec


def sagemaker_problems(spec: ServiceSpec, region: str, images: StackImages) -> Iterator[Problem]:
    """Yield every problem of a spec on SageMaker."""
    yield Problem(f"{spec.name}: target", "sagemaker", "is not available yet", "use ecs")
