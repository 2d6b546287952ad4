"""How fast would the replicas of a service answer, on the chosen hardware or on another?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.plan.demand import demand, replica_concurrency, scaling_plan
from components.sizing.latency import performance
from components.sizing.queue import TAIL
from components.sizing.range import Range

if TYPE_CHECKING:
    from components.plan.candidates import Workload
    from components.plan.draft import Draft
    from components.plan.model import Hardware
    from components.sizing.latency import Performance

_INPUT_TOKENS = 1000
_OUTPUT_TOKENS = 250
_MOST_OF_CONTEXT = 0.75
_MS = 1000


@dataclass(frozen=True, slots=True)
class Lengths:
    """Tokens of a prompt and of its answer."""

    input_tokens: int
    output_tokens: int


def lengths(made: Draft, hardware: Hardware) -> Lengths:
    """Return the mean lengths of the load; without a load 1,000 and 250 tokens, or what a shorter context holds."""
    load = made.spec.load
    if load is not None:
        return Lengths(load.input_tokens, load.output_tokens)
    context = hardware.fit.max_context_tokens
    return Lengths(
        min(_INPUT_TOKENS, math.floor(context * _MOST_OF_CONTEXT)),
        max(1, min(_OUTPUT_TOKENS, math.floor(context * (1 - _MOST_OF_CONTEXT)))),
    )


def speed(made: Draft, hardware: Hardware, workload: Workload, *, replicas: int | None = None) -> Performance:
    """Return what a replica should do in the busiest hour, with as many replicas as scaling then runs, or as are given.

    A parked service is judged as if it were on.
    """
    spec, size = made.spec, lengths(made, hardware)
    sequences = made.sequences if hardware is made.hardware else replica_concurrency(hardware.fit, spec.load)
    engine = made.request.engine.engine
    scaling = scaling_plan(spec.scaling, sequences)
    wanted = demand(spec, workload.shape, workload.quantization, hardware, scaling, engine=engine)
    per_hour = None
    if wanted is None or spec.load is None:
        replicas = 0
    else:
        replicas = replicas or min(scaling.max_replicas, max(1, scaling.min_replicas, wanted.replicas_expected))
        per_hour = spec.load.busiest_requests_per_hour / replicas
    return performance(
        workload.shape,
        workload.quantization,
        gpus()[hardware.gpu],
        hardware.tensor_parallel_size,
        input_tokens=size.input_tokens,
        output_tokens=size.output_tokens,
        sequences=sequences,
        replicas=replicas,
        requests_per_hour=per_hour,
        engine=engine,
    )


def with_cold_starts(found: Performance, share: float, startup: Range) -> Performance:
    """Return a performance in which a share of the requests waits for a start from nothing.

    Where that is more than the tail, the 95th percentile is one of them.
    """
    late = found.ttft_p95_seconds or found.ttft_alone_seconds
    return replace(found, cold_share=share, ttft_p95_seconds=late + startup if share > TAIL else found.ttft_p95_seconds)


def first_token_p95_ms(found: Performance) -> Range:
    """Return what 95% of the first tokens take at most, in ms; without a load what a request alone takes."""
    late = found.ttft_p95_seconds or found.ttft_alone_seconds
    return Range(late.low * _MS, late.expected * _MS, late.high * _MS)
