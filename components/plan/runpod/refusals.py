"""What RunPod refuses of a spec that is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.images import find_engine_image
from components.catalogue.worker import worker_name
from components.errors import Problem
from components.plan.front.refusals import FRONT, front_problems, undigested, unkept_limits
from components.plan.images import has_digest, needs_digests
from components.plan.pricing import spot_refusal
from components.plan.runpod.balanced import balanced_problems
from components.plan.runpod.mode import engines_of, is_load_balanced, worker_image
from components.spec.pricing import ON_DEMAND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.plan.draft import StackImages
    from components.spec.service import ServiceSpec

_LEAST_EXECUTION_SECONDS = 5
_LEAST_QUEUE_DELAY_SECONDS = 0.5
_NOT_BEHIND_THE_WORKER = {
    "enable-ssl-refresh", "grpc", "headless", "root-path",
    "ssl-ca-certs", "ssl-cert-reqs", "ssl-certfile", "ssl-ciphers", "ssl-keyfile",
}  # fmt: skip
"""Flags with which the worker could not reach the engine that it starts."""


def runpod_problems(spec: ServiceSpec, region: str, images: StackImages) -> Iterator[Problem]:
    """Yield every problem of a spec on RunPod."""

    def place(field: str) -> str:
        return f"{spec.name}: {field}"

    yield from _model_problems(spec, place)
    yield from _engine_problems(spec, place)
    yield from _scaling_problems(spec, place)
    yield from _pricing_problems(spec, place)
    if not spec.gateway.front:
        yield from _network_problems(spec, place)
    yield from (balanced_problems(spec, place) if is_load_balanced(spec) else unkept_limits(spec, "RunPod"))
    yield from front_problems(spec, region, images)
    yield from _front_key_problems(spec, place)
    longest = spec.gateway.max_request
    if longest.seconds < _LEAST_EXECUTION_SECONDS:
        yield Problem(
            place("gateway.max_request"), str(longest), "is less than the 5s that RunPod accepts", "use 5s or more"
        )
    yield from _image_problems(spec, images, place)


def _network_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    if spec.network.allowed_cidrs:
        yield Problem(
            place("network.allowed_cidrs"),
            ", ".join(spec.network.allowed_cidrs),
            "cannot be enforced on RunPod: its endpoints are reached from everywhere with a key of the account",
            f"{FRONT}, remove it if the key is enough, or use target ecs",
        )
    if spec.network.exposure == "internal" and "exposure" in spec.network.model_fields_set:
        yield Problem(
            place("network.exposure"),
            "internal",
            "is not possible on RunPod: an endpoint is on the internet, behind the account's keys alone",
            f"{FRONT}, remove it if the keys are enough (another target of the same spec can have it in the stack's "
            "overrides), or use target ecs",
        )


def _front_key_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    if spec.gateway.front and spec.runpod.api_key_secret is None:
        yield Problem(
            place("runpod.api_key_secret"),
            "",
            "is missing: the front calls the endpoint with a RunPod key",
            "make a restricted key for it in RunPod's console, store it in AWS Secrets Manager (aws secretsmanager "
            "create-secret --name runpod/api-key --secret-string file:///dev/stdin) and write the secret's name: "
            "runpod: {api_key_secret: runpod/api-key}",
        )


def _model_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    model = spec.model
    if model.source == "s3":
        yield Problem(
            place("model.source"),
            "s3",
            "is not possible on RunPod: its workers have no credentials for the bucket",
            "use source: hub, or another target",
        )
        return
    if model.is_gated and spec.runpod.token_secret is None:
        yield Problem(
            place("runpod.token_secret"),
            "",
            f"is missing: {model.id} is gated, and RunPod cannot read model.token_secret, which is in AWS",
            f"accept the licence on https://huggingface.co/{model.id}, store a read token of that user as a secret in "
            "RunPod's console (Secrets, for example huggingface_token), and write its name, not its value: "
            "runpod: {token_secret: huggingface_token}",
        )


def _engine_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    for name in sorted(spec.engine.extra_args):
        known = worker_name(name.removeprefix("no-"))
        where = place(f"engine.extra_args.{name}")
        if name in _NOT_BEHIND_THE_WORKER:
            yield Problem(
                where, "", "cuts RunPod's worker off from the engine that it starts and calls over HTTP", "remove it"
            )
        elif known is not None and known.kind == "reserved" and name == "config":
            yield Problem(where, "", "names a file, and a worker has none of yours", "write its flags as extra_args")


def _scaling_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    scaling, where = spec.scaling, place("scaling.target")
    if scaling.metric == "requests_per_minute":
        yield Problem(
            place("scaling.metric"),
            "requests_per_minute",
            "is not measured by RunPod",
            "use concurrency (requests for each worker) or queue_wait (seconds in the queue)",
        )
    if scaling.metric == "queue_wait" and is_load_balanced(spec):
        yield Problem(
            place("scaling.metric"),
            "queue_wait",
            "needs a queue, which runpod.mode load_balancer has not",
            "use concurrency (requests for each worker), or runpod.mode: queue",
        )
    if spec.runpod.idle_timeout is not None and scaling.metric != "queue_wait" and not is_load_balanced(spec):
        yield Problem(
            place("runpod.idle_timeout"),
            str(spec.runpod.idle_timeout),
            f"is not accepted by RunPod for a queue together with scaling.metric {scaling.metric}",
            "set scaling.metric: queue_wait, or remove it",
        )
    if scaling.target is None:
        return
    if scaling.metric == "concurrency" and scaling.target != int(scaling.target):
        yield Problem(where, f"{scaling.target:g}", "is not a whole number of requests", "round it, to 1 or more")
    if scaling.metric == "queue_wait" and scaling.target < _LEAST_QUEUE_DELAY_SECONDS:
        yield Problem(where, f"{scaling.target:g}", "is below the 0.5 seconds that RunPod accepts", "use 0.5 or more")


def _pricing_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    yield from spot_refusal(spec, "is not possible on RunPod: serverless workers have one price")
    if spec.pricing.commitment != ON_DEMAND:
        yield Problem(
            place("pricing.commitment"),
            spec.pricing.commitment,
            "is a Savings Plan of AWS; RunPod publishes no price for a commitment",
            "remove it, in the stack's overrides where another target has the same spec",
        )


def _image_problems(spec: ServiceSpec, images: StackImages, place: Callable[[str], str]) -> Iterator[Problem]:
    row = find_engine_image(engines_of(spec, "runpod"), spec.engine.kind, spec.engine.version)
    image, where = spec.engine.image or (row.image if row else None), place("engine.image")
    if is_load_balanced(spec):
        image = worker_image(spec, images) or None
        where = where if spec.engine.image else "berth:images.runpod_worker"
    if image is None or has_digest(image):
        return
    tag = image.rpartition("/")[2].partition(":")[2]
    if tag in ("", "latest"):
        yield Problem(
            where,
            image,
            "has a moving tag: RunPod starts workers from whatever a host has cached under it",
            "name a version, or a digest",
        )
    elif needs_digests(spec, images) and is_load_balanced(spec) and not spec.engine.image:
        yield from undigested("runpod_worker", image)
    elif needs_digests(spec, images):
        yield Problem(
            place("engine.image"),
            image,
            "has no digest, which environment prod asks for",
            f"resolve it with `docker buildx imagetools inspect {image}` and write engine: "
            f"{{image: {image.rpartition(':')[0]}@sha256:DIGEST}}, in the stack's overrides where another target has "
            "the same spec",
        )
