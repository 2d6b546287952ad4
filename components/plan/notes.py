"""What a user should know about a plan: defaults taken, risks, and fields that only inform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.catalogue.models import find_model
from components.catalogue.prices import STALE_AFTER_DAYS, is_stale, price_table_date
from components.plan.model import Note
from components.plan.startup import download_seconds
from components.sizing.gates import gate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from components.catalogue.images import EngineImage
    from components.catalogue.models import ModelShape
    from components.plan.demand import Demand
    from components.plan.model import EcsPlan, Hardware, ModelPlan, Plan
    from components.spec.service import ServiceSpec


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
        *_hardware_notes(spec, plan.hardware, ecs, image),
        *_fallback_notes(plan),
        *_scaling_notes(spec, plan, wanted, sequences),
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
        yield Note(
            "info",
            "model.max_context_tokens",
            f"not given: {model.max_context_tokens} tokens, the longest that fits {hardware.accelerator} "
            f"(the model's own is {shape.max_context_tokens})",
        )
    if model.revision is None:
        yield Note("warning", "model.revision", "not given: the weights are whatever main is at the first start")
    gated = gate(gpus()[hardware.gpu], shape, model.quantization, spec.model.dtype)
    if gated.note:
        yield Note("warning", "model.dtype" if "float16" in gated.note else "model.quantization", gated.note)
    minutes = download_seconds(model.checkpoint_gib) / 60
    yield Note("info", "model.source", f"the very first start also downloads the weights: {minutes:.0f} minutes more")


def _hardware_notes(spec: ServiceSpec, hardware: Hardware, ecs: EcsPlan, image: EngineImage) -> Iterator[Note]:
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
        f"the account needs an on-demand quota of {ecs.instances_max * hardware.vcpus} vCPUs for {family} instances",
    )
    if spec.ecs.ami_id is None:
        level = "warning" if spec.environment == "prod" else "info"
        yield Note(level, "ecs.ami_id", "not given: the newest ECS GPU image, which may change with each deployment")
    else:
        yield Note("info", "ecs.ami_id", f"CUDA {image.cuda} of the engine needs driver {image.min_driver} or newer")
    if ecs.deployment_minimum_percent == 0:
        yield Note("info", "ecs.deployment", "recreate: a deployment stops the service for a whole start")
    else:
        yield Note("info", "ecs.deployment", "surge: a deployment runs one more instance until the new version is up")


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
    if spec.scaling.target is None:
        yield Note("info", "scaling.target", f"not given: {scaling.target:g}, of {sequences} that fit the cache")
    peak = spec.load.peak_concurrency if spec.load else None
    if peak is not None and peak > sequences * scaling.max_replicas:
        yield Note(
            "warning",
            "load.peak_concurrency",
            f"{peak} requests at once, {sequences * scaling.max_replicas} fit the cache of {scaling.max_replicas} "
            f"replicas on {plan.hardware.accelerator}: raise scaling.max_replicas",
        )
    if wanted is not None and wanted.replicas_expected > scaling.max_replicas:
        yield Note(
            "warning",
            "load.requests_per_hour",
            f"needs about {wanted.replicas_expected} replicas, scaling.max_replicas is {scaling.max_replicas}",
        )
    if spec.gateway.keys_secret is None:
        yield Note("warning", "gateway.keys_secret", "not given: everyone who reaches the service may use it")


def _price_notes(today: date) -> Iterator[Note]:
    table = price_table_date()
    if is_stale(table, today):
        yield Note(
            "warning",
            "",
            f"prices are of {table}, more than {STALE_AFTER_DAYS} days old: compare with the AWS price list",
        )
