"""What a user should know about a plan: defaults taken, risks, and fields that only inform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.catalogue.models import find_model
from components.catalogue.prices import STALE_AFTER_DAYS, is_stale, price_table_date
from components.plan.demand import TYPICAL_SHARE_OF_CONTEXT
from components.plan.model import Note
from components.plan.startup import MOST_SECONDS, download_seconds, startup_budget
from components.sizing.gates import gate
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from components.catalogue.images import EngineImage
    from components.catalogue.models import ModelShape
    from components.plan.demand import Demand
    from components.plan.model import EcsPlan, Hardware, ModelPlan, Plan
    from components.spec.service import ServiceSpec


_QUOTAS = {"G": "L-DB2E81BA", "P": "L-417A185B"}
"""Codes of "Running On-Demand G and VT instances" and "Running On-Demand P instances"."""


def notes(
    plan: Plan,
    spec: ServiceSpec,
    ecs: EcsPlan,
    *,
    shape: ModelShape,
    wanted: Demand | None,
    image: EngineImage,
    sequences: int,
    today: date,
) -> tuple[Note, ...]:
    """Return the notes of a plan, warnings first."""
    found = [
        *_model_notes(spec, shape, plan.model, plan.hardware),
        *_hardware_notes(spec, plan, ecs, image),
        *_fallback_notes(plan),
        *_scaling_notes(spec, plan, wanted, sequences),
        *_network_notes(plan),
        *_price_notes(today),
    ]
    return tuple(sorted(found, key=lambda note: (note.level != "warning", note.field, note.text)))


def _model_notes(spec: ServiceSpec, shape: ModelShape, model: ModelPlan, hardware: Hardware) -> Iterator[Note]:
    known = find_model(model.id)
    if spec.model.shape is not None:
        beside = ", not the catalogue's" if known else ""
        yield Note("info", "model.shape", f"the shape is the spec's{beside}: what follows from it was not checked")
    elif known is not None and known.base_id != model.id:
        yield Note("info", "model.id", f"the shape is that of {known.base_id}, weights stored as {known.quantization}")
    if spec.model.max_context_tokens is None:
        why = f"the longest that fits {hardware.accelerator} (the model's own is {shape.max_context_tokens:,})"
        if model.max_context_tokens == shape.max_context_tokens:
            why = "the model's own"
        yield Note("info", "model.max_context_tokens", f"not given: {model.max_context_tokens:,} tokens, {why}")
    if model.revision is None:
        text = "not given: the weights are whatever main is at the first start"
        if model.source == "s3":
            text = "not given: the weights are what the prefix holds at the first start; a later upload is not seen"
        yield Note("warning", "model.revision", text)
    gated = gate(gpus()[hardware.gpu], shape, model.quantization, spec.model.dtype)
    if gated.note:
        yield Note("warning", "model.dtype" if "float16" in gated.note else "model.quantization", gated.note)
    longer = Duration(download_seconds(model.checkpoint_gib))
    yield Note("info", "model.source", f"the very first start also downloads the weights: about {longer} more")


def _hardware_notes(spec: ServiceSpec, plan: Plan, ecs: EcsPlan, image: EngineImage) -> Iterator[Note]:
    hardware = plan.hardware
    if hardware.fit.verdict == "marginal":
        yield Note("warning", "accelerators", f"{hardware.accelerator} is marginal: {hardware.fit.reason}")
    idle = hardware.instance_gpu_count - hardware.gpu_count
    if idle:
        yield Note(
            "warning",
            "accelerators",
            f"{hardware.instance_type} has {hardware.instance_gpu_count} GPUs and a replica uses {hardware.gpu_count}: "
            f"{idle} are paid for and idle",
        )
    family = hardware.instance_type[0].upper()
    yield Note(
        "info",
        "scaling.max_replicas",
        f"the account needs an on-demand quota of {ecs.instances_max * hardware.vcpus} vCPUs for {family} instances "
        f"({_QUOTAS[family]} in Service Quotas; a new account has 0)",
    )
    if startup_budget(plan.startup_seconds) < 2 * plan.startup_seconds:
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


def _scaling_notes(spec: ServiceSpec, plan: Plan, wanted: Demand | None, sequences: int) -> Iterator[Note]:
    scaling = plan.scaling
    if scaling.metric == "concurrency" and scaling.target > sequences:
        yield Note(
            "warning",
            "scaling.target",
            f"{scaling.target:g} requests in flight are aimed at, {sequences} fit the cache of a replica: "
            "the others wait inside it",
        )
    if spec.scaling.target is None and scaling.min_replicas < scaling.max_replicas:
        text = f"not given: {scaling.target:g} requests in flight per replica, of {sequences} that fit its cache"
        yield Note("info", "scaling.target", text)
    if spec.load is None:
        length = f"{plan.model.max_context_tokens // TYPICAL_SHARE_OF_CONTEXT:,} tokens, a quarter of the context"
        text = f"not given: each request is taken to use {length}, so a replica works on {sequences} at once"
        yield Note("info", "load", text)
    peak = spec.load.peak_concurrency if spec.load else None
    most, first = sequences * scaling.max_replicas, sequences * scaling.min_replicas
    if peak is not None and peak > most:
        yield Note(
            "warning",
            "load.peak_concurrency",
            f"{peak:,} requests at once, {most:,} fit the cache of {_replicas(scaling.max_replicas)} "
            f"on {plan.hardware.accelerator}, the others wait: raise scaling.max_replicas or choose a larger GPU",
        )
    elif peak is not None and peak > first:
        yield Note(
            "info",
            "load.peak_concurrency",
            f"{peak:,} requests at once, {first:,} fit the cache of {_replicas(scaling.min_replicas)}: a sudden peak "
            f"waits about {Duration(plan.startup_seconds)} for the next replica, unless scaling.min_replicas is raised",
        )
    if wanted is not None and wanted.replicas_expected > scaling.max_replicas:
        yield Note(
            "warning",
            "load.requests_per_hour",
            f"needs about {wanted.replicas_expected:,} replicas, scaling.max_replicas is {scaling.max_replicas}: "
            "requests pile up, and the cost per million tokens counts those that are served",
        )
    if spec.gateway.keys_secret is None:
        yield Note("warning", "gateway.keys_secret", "not given: everyone who reaches the service may use it")


def _replicas(count: int) -> str:
    return f"{count} replica{'' if count == 1 else 's'}"


def _network_notes(plan: Plan) -> Iterator[Note]:
    if plan.network.domain is not None:
        yield Note("info", "network.domain", f"make {plan.network.domain} a CNAME of the output load_balancer")


def _price_notes(today: date) -> Iterator[Note]:
    table = price_table_date()
    if is_stale(table, today):
        yield Note(
            "warning",
            "",
            f"prices are of {table}, more than {STALE_AFTER_DAYS} days old: compare with the AWS price list",
        )
