"""What a user should know about a plan for RunPod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.runpod import quota_tiers, usd_per_gpu_hour
from components.plan.front.notes import gateway_notes
from components.plan.kept import is_kept
from components.plan.model import Note
from components.plan.notes import common_notes
from components.plan.runpod.balanced_notes import balanced_caller_notes, balanced_request_notes, cold_note
from components.plan.runpod.mode import LOAD_BALANCER, is_load_balanced
from components.plan.runpod.numbers import GB_PER_GIB, least_volume_gb
from components.plan.runpod.startup import download_seconds
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import Draft
    from components.plan.model import Plan
    from components.plan.runpod.pools import Serving
    from components.plan.runpod.values import RunpodPlan
    from components.spec.service import ServiceSpec

_SPEND_LIMIT_USD_PER_HOUR = 80
"""What a new account may spend; source: RunPod's documentation of serverless prices, 2026-07-20."""


def runpod_notes(plan: Plan, made: Draft, runpod: RunpodPlan, serving: Serving) -> Iterator[Note]:
    """Yield everything that is to be said about a plan for RunPod."""
    several = len(serving.hardware) > 1
    # With several GPUs the context is not that of the first.
    yield from (note for note in common_notes(plan, made) if not (several and note.field == "model.max_context_tokens"))
    yield from _pool_notes(made, serving)
    yield from _worker_notes(plan, runpod)
    yield from _weight_notes(plan, made.spec, runpod)
    yield from gateway_notes(plan, made.spec)
    if not made.spec.gateway.front:
        yield from balanced_caller_notes(made.spec) if runpod.mode == LOAD_BALANCER else _caller_notes(made.spec)
        yield from _exposure_notes(made.spec)
        yield from _unused_network_notes(made.spec)
    yield from balanced_request_notes(plan, made.spec) if runpod.mode == LOAD_BALANCER else _request_notes(made.spec)
    yield from _unread_keys_notes(made.spec)
    yield from _unused_notes(made.spec)


def _pool_notes(made: Draft, serving: Serving) -> Iterator[Note]:
    names = ", ".join(f"{', '.join(serving.gpus_of(pool))} ({pool})" for pool in serving.pools)
    first, context = serving.hardware[0], serving.hardware[0].fit.max_context_tokens
    if len(serving.hardware) == 1:
        text = f"workers run on {names} alone; name more GPUs, in order of preference, where it is scarce"
    else:
        text = (
            f"workers run on whatever is free of {names}; all have one environment, so context and requests at once "
            f"are what fits {serving.smallest.gpu}, the smallest"
        )
    yield Note("info", "accelerators", text)
    if made.spec.model.max_context_tokens is None and len(serving.hardware) > 1:
        whose = "the model's own"
        if context < made.shape.max_context_tokens:
            whose = f"the longest that fits {serving.smallest.gpu}"
        text = f"not given: {context:,} tokens, {whose}"
        if serving.longest_context_tokens > context:
            text += f"; {serving.longest_context_tokens:,} would fit the largest GPU that may serve"
        yield Note("info", "model.max_context_tokens", text)
    if first.gpu_count > 1:
        yield Note("info", "accelerators", f"a worker needs a host with {first.gpu_count} of its GPUs free at once")


def _worker_notes(plan: Plan, runpod: RunpodPlan) -> Iterator[Note]:
    most = runpod.workers_max
    if most == 0:
        return
    if runpod.workers_min == 0 and runpod.mode == LOAD_BALANCER:
        yield cold_note(plan)
    elif runpod.workers_min == 0:
        yield Note(
            "info",
            "scaling.min_replicas",
            f"0: a request that finds no worker waits in the queue for a start, about {Duration(plan.startup_seconds)}",
        )
    yield Note(
        "info",
        "scaling.max_replicas",
        f"{most} of the workers that all endpoints of the account share: {quota_tiers()[0].workers} in a new account, "
        "more with its balance",
    )
    yield Note(
        "warning" if plan.environment == "prod" else "info",
        "scaling.max_replicas",
        "RunPod itself lowers it, to 2 after 3 days without a request, to 0 after 7: `pulumi up --refresh` raises it",
    )
    prices = [usd_per_gpu_hour(pool) for pool in runpod.pools]
    dearest = max((price for price in prices if price is not None), default=0.0) * runpod.gpu_count * most
    if dearest > _SPEND_LIMIT_USD_PER_HOUR:
        yield Note(
            "warning",
            "scaling.max_replicas",
            f"{most} workers cost up to {dearest:.2f} USD per hour, and RunPod stops a new account at "
            f"{_SPEND_LIMIT_USD_PER_HOUR}: have the account's spend limit raised",
        )


def _weight_notes(plan: Plan, spec: ServiceSpec, runpod: RunpodPlan) -> Iterator[Note]:
    checkpoint = plan.model.checkpoint_gib
    size, longer = f"{checkpoint * GB_PER_GIB:.1f} GB", Duration(download_seconds(checkpoint))
    if runpod.volume is None:
        yield Note(
            "info",
            "runpod.volume",
            f"not given: each start downloads {size} of weights, about {longer} that are paid for",
        )
    else:
        left = runpod.volume.size_gb // least_volume_gb(checkpoint)
        held = "one revision" if left == 1 else f"{left} revisions"
        yield Note(
            "info",
            "runpod.volume",
            f"the first start downloads {size} of weights to it, about {longer}; it has room for {held}, and all "
            f"workers run in {runpod.volume.data_center}",
        )
    if runpod.token_secret is not None:
        yield Note(
            "warning",
            "runpod.token_secret",
            f"make the RunPod secret {runpod.token_secret} before the deployment, from a token that can only read: "
            "whether it is there shows when a worker starts, and the worker's log may show its value",
        )
    if spec.model.token_secret is not None:
        used = "runpod.token_secret is used" if runpod.token_secret else "no token is used"
        text = f"{spec.model.token_secret} is in AWS, where RunPod cannot read: {used}"
        yield Note("info", "model.token_secret", text)


def _caller_notes(spec: ServiceSpec) -> Iterator[Note]:
    given = spec.gateway.keys_secret
    unused = f"{given} is not used: there is no gateway, " if given else "there is no gateway: "
    yield Note(
        "info",
        "gateway.keys_secret",
        f"{unused}callers send a key of the RunPod account; make a restricted one for this endpoint",
    )


def _exposure_notes(spec: ServiceSpec) -> Iterator[Note]:
    if spec.runpod.api_key_secret is not None and not is_kept(spec):
        text = f"{spec.runpod.api_key_secret} is not used: without a front or a keeper nobody of Berth calls RunPod"
        yield Note("info", "runpod.api_key_secret", text)
    if spec.runpod.api_key_secret is None and is_kept(spec):
        text = "is not given, so no function in AWS keeps it: run `berth keeper run` every ten minutes, from cron or CI"
        yield Note("warning", "runpod.api_key_secret", text)
    if spec.network.exposure == "internal":
        yield Note(
            "warning",
            "network.exposure",
            "internal is not possible: a RunPod endpoint is on the internet, behind the account's keys alone",
        )


def _unread_keys_notes(spec: ServiceSpec) -> Iterator[Note]:
    given = spec.runpod.client_keys_secret
    if given is not None and (spec.gateway.front or not is_load_balanced(spec)):
        why = "the front reads gateway.keys_secret" if spec.gateway.front else "runpod.mode queue has no gateway"
        yield Note("info", "runpod.client_keys_secret", f"{given} is not used: {why}")


def _request_notes(spec: ServiceSpec) -> Iterator[Note]:
    yield Note(
        "info",
        "gateway.max_request",
        f"{spec.gateway.max_request} from when a worker takes the request; a queued one is dropped after 24h, and an "
        "answer that nobody waits for is kept 30m",
    )


def _unused_network_notes(spec: ServiceSpec) -> Iterator[Note]:
    network = spec.network
    if network.vpc != "create":
        subnets = ", ".join((*network.vpc.private_subnet_ids, *network.vpc.public_subnet_ids))
        text = f"{network.vpc.id} ({subnets}) is not used: workers run in RunPod's data centers, outside every VPC"
        yield Note("warning", "network.vpc", text)
    if network.domain is not None:
        text = f"{network.domain} and {network.certificate_arn} are not used: RunPod names its endpoints itself"
        yield Note("info", "network.domain", text)


def _unused_notes(spec: ServiceSpec) -> Iterator[Note]:
    scaling = spec.scaling
    given = sorted({"scale_out_cooldown", "scale_in_cooldown"} & scaling.model_fields_set)
    if given:
        pauses = " and ".join(f"{name} of {getattr(scaling, name)}" for name in given)
        verb = "is" if len(given) == 1 else "are"
        yield Note("info", f"scaling.{given[0]}", f"{pauses} {verb} not used: RunPod's scaling has no pauses")
    if spec.tags:
        names = ", ".join(f"{key}={value}" for key, value in sorted(spec.tags.items()))
        yield Note("info", "tags", f"RunPod has none: {names} cannot divide its bill, the endpoint's name can")
