"""What would serving it oneself cost and carry: the cheapest machine of AWS that holds a model, and its requests?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.printed.known import ec2_hour, shape_of
from components.catalogue.gpus import gpus
from components.catalogue.instances import instances
from components.cost.estimate import HOURS_PER_MONTH
from components.sizing.fit import LEAST_CONTEXT_TOKENS, MemoryFit, batched_tokens, fit
from components.sizing.gates import gate
from components.sizing.parallelism import parallelism_refusal
from components.sizing.throughput import throughput

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape, Quantization

_FORMS: tuple[Quantization, ...] = ("none", "fp8", "awq")
_MOST_SEQUENCES = 256


@dataclass(frozen=True, slots=True)
class Machine:
    """An EC2 instance type that holds a model in one form."""

    instance_type: str
    form: Quantization
    usd_per_month: float
    requests_per_hour: float
    """With as many requests at once as its cache holds."""


def cheapest_machine(model_id: str, input_tokens: int, output_tokens: int) -> Machine:
    """Return the cheapest instance type on demand in us-east-1 that holds a model, awake all month."""
    found = [
        machine
        for name in instances()
        for form in _FORMS
        if (machine := _machine(name, model_id, form, input_tokens, output_tokens)) is not None
    ]
    return min(found, key=lambda machine: (machine.usd_per_month, -machine.requests_per_hour))


def machine(instance_type: str, model_id: str, form: Quantization, input_tokens: int, output_tokens: int) -> Machine:
    """Return what one instance type makes of a model; `LookupError` when it does not hold it."""
    found = _machine(instance_type, model_id, form, input_tokens, output_tokens)
    if found is None:
        raise LookupError(f"{instance_type} does not hold {model_id} in {form}")
    return found


def _machine(
    instance_type: str, model_id: str, form: Quantization, input_tokens: int, output_tokens: int
) -> Machine | None:
    row, shape = instances()[instance_type], shape_of(model_id)
    gpu, count = gpus()[row.gpu], int(row.gpu_count)
    if (
        row.usd_per_hour is None
        or count < 1
        or gate(gpu, shape, form).refusal
        or parallelism_refusal(shape, form, count)
    ):
        return None
    fitted = fit(
        shape,
        form,
        usable_gib=gpu.usable_gib or gpu.vram_gib,
        tensor_parallel_size=count,
        max_context_tokens=max(LEAST_CONTEXT_TOKENS, input_tokens + output_tokens),
        batch_tokens=batched_tokens(gpu),
    )
    if fitted.verdict != "fits":
        return None
    per_hour = _requests_per_hour(shape, form, row.gpu, count, fitted, input_tokens, output_tokens)
    return Machine(instance_type, form, ec2_hour(instance_type) * HOURS_PER_MONTH, per_hour)


def _requests_per_hour(
    shape: ModelShape,
    form: Quantization,
    gpu: str,
    count: int,
    fitted: MemoryFit,
    input_tokens: int,
    output_tokens: int,
) -> float:
    at_once = max(1, min(_MOST_SEQUENCES, fitted.cache_tokens // (input_tokens + output_tokens)))
    return throughput(
        shape, form, gpus()[gpu], count, concurrency=at_once, input_tokens=input_tokens, output_tokens=output_tokens
    ).expected
