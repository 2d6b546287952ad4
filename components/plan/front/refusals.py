"""What is refused of a gateway: limits that nobody would keep, and a front that could not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import Problem
from components.plan.images import has_digest, needs_digests
from components.spec.problems import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import StackImages
    from components.spec.service import ServiceSpec

FRONT = "set gateway.front: true"


def unkept_limits(spec: ServiceSpec, target: str) -> Iterator[Problem]:
    """Yield each limit of a spec on a target without a gateway: left out, it would let keys spend what they like."""
    if spec.gateway.front:
        return
    for name in spec.gateway.limits_given:
        yield Problem(
            f"{spec.name}: gateway.{name}",
            number(getattr(spec.gateway, name)),
            f"is kept by a gateway, and {target} has none without a front",
            f"{FRONT}, or remove it (in the stack's overrides where another target has the same spec)",
        )


def front_problems(spec: ServiceSpec, region: str, images: StackImages) -> Iterator[Problem]:
    """Yield what is wrong with a front on a target that brings neither load balancer nor gateway of its own."""
    if spec.gateway.front:
        yield from certificate_elsewhere(spec, region)
        if needs_digests(spec, images):
            yield from undigested("gateway", images.gateway)


def certificate_elsewhere(spec: ServiceSpec, region: str) -> Iterator[Problem]:
    """Yield the problem of a certificate that the load balancer cannot use."""
    certificate = spec.network.certificate_arn
    if certificate is not None and certificate.split(":")[3] != region:
        yield Problem(
            f"{spec.name}: network.certificate_arn",
            certificate,
            f"is not in {region}, where the load balancer is",
            f"request a certificate in {region}",
        )


def undigested(name: str, image: str | None) -> Iterator[Problem]:
    """Yield the problem of an image of the stack that somebody could move."""
    if image is not None and not has_digest(image):
        yield Problem(
            f"berth:images.{name}",
            image,
            "has no digest, which environment prod asks for",
            f"resolve it with `docker buildx imagetools inspect {image}` and append @sha256:DIGEST",
        )
