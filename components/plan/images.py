"""When must an image be named by its digest?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from components.plan.draft import UNBUILT

if TYPE_CHECKING:
    from components.plan.draft import StackImages
    from components.spec.service import ServiceSpec


def has_digest(image: str) -> bool:
    """Tell whether an image is named by its digest, which nobody can move.

    >>> has_digest("vllm/vllm-openai:v0.33.0"), has_digest("vllm/vllm-openai@sha256:" + 64 * "0")
    (False, True)
    """
    return re.search(r"@sha256:[0-9a-f]{64}$", image) is not None


def needs_digests(spec: ServiceSpec, images: StackImages) -> bool:
    """Tell whether the images of a service must be named by digest: in prod, unless nothing is deployed from it."""
    return spec.environment == "prod" and images != UNBUILT
