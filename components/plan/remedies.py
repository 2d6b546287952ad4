"""Which hardware would serve for less, as the spec is or after a change of it, and what would that save?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.cost.estimate import HOURS_PER_MONTH
from components.plan.candidates import accelerators_of
from components.plan.changes import Change, carriers, changes
from components.plan.demand import demand, replica_concurrency, scaling_plan
from components.plan.verdict import Remedy
from components.plan.week import running, week_of
from components.sizing.gates import gate
from components.spec.pricing import ON_DEMAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.catalogue.models import Quantization
    from components.plan.candidates import Workload
    from components.plan.draft import Draft
    from components.plan.model import Hardware
    from components.plan.week import Week

_ACCURACY: dict[Quantization, str] = {"awq": "4 bit costs some accuracy: test it"}
_MOST = 4


@dataclass(frozen=True, slots=True)
class _Need:
    """Replicas of one hardware: in the busiest hour, and as the mean of a month, with the limits of the spec."""

    busiest: int
    mean: float


def remedies(made: Draft) -> tuple[Remedy, ...]:
    """Return what would cost less with the change that each needs, the largest saving first; parked nothing does.

    A larger change is named only where it saves more than a smaller one.
    """
    if made.spec.power == "off":
        return ()
    found: list[Remedy] = []
    most = 0.0
    for remedy in _all(made):
        if remedy.saves_usd_per_month > most:
            most = remedy.saves_usd_per_month
            found.append(remedy)
    return tuple(sorted(found, key=lambda row: -row.saves_usd_per_month)[:_MOST])


def _all(made: Draft) -> Iterator[Remedy]:
    """Yield the best hardware of each change, the least change first; of contexts also the longest that saves."""
    if made.hardware.usd_per_hour is None:
        return
    everything, week = accelerators_of(made.market), week_of(made.spec)
    now = _need(made, week, made.hardware, made.workload)
    for change in (Change("", made.workload), *changes(made.workload, made.market)):
        able = carriers(change, everything, made.market)
        if change.names_context:
            found = [remedy for row in able if (remedy := _remedy(made, week, row, change, able, now)) is not None]
            yield from sorted(found, key=lambda row: -row.hardware.fit.max_context_tokens)[:1]
        yield from _best(made, week, change, able, now)


def _best(made: Draft, week: Week, change: Change, able: list[Hardware], now: _Need) -> Iterator[Remedy]:
    """Yield the hardware that saves most, if any does; `able` has the cheapest first."""
    best: Remedy | None = None
    for row in able:
        at_most = round(_saved_at_most(made, week, row, now) * HOURS_PER_MONTH, 2)
        if best is not None and at_most <= best.saves_usd_per_month:
            break
        remedy = _remedy(made, week, row, change, able, now)
        if remedy is not None and (best is None or remedy.saves_usd_per_month > best.saves_usd_per_month):
            best = remedy
    if best is not None:
        yield best


def _saved_at_most(made: Draft, week: Week, hardware: Hardware, now: _Need) -> float:
    """Return USD per hour that are saved if the fewest replicas suffice."""
    paid, least = now.mean * (made.hardware.usd_per_hour or 0.0), max(1, made.spec.scaling.min_replicas)
    return paid - week.awake_share * least * (hardware.usd_per_hour or 0.0)


def _remedy(
    made: Draft, week: Week, hardware: Hardware, change: Change, able: list[Hardware], now: _Need
) -> Remedy | None:
    """Return what a change saves, None when it saves nothing with as many replicas as the load then needs."""
    most = made.spec.scaling.max_count
    if _saved_at_most(made, week, hardware, now) <= 0:
        return None
    then = _need(made, week, hardware, change.workload)
    if then.busiest > max(now.busiest, most):
        return None
    hourly = now.mean * (made.hardware.usd_per_hour or 0.0) - then.mean * (hardware.usd_per_hour or 0.0)
    if hourly <= 0:
        return None
    return Remedy(
        hardware=hardware,
        change=_text(made, hardware, change, able),
        replicas=min(then.busiest, most),
        saves_usd_per_month=round(hourly * HOURS_PER_MONTH, 2),
        note="; ".join(_notes(made, hardware, change)),
    )


def _need(made: Draft, week: Week, hardware: Hardware, workload: Workload) -> _Need:
    """Return how many replicas the load needs in each hour that the service is awake, and the spec keeps at least."""
    spec = made.spec
    scaling = scaling_plan(spec.scaling, replica_concurrency(hardware.fit, spec.load))
    engine = made.request.engine.engine
    wanted = demand(spec, workload.shape, workload.quantization, hardware, scaling, engine=engine)
    least, most = max(1, scaling.min_replicas), scaling.max_replicas
    if wanted is None:
        return _Need(least, least * week.awake_share)
    per_hour = wanted.per_replica.expected
    runs = running(week, lambda rate: min(most, max(least, math.ceil(rate / per_hour))))
    return _Need(max(least, wanted.replicas_expected), runs.mean_of(float) if runs else least * week.awake_share)


def _text(made: Draft, hardware: Hardware, change: Change, able: list[Hardware]) -> str:
    """Return what to write: the change, and the accelerator where it would not be the one that is taken then."""
    named = made.spec.accelerators
    what = change.on(hardware)
    taken = able[0].accelerator if named == "auto" else str(named[0])
    if hardware.accelerator == taken:
        return what
    first = (
        f"accelerators: [{hardware.accelerator}]"
        if named == "auto"
        else f"{hardware.accelerator} first in accelerators"
    )
    return f"{what}, {first}" if what else first


def _notes(made: Draft, hardware: Hardware, change: Change) -> Iterator[str]:
    context, workload = hardware.fit.max_context_tokens, change.workload
    if not change.names_context and context < made.hardware.fit.max_context_tokens:
        yield f"{context:,} tokens of context"
    noted = gate(gpus()[hardware.gpu], workload.shape, workload.quantization, workload.dtype).note
    if noted is not None:
        yield noted
    if workload.quantization != made.loaded and workload.quantization in _ACCURACY:
        yield _ACCURACY[workload.quantization]
    if made.spec.pricing.spot_percent or made.spec.pricing.commitment != ON_DEMAND:
        yield "both at prices on demand"
