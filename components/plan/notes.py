"""What a user should know about a plan: defaults taken, risks, and fields that only inform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.catalogue.models import find_model
from components.plan.budget_notes import budget_notes
from components.plan.demand import TYPICAL_SHARE_OF_CONTEXT
from components.plan.exemptions import exemption_notes
from components.plan.keeper_notes import keeper_notes
from components.plan.load_notes import load_notes
from components.plan.model import Note
from components.plan.price_age import price_notes
from components.plan.schedule import schedule_notes
from components.sizing.gates import gate
from components.sizing.links import nvlink_gb_per_s
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from components.plan.draft import Draft
    from components.plan.model import Plan


def sorted_notes(found: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes in the order in which they are shown, warnings first."""
    return tuple(sorted(found, key=lambda note: (note.level != "warning", note.field, note.text)))


def common_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    """Yield what every target has to say about a plan."""
    yield from _model_notes(made)
    yield from _hardware_notes(plan)
    yield from _scaling_notes(plan, made)
    yield from load_notes(plan, made)
    yield from price_notes(plan, made.request.today)
    yield from schedule_notes(plan, made.spec, made.request.today)
    yield from keeper_notes(plan, made.spec)
    yield from budget_notes(plan, made.spec)
    yield from exemption_notes(made.spec)
    if plan.power == "off":
        yield Note("info", "power", "off: the service is parked; no GPU runs, and nobody is answered")


def _model_notes(made: Draft) -> Iterator[Note]:
    spec, shape, model, hardware = made.spec, made.shape, made.model, made.hardware
    known = find_model(model.id)
    if spec.model.shape is not None:
        beside = ", not the catalogue's" if known else ""
        yield Note("info", "model.shape", f"the shape is the spec's{beside}: what follows from it was not checked")
    elif spec.model.config is not None:
        beside = ", not of the catalogue" if known else ""
        counted = f"{shape.parameters_b:,.1f} billion parameters counted from it"
        yield Note("info", "model.config", f"the shape is that of {spec.model.config}{beside}; {counted}")
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


def _hardware_notes(plan: Plan) -> Iterator[Note]:
    hardware = plan.hardware
    if hardware.fit.verdict == "marginal":
        yield Note("warning", "accelerators", f"{hardware.accelerator} is marginal: {hardware.fit.reason}")
    if hardware.tensor_parallel_size > 1 and nvlink_gb_per_s(gpus()[hardware.gpu]) is None:
        text = f"{hardware.gpu_count} {hardware.gpu} exchange every layer over PCIe, not NVLink, which costs latency"
        yield Note("info", "accelerators", text)
    idle = hardware.instance_gpu_count - hardware.gpu_count
    if idle:
        yield Note(
            "warning",
            "accelerators",
            f"{hardware.instance_type} has {hardware.instance_gpu_count} GPUs and a replica uses {hardware.gpu_count}: "
            f"{idle} are paid for and idle",
        )


def _scaling_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    spec, scaling, wanted, sequences = made.spec, plan.scaling, made.wanted, made.sequences
    if plan.power == "off":
        return
    if scaling.metric == "concurrency" and scaling.target > sequences:
        yield Note(
            "warning",
            "scaling.target",
            f"{scaling.target:g} requests in flight are aimed at, {sequences} fit the cache of a replica: "
            "the others wait inside it",
        )
    if spec.scaling.target is None and scaling.min_replicas < scaling.max_replicas:
        text = f"not given: {scaling.target:g} requests in flight per replica, of {sequences} that fit its cache"
        if scaling.metric == "queue_wait":
            text = f"not given: a replica is added when a request has waited {scaling.target:g} s in the queue"
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
            f"{peak:,} requests at once, {most:,} fit the cache of {replicas_text(scaling.max_replicas)} "
            f"on {plan.hardware.accelerator}, the others wait: raise scaling.max_replicas or choose a larger GPU",
        )
    elif peak is not None and peak > first > 0:
        yield Note(
            "info",
            "load.peak_concurrency",
            f"{peak:,} requests at once, {first:,} fit the cache of {replicas_text(scaling.min_replicas)}: a sudden "
            f"peak waits about {Duration(plan.startup_seconds)} for the next replica, unless scaling.min_replicas is "
            "raised",
        )
    if wanted is not None and wanted.replicas_expected > scaling.max_replicas:
        yield Note(
            "warning",
            "load.requests_per_hour",
            f"needs about {wanted.replicas_expected:,} replicas, scaling.max_replicas is {scaling.max_replicas}: "
            "requests pile up, and the cost per million tokens counts those that are served",
        )


def cooldown_notes(plan: Plan) -> Iterator[Note]:
    """Yield what follows where Application Auto Scaling does not wait for a replica that still loads."""
    scaling, pause = plan.scaling, Duration(plan.scaling.scale_out_cooldown_seconds)
    if scaling.min_replicas < scaling.max_replicas and pause.seconds < plan.startup_seconds:
        text = (
            f"{pause} is shorter than a start of about {Duration(plan.startup_seconds)}: replicas that still load are "
            "counted as missing, and more are added than the load needs"
        )
        yield Note("warning", "scaling.scale_out_cooldown", text)


def replicas_text(count: int) -> str:
    return f"{count} replica{'' if count == 1 else 's'}"
