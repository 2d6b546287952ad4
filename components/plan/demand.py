"""How many replicas the expected load needs, and what that says about scaling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from components.catalogue.gpus import gpus
from components.plan.model import ScalingPlan
from components.sizing.throughput import Throughput, tgi_throughput, throughput

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape, Quantization
    from components.plan.model import Hardware
    from components.sizing.fit import MemoryFit
    from components.spec.scaling import ScalingSpec
    from components.spec.service import ServiceSpec
    from components.spec.traffic import LoadSpec

_MOST_SEQUENCES = 256
"""vLLM's default of max_num_seqs on cards below 70 GiB."""
_TARGET_SHARE = 0.7
_MOST_DEFAULT_TARGET = 16
_DEFAULT_QUEUE_WAIT_SECONDS = 4
TYPICAL_SHARE_OF_CONTEXT = 4


@dataclass(frozen=True, slots=True)
class Demand:
    """What the busiest hour needs: replicas at the low, expected and high end of the throughput estimate.

    `concurrency` is how many requests each of them works on.
    """

    per_replica: Throughput
    concurrency: float
    replicas_low: int
    replicas_expected: int
    replicas_high: int


def replica_concurrency(fit: MemoryFit, load: LoadSpec | None) -> int:
    """Return how many requests fit the cache of one replica at the expected length, or a quarter of the context."""
    typical = load.tokens_per_request if load else max(1, fit.max_context_tokens // TYPICAL_SHARE_OF_CONTEXT)
    return max(1, min(_MOST_SEQUENCES, fit.cache_tokens // typical))


def scaling_plan(scaling: ScalingSpec, concurrency: int, *, power: Literal["on", "off"] = "on") -> ScalingPlan:
    """Return the limits and the target of scaling, with the defaults in place; a parked service has no replicas."""
    on = power == "on"
    default = _DEFAULT_QUEUE_WAIT_SECONDS
    if scaling.metric == "concurrency":
        default = max(1, min(_MOST_DEFAULT_TARGET, math.floor(_TARGET_SHARE * concurrency)))
    return ScalingPlan(
        min_replicas=scaling.min_replicas if on else 0,
        max_replicas=scaling.max_count if on else 0,
        metric=scaling.metric,
        target=float(default if scaling.target is None else scaling.target),
        scale_out_cooldown_seconds=scaling.scale_out_cooldown.seconds,
        scale_in_cooldown_seconds=scaling.scale_in_cooldown.seconds,
    )


def demand(
    spec: ServiceSpec,
    shape: ModelShape,
    quantization: Quantization,
    hardware: Hardware,
    scaling: ScalingPlan,
    *,
    engine: str = "vllm",
) -> Demand | None:
    """Return what the load needs, None when no load is declared."""
    load = spec.load
    if load is None:
        return None
    fits = replica_concurrency(hardware.fit, load)
    busy = max(1.0, min(fits, scaling.target) if scaling.metric == "concurrency" else fits * _TARGET_SHARE)
    speed = throughput(
        shape,
        quantization,
        gpus()[hardware.gpu],
        hardware.tensor_parallel_size,
        concurrency=busy,
        input_tokens=load.input_tokens,
        output_tokens=load.output_tokens,
    )
    if engine == "tgi":
        speed = tgi_throughput(speed)
    if scaling.metric == "requests_per_minute":
        # Scaling holds this rate whatever the GPU could do.
        rate = scaling.target * 60
        speed = Throughput(min(speed.low, rate), min(speed.expected, rate), min(speed.high, rate))
    most = load.busiest_requests_per_hour
    low, expected, high = (math.ceil(most / rate) for rate in (speed.high, speed.expected, speed.low))
    return Demand(speed, busy, low, expected, high)
