"""What a target refuses of a spec that is right by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from components.catalogue.instances import known_regions
from components.errors import Problem, SpecError, did_you_mean
from components.plan.model import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.spec.service import ServiceSpec

TARGETS: tuple[str, ...] = get_args(Target)


def check_target(spec: ServiceSpec, target: str, region: str, images: Mapping[str, str]) -> None:
    """Raise `SpecError` with everything that this target, region or environment refuses."""
    problems = list(_problems(spec, target, region, images))
    if problems:
        raise SpecError(problems)


def _problems(spec: ServiceSpec, target: str, region: str, images: Mapping[str, str]) -> Iterator[Problem]:
    if target not in TARGETS:
        yield Problem(f"{spec.name}: target", target, "is not a target", did_you_mean(target, TARGETS))
    elif target != "ecs":
        yield Problem(f"{spec.name}: target", target, "is not available yet", "use ecs")
    if region not in known_regions():
        yield Problem(
            f"{spec.name}: region",
            region,
            "is not a region of the catalogue",
            f"use one of: {', '.join(known_regions())}",
        )
    if spec.scaling.min_replicas == 0:
        yield Problem(
            f"{spec.name}: scaling.min_replicas",
            "0",
            "is not possible on ecs yet: nothing would wake the service",
            "use 1 or more",
        )
    certificate = spec.network.certificate_arn
    if certificate is not None and certificate.split(":")[3] != region:
        yield Problem(
            f"{spec.name}: network.certificate_arn",
            certificate,
            f"is not in {region}, where the load balancer is",
            f"request a certificate in {region}",
        )
    if spec.environment == "prod":
        for name, image in sorted(images.items()):
            if not re.search(r"@sha256:[0-9a-f]{64}$", image):
                yield Problem(
                    f"berth:images.{name}",
                    image,
                    "has no digest, which environment prod asks for",
                    f"resolve it with `docker buildx imagetools inspect {image}` and append @sha256:DIGEST",
                )
