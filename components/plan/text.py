"""What `berth plan` prints: the whole plan on one page of 100 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from components.plan.ecs.text import ecs_rows
from components.plan.runpod.text import runpod_rows
from components.plan.sagemaker.text import sagemaker_rows
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from components.cost.estimate import CostEstimate
    from components.plan.model import Hardware, Plan
    from components.sizing.fit import MemoryFit

WIDTH = 100
_LABEL = 12
_METRICS = {
    "concurrency": "requests in flight each",
    "requests_per_minute": "requests per minute each",
    "queue_wait": "seconds in the queue",
}
_FALLBACKS = {"ecs": "Would fit too", "sagemaker": "Falls back to", "runpod": "Serve too"}
_TARGET_ROWS: Mapping[str, Callable[[Plan], Iterator[tuple[str, str]]]] = {
    "ecs": ecs_rows,
    "sagemaker": sagemaker_rows,
    "runpod": runpod_rows,
}


def plan_text(plan: Plan) -> str:
    """Return a plan as text."""
    parts = [
        _head(plan),
        _memory(plan.hardware.fit),
        _running(plan),
        _cost(plan.cost),
        _listed(_FALLBACKS[plan.target], [_fallback(row) for row in plan.fallbacks]),
        _listed(
            "Refused", [f"{row.accelerator} {row.instance_type}".strip() + f": {row.reason}" for row in plan.rejected]
        ),
        _listed("Notes", [_note(row.level, row.field, row.text) for row in plan.notes]),
        _listed("Cost assumes", list(plan.cost.assumptions)),
    ]
    return "\n\n".join("\n".join(part) for part in (list(lines) for lines in parts) if part) + "\n"


def _head(plan: Plan) -> Iterator[str]:
    stack = "" if plan.stack == plan.environment else f"stack {plan.stack}, "
    # A RunPod endpoint has no region: the stack's is that of its AWS services.
    where = plan.target if plan.target == "runpod" else f"{plan.target} in {plan.region}"
    yield f"{plan.service} on {where} ({stack}environment {plan.environment})"
    yield ""
    model, hardware = plan.model, plan.hardware
    stored = "16-bit weights" if model.quantization == "none" else f"{model.quantization} weights"
    where = model.s3_uri or "the Hub"
    yield from _row("Model", f"{model.id}, {stored}, {model.dtype}, {model.checkpoint_gib:.2f} GiB from {where}")
    unpinned = "main, not pinned" if model.source == "hub" else "not named"
    yield from _row("", f"revision {model.revision or unpinned}")
    yield from _row("Engine", f"{plan.engine.kind} {plan.engine.version} ({_foldable(plan.engine.image)})")
    yield from _row("Hardware", f"{_hardware(hardware)}, {_price(hardware.usd_per_hour)}")
    fits = hardware.fit.reason if hardware.fit.verdict == "fits" else f"{hardware.fit.verdict}, see the warning below"
    yield from _row("", f"{plan.hardware_reason}; {fits}")


def _memory(fit: MemoryFit) -> Iterator[str]:
    budget, weights, runtime = (round(part, 2) for part in (fit.budget_gib, fit.weights_gib, fit.runtime_gib))
    kib = fit.kv_bytes_per_token / 1024
    rows = (
        ("usable", fit.usable_gib, ""),
        ("budget", budget, f"{fit.utilization:.0%} of it"),
        ("- weights", weights, ""),
        ("- runtime", runtime, "CUDA, activations, graphs"),
        ("= cache", budget - weights - runtime, f"keys and values of {fit.cache_tokens:,} tokens, {kib:.0f} KiB each"),
    )
    yield "Memory of each GPU, GiB"
    yield from (f"  {name:<10}{gib:>8.2f}   {why}".rstrip() for name, gib, why in rows)


def _running(plan: Plan) -> Iterator[str]:
    fit, scaling = plan.hardware.fit, plan.scaling
    yield from _row(
        "Context",
        f"{fit.max_context_tokens:,} tokens, prompt and answer; "
        f"the cache holds {fit.full_length_sequences:.1f} requests of that length",
    )
    if plan.power == "off":
        yield from _row("Replicas", "0, parked")
    elif scaling.min_replicas == scaling.max_replicas:
        yield from _row("Replicas", f"{scaling.min_replicas}, always")
    else:
        grow, shrink = Duration(scaling.scale_out_cooldown_seconds), Duration(scaling.scale_in_cooldown_seconds)
        pauses = "" if plan.target == "runpod" else f"; {grow} between additions, {shrink} between removals"
        yield from _row(
            "Replicas",
            f"{scaling.min_replicas} to {scaling.max_replicas}, aiming at {scaling.target:g} "
            f"{_METRICS[scaling.metric]}{pauses}",
        )
    stages = ", ".join(f"{stage.name} {Duration(stage.seconds)}" for stage in plan.startup)
    whole, limit = Duration(plan.startup_seconds), Duration(plan.startup_limit_seconds)
    yield from _row("Start", f"about {whole} ({stages}); given up after {limit}")
    for label, text in _TARGET_ROWS[plan.target](plan):
        yield from _row(label, text)


def _cost(cost: CostEstimate) -> Iterator[str]:
    yield f"{'Cost, USD per month':<22}{'floor':>11}{'expected':>11}{'max':>11}"
    for line in cost.lines:
        numbers = "".join(f"{_usd(usd):>11}" for usd in (line.floor, line.expected, line.max))
        yield f"  {line.name:<20}{numbers}   {line.basis}"
    numbers = "".join(f"{_usd(usd):>11}" for usd in (cost.floor, cost.expected, cost.max))
    yield f"  {'total':<20}{numbers}   prices of {cost.price_table_date}"
    if cost.usd_per_million_tokens is not None:
        yield f"  {cost.usd_per_million_tokens:.2f} USD per million tokens, in and out, at the expected load"
    yield from (f"  unknown: {unknown}" for unknown in cost.unknowns)


def _listed(title: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield title
    for entry in entries:
        yield from textwrap.wrap(entry, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _row(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{label:<{_LABEL}}",
        subsequent_indent=" " * _LABEL,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _foldable(image: str) -> str:
    """Return an image's name that can be folded after its registry where it is longer than a line."""
    registry, slash, name = image.rpartition("/")
    return f"{registry}{slash} {name}" if slash and len(image) > WIDTH - _LABEL else image


def _hardware(row: Hardware) -> str:
    host = "" if row.vcpus is None or row.memory_gib is None else f", {row.vcpus} vCPUs, {row.memory_gib:g} GiB"
    return f"{row.instance_type}, {row.gpu_count} x {row.gpu} for a replica{host}"


def _fallback(row: Hardware) -> str:
    context = f"{row.fit.max_context_tokens:,} tokens of context"
    verdict = "" if row.fit.verdict == "fits" else f"{row.fit.verdict}, "
    return f"{row.accelerator} {row.instance_type}: {verdict}{context}, {_price(row.usd_per_hour)}"


def _note(level: str, field: str, text: str) -> str:
    mark = "warning: " if level == "warning" else ""
    return f"{mark}{field}: {text}" if field else f"{mark}{text}"


def _price(usd: float | None) -> str:
    return "price unknown" if usd is None else f"{usd:.4f} USD per hour"


def _usd(usd: float | None) -> str:
    return "unknown" if usd is None else f"{usd:,.2f}"
