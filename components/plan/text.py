"""What `berth plan` prints: the whole plan on one page of 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cost.text import api_text, cost_text
from components.plan.ecs.text import ecs_rows
from components.plan.front.text import gateway_rows
from components.plan.keeper_text import keeper_rows
from components.plan.local.text import local_text
from components.plan.page import WIDTH, listed, row
from components.plan.runpod.text import runpod_rows
from components.plan.sagemaker.text import sagemaker_rows
from components.plan.schedule import awake_text
from components.plan.speed_text import speed_lines, start_lines
from components.sizing.fit import SAFETY_GIB
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from components.plan.model import Hardware, Plan, Rejection
    from components.plan.verdict import HostFit, Remedy
    from components.sizing.fit import MemoryFit

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
    if plan.local is not None:
        return local_text(plan, plan.local)
    parts = [
        [_title(plan)],
        _served(plan),
        _hardware_lines(plan),
        _memory(plan.hardware.fit),
        _context(plan.hardware.fit),
        speed_lines(plan),
        start_lines(plan),
        _running(plan),
        cost_text(plan.cost),
        api_text(plan.apis),
        listed(_FALLBACKS[plan.target], map(_fallback, plan.fallbacks)),
        listed("Cheaper, with a change", (_remedy(each, plan) for each in plan.remedies)),
        listed("Refused", _refused(plan.rejected)),
        listed("Notes", (_note(note.level, note.field, note.text) for note in plan.notes)),
        listed("Cost assumes", plan.cost.assumptions),
    ]
    return "\n\n".join("\n".join(part) for part in (list(lines) for lines in parts) if part) + "\n"


def _title(plan: Plan) -> str:
    stack = "" if plan.stack == plan.environment else f"stack {plan.stack}, "
    # A RunPod endpoint has no region: the stack's is that of its AWS services.
    where = plan.target if plan.target == "runpod" else f"{plan.target} in {plan.region}"
    return f"{plan.service} on {where} ({stack}environment {plan.environment})"


def _served(plan: Plan) -> Iterator[str]:
    model = plan.model
    stored = "16-bit weights" if model.quantization == "none" else f"{model.quantization} weights"
    where = model.s3_uri or "the Hub"
    yield from row("Model", f"{model.id}, {stored}, {model.dtype}, {model.checkpoint_gib:.2f} GiB from {where}")
    unpinned = "main, not pinned" if model.source == "hub" else "not named"
    yield from row("", f"revision {model.revision or unpinned}")
    yield from row("Engine", f"{plan.engine.kind} {plan.engine.version} ({_foldable(plan.engine.image)})")


def _hardware_lines(plan: Plan) -> Iterator[str]:
    hardware = plan.hardware
    yield from row("Hardware", f"{_hardware(hardware)}, {_price(hardware.usd_per_hour)}")
    yield from row("", plan.hardware_reason)
    if plan.host is not None:
        for label, text in zip(("Host", ""), _host(plan.host), strict=False):
            yield from row(label, text)


def _host(host: HostFit) -> Iterator[str]:
    if host.memory_needed_gib is not None and host.memory_offered_gib is not None:
        yield (
            f"loading takes {host.memory_needed_gib:.1f} GiB of memory, of {host.memory_offered_gib:.1f} that the "
            "engine may use"
        )
    has = "" if host.disk_offered_gb is None else f", of {host.disk_offered_gb:,.0f}"
    yield f"{host.disk}: {host.disk_needed_gb:,.0f} GB needed{has}, for {host.disk_holds}"


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


def _context(fit: MemoryFit) -> Iterator[str]:
    spare = f"leave {SAFETY_GIB:g} GiB or more to spare" if fit.verdict == "fits" else "marginal: see the warning below"
    held = f"the cache holds {fit.full_length_sequences:.1f} requests of that length"
    yield from row("Context", f"{fit.max_context_tokens:,} tokens, prompt and answer, {spare}; {held}")


def _running(plan: Plan) -> Iterator[str]:
    scaling = plan.scaling
    if plan.power == "off":
        yield from row("Replicas", "0, parked")
    elif scaling.min_replicas == scaling.max_replicas:
        yield from row("Replicas", f"{scaling.min_replicas}, {'while awake' if plan.is_kept else 'always'}")
    else:
        grow, shrink = Duration(scaling.scale_out_cooldown_seconds), Duration(scaling.scale_in_cooldown_seconds)
        pauses = "" if plan.target == "runpod" else f"; {grow} between additions, {shrink} between removals"
        yield from row(
            "Replicas",
            f"{scaling.min_replicas} to {scaling.max_replicas}, aiming at {scaling.target:g} "
            f"{_METRICS[scaling.metric]}{pauses}",
        )
    if plan.schedule is not None:
        yield from row("Awake", awake_text(plan.schedule))
    for label, text in (*keeper_rows(plan), *_TARGET_ROWS[plan.target](plan), *gateway_rows(plan)):
        yield from row(label, text)


def _foldable(image: str) -> str:
    """Return an image's name that can be folded after its registry where it is longer than a line."""
    registry, slash, name = image.rpartition("/")
    return f"{registry}{slash} {name}" if slash and len(image) > WIDTH - _LABEL else image


def _hardware(hardware: Hardware) -> str:
    known = hardware.vcpus is not None and hardware.memory_gib is not None
    host = f", {hardware.vcpus} vCPUs, {hardware.memory_gib:g} GiB" if known else ""
    return f"{hardware.instance_type}, {hardware.gpu_count} x {hardware.gpu} for a replica{host}"


def _fallback(hardware: Hardware) -> str:
    context = f"{hardware.fit.max_context_tokens:,} tokens of context"
    verdict = "" if hardware.fit.verdict == "fits" else f"{hardware.fit.verdict}, "
    price = _price(hardware.usd_per_hour)
    return f"{hardware.accelerator} {hardware.instance_type}: {verdict}{context}, {price}"


def _remedy(remedy: Remedy, plan: Plan) -> str:
    hardware = remedy.hardware
    now = plan.performance.replicas if plan.performance else 0
    count = f" with {_replicas(remedy.replicas)}, not {now}" if now and now != remedy.replicas else ""
    note = f" ({remedy.note})" if remedy.note else ""
    return (
        f"{hardware.accelerator} {hardware.instance_type}, {_price(hardware.usd_per_hour)}: {remedy.change}; saves up "
        f"to {remedy.saves_usd_per_month:,.0f} USD a month{count}{note}"
    )


def _refused(rejected: tuple[Rejection, ...]) -> Iterator[str]:
    """Yield each reason once, with all that it refuses."""
    named: dict[str, list[str]] = {}
    for each in rejected:
        named.setdefault(each.reason, []).append(f"{each.accelerator} {each.instance_type}".strip())
    yield from (f"{', '.join(names)}: {reason}" for reason, names in named.items())


def _replicas(count: int) -> str:
    return f"{count} replica{'' if count == 1 else 's'}"


def _note(level: str, field: str, text: str) -> str:
    mark = "warning: " if level == "warning" else ""
    return f"{mark}{field}: {text}" if field else f"{mark}{text}"


def _price(usd: float | None) -> str:
    return "price unknown" if usd is None else f"{usd:.4f} USD per hour"
