"""What SageMaker refuses of a spec that is right by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from components.catalogue.images import find_engine_image
from components.catalogue.sagemaker import sagemaker_registry
from components.errors import Problem
from components.plan.front.refusals import FRONT, front_problems, unkept_limits
from components.plan.images import has_digest, needs_digests
from components.plan.pricing import spot_refusal
from components.plan.sagemaker.numbers import rolling_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.plan.draft import StackImages
    from components.spec.service import ServiceSpec

_MOST_IMAGE = 255
_LEAST_IDLE_SECONDS = 1200


def sagemaker_problems(spec: ServiceSpec, region: str, images: StackImages) -> Iterator[Problem]:
    """Yield every problem of a spec on SageMaker."""

    def place(field: str) -> str:
        return f"{spec.name}: {field}"

    yield from _model_problems(spec, place)
    yield from _scaling_problems(spec, place)
    if not spec.gateway.front:
        yield from _network_problems(spec, place)
    yield from unkept_limits(spec, "sagemaker")
    yield from front_problems(spec, region, images)
    yield from spot_refusal(
        spec, "is not possible on sagemaker: endpoints run on demand, its spot instances are for training alone"
    )
    yield from _image_problems(spec, region, images, place)


def _model_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    model = spec.model
    if model.is_gated:
        yield Problem(
            place("model.source"),
            "hub",
            f"is not possible on SageMaker: {model.id} is gated, and everyone who may describe the endpoint's model "
            "could read the token",
            f"copy the weights once, with `hf download {model.id} --local-dir weights` and `aws s3 sync weights "
            "s3://BUCKET/PREFIX/`, and write model: {source: s3, s3_uri: s3://BUCKET/PREFIX/, token_secret: null}",
        )


def _scaling_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    if spec.scaling.min_replicas == 0:
        yield Problem(
            place("scaling.min_replicas"),
            "0",
            "is not possible on sagemaker: an endpoint has one instance or more",
            "use 1 or more, and idle: {after: 30m}, with which the keeper removes the endpoint, or target runpod",
        )
    if spec.idle is not None and spec.idle.after.seconds < _LEAST_IDLE_SECONDS:
        yield Problem(
            place("idle.after"),
            str(spec.idle.after),
            "is less than 20m, and an endpoint that is made again starts for 5m to 15m and may find no instance",
            "use 20m or more",
        )
    if spec.scaling.metric == "queue_wait":
        yield Problem(
            place("scaling.metric"),
            "queue_wait",
            "is not measured on sagemaker, which has no queue",
            "use concurrency or requests_per_minute",
        )
    why = rolling_refusal(spec)
    if spec.sagemaker.update_policy == "rolling" and why is not None:
        yield Problem(place("sagemaker.update_policy"), "rolling", why, "use blue_green, or remove it")


def _network_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    network = spec.network
    if network.exposure == "public":
        yield Problem(
            place("network.exposure"),
            "public",
            "is not possible on sagemaker: AWS credentials and IAM decide who may call an endpoint",
            f"{FRONT}, use internal, or target ecs",
        )
    if network.allowed_cidrs:
        yield Problem(
            place("network.allowed_cidrs"),
            ", ".join(network.allowed_cidrs),
            "cannot be enforced on sagemaker: an endpoint is called through AWS's API",
            f"{FRONT}, or remove it and limit callers with aws:SourceIp or aws:SourceVpce in their IAM policies",
        )


def _image_problems(
    spec: ServiceSpec, region: str, images: StackImages, place: Callable[[str], str]
) -> Iterator[Problem]:
    image = spec.engine.image
    if image is not None:
        registry = rf"\d{{12}}\.dkr\.ecr\.{re.escape(region)}\.amazonaws\.com(\.cn)?/"
        if len(image) > _MOST_IMAGE or not re.match(registry, image):
            yield Problem(
                place("engine.image"),
                image,
                f"is not an image of a private ECR registry in {region}, {_MOST_IMAGE} characters at most, which is "
                "all that SageMaker pulls",
                f"push it to ACCOUNT.dkr.ecr.{region}.amazonaws.com and write that name",
            )
            return
    row = find_engine_image("sagemaker", spec.engine.kind, spec.engine.version)
    if not needs_digests(spec, images) or (image is not None and has_digest(image)) or row is None:
        return
    named = image or f"{sagemaker_registry(region)}/{row.image}"
    account, repository, tag = named.partition(".")[0], *named.partition("/")[2].partition(":")[::2]
    yield Problem(
        place("engine.image"),
        named,
        "has no digest, which environment prod asks for",
        f"resolve it with `aws ecr describe-images --region {region} --registry-id {account} --repository-name "
        f"{repository} --image-ids imageTag={tag}` and write NAME@sha256:DIGEST as engine.image",
    )
