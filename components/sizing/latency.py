"""How long does a request wait for its first token and between tokens, alone on a replica and at the expected load?

First token at a load = the prompt + one step + waiting for a place in the batch + waiting for other prompts. Requests
arrive at random and are all of the mean length; network, gateway and tokenizing (tens of milliseconds) are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.sizing.queue import p95_seconds, queue, same_stay_wait
from components.sizing.range import Range
from components.sizing.roofline import prefill_seconds, steps_seconds, stream_tokens_per_second
from components.sizing.throughput import Throughput, finished_per_second, tgi_throughput, throughput

if TYPE_CHECKING:
    from components.catalogue.gpus import Gpu
    from components.catalogue.models import ModelShape, Quantization

_TGI_STREAM_LOW, _TGI_STREAM_EXPECTED = 1 / 2.14, 1 / 1.34
"""Share of a computed single stream that TGI 1.0.3 reached on SageMaker: three points of 2023 by huggingface/blog."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What one replica should do. Of seconds the low end is the fast one, of rates the slow one.

    What depends on a load is None where none is declared, and infinite where the replicas cannot hold it.
    """

    input_tokens: int
    output_tokens: int
    stream_tokens_per_second: Range
    """Of one request that has the replica to itself."""
    replica_tokens_per_second: Range
    """Of all answers together when the replica is full."""
    full_at_requests: int
    """Requests at once with which it is full."""
    ttft_alone_seconds: Range
    inter_token_alone_seconds: Range
    replicas: int = 0
    """Over how many replicas the load is divided."""
    requests_per_hour: float | None = None
    """Of each of them, in the busiest hour."""
    utilization: Range | None = None
    in_flight: Range | None = None
    """Requests that each works on at a time, the mean."""
    ttft_seconds: Range | None = None
    """Mean, at that load."""
    ttft_p95_seconds: Range | None = None
    inter_token_seconds: Range | None = None
    cold_share: float = 0.0
    """Share of the requests that wait for a start from nothing; where it is above 5%, the 95th percentile has it."""


def performance(
    shape: ModelShape,
    quantization: Quantization,
    gpu: Gpu,
    tensor_parallel_size: int,
    *,
    input_tokens: int,
    output_tokens: int,
    sequences: int,
    replicas: int = 0,
    requests_per_hour: float | None = None,
    engine: str = "vllm",
) -> Performance:
    """Return what one replica should do with `requests_per_hour` of its own; `sequences` requests fit its cache."""
    size = tensor_parallel_size
    context = input_tokens + output_tokens // 2
    stream = stream_tokens_per_second(shape, quantization, gpu, size)
    replica = _Replica(
        prompt_seconds=prefill_seconds(shape, quantization, gpu, size, input_tokens=input_tokens),
        output_tokens=output_tokens,
        steps=steps_seconds(shape, quantization, gpu, size, most=sequences, context_tokens=context),
        alone_step_seconds=1 / stream,
    )
    computed = throughput(
        shape, quantization, gpu, size, concurrency=sequences, input_tokens=input_tokens, output_tokens=output_tokens
    )
    full = tgi_throughput(computed) if engine == "tgi" else computed
    shares = Throughput(*(rate / computed.expected for rate in (full.low, full.expected, full.high)))
    alone = Throughput(_TGI_STREAM_LOW, _TGI_STREAM_EXPECTED, shares.high) if engine == "tgi" else shares
    idle = Performance(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        stream_tokens_per_second=_rate(stream, alone),
        replica_tokens_per_second=_rate(computed.expected * output_tokens / 3600, shares),
        full_at_requests=sequences,
        ttft_alone_seconds=_seconds(replica.prompt_seconds + replica.alone_step_seconds, alone),
        inter_token_alone_seconds=_seconds(replica.alone_step_seconds, alone),
    )
    if requests_per_hour is None:
        return idle
    return _loaded(idle, replica, requests_per_hour, replicas, shares)


@dataclass(frozen=True, slots=True)
class _Replica:
    """One replica at its computed speed; a `share` of 0.5 is half of it."""

    prompt_seconds: float
    output_tokens: int
    steps: tuple[float, ...]
    """Seconds of one step with 1, 2 ... requests at once, up to a full replica."""
    alone_step_seconds: float

    def finished_per_second(self) -> list[float]:
        """Return how many requests leave with 1, 2 ... in flight."""
        return [
            finished_per_second(step, self.prompt_seconds, concurrency=count, output_tokens=self.output_tokens)
            for count, step in enumerate(self.steps, start=1)
        ]

    def step_seconds(self, in_flight: float) -> float:
        """Return the time of one step, of which a request alone never takes more than one with others."""
        return max(self.alone_step_seconds, self.steps[max(1, math.ceil(in_flight)) - 1])

    def token_seconds(self, in_flight: float) -> float:
        """Return the time between two tokens: a step, and the prompts of others that are read meanwhile."""
        return self.step_seconds(in_flight) + max(0.0, in_flight - 1) * self.prompt_seconds / self.output_tokens

    def at(self, per_second: float, share: float) -> _Moment:
        """Return what this load makes of the replica at a share of its speed."""
        # A replica at half its speed feels a load as twice that load, and takes twice as long for it.
        felt = per_second / share
        line = queue(felt, self.finished_per_second())
        prompts = same_stay_wait(felt * self.prompt_seconds, self.prompt_seconds)
        waiting = line.wait.mean_seconds + prompts.mean_seconds
        first = self.prompt_seconds + self.step_seconds(line.in_flight) + waiting
        last = self.prompt_seconds + self.step_seconds(line.in_flight_p95) + p95_seconds(line.wait, prompts)
        return _Moment(
            utilization=line.utilization,
            in_flight=line.in_flight,
            ttft_seconds=first / share,
            ttft_p95_seconds=max(first, last) / share,
            inter_token_seconds=self.token_seconds(line.in_flight) / share,
        )


@dataclass(frozen=True, slots=True)
class _Moment:
    """A replica at one load and one speed."""

    utilization: float
    in_flight: float
    ttft_seconds: float
    ttft_p95_seconds: float
    inter_token_seconds: float


def _loaded(
    idle: Performance, replica: _Replica, requests_per_hour: float, replicas: int, shares: Throughput
) -> Performance:
    fast, usual, slow = (
        replica.at(requests_per_hour / 3600, share) for share in (shares.high, shares.expected, shares.low)
    )
    return replace(
        idle,
        replicas=replicas,
        requests_per_hour=requests_per_hour,
        utilization=Range(fast.utilization, usual.utilization, slow.utilization),
        in_flight=Range(fast.in_flight, usual.in_flight, slow.in_flight),
        ttft_seconds=Range(fast.ttft_seconds, usual.ttft_seconds, slow.ttft_seconds),
        ttft_p95_seconds=Range(fast.ttft_p95_seconds, usual.ttft_p95_seconds, slow.ttft_p95_seconds),
        inter_token_seconds=Range(fast.inter_token_seconds, usual.inter_token_seconds, slow.inter_token_seconds),
    )


def _seconds(computed: float, shares: Throughput) -> Range:
    """Return a computed time at the shares of the speed: its low end is that of the high speed."""
    return Range(computed / shares.high, computed / shares.expected, computed / shares.low)


def _rate(computed: float, shares: Throughput) -> Range:
    return Range(computed * shares.low, computed * shares.expected, computed * shares.high)
