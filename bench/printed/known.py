"""What do the product's catalogue and arithmetic say about the things that guides print figures of?"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bench.measured import DATA, cards
from bench.prediction import file_bytes
from bench.printed.finding import Figure
from components.catalogue.instances import HOME_REGION, usd_per_hour
from components.catalogue.models import models
from components.catalogue.sagemaker import sagemaker_usd_per_hour
from components.cost.estimate import HOURS_PER_MONTH
from components.sizing.cache import sequence_bytes
from components.sizing.fit import LEAST_CONTEXT_TOKENS, fit
from components.sizing.weights import GIB, weights_gib

if TYPE_CHECKING:
    from components.catalogue.models import ModelShape, Quantization

DAYS_PER_MONTH = HOURS_PER_MONTH / 24


@dataclass(frozen=True, slots=True)
class Rental:
    """One row of `gpu_rental_prices.csv`: what another provider charges for one GPU and hour."""

    provider: str
    product: str
    gpu: str
    usd_per_hour: float
    provisioning: str
    as_of: str


@cache
def rentals() -> tuple[Rental, ...]:
    """Return every row."""
    return tuple(
        Rental(
            row["provider"],
            row["product"],
            row["gpu"],
            float(row["usd_per_gpu_hour"]),
            row["provisioning"],
            row["as_of"],
        )
        for row in _rows("gpu_rental_prices.csv")
    )


def rental_usd(gpus: str, provider: str = "") -> tuple[float, float]:
    """Return the lowest and the highest on-demand price of cards whose name begins so, of one provider or of all."""
    found = [
        row.usd_per_hour
        for row in rentals()
        if row.gpu.startswith(gpus) and provider in ("", row.provider) and row.provisioning == "on-demand"
    ]
    return min(found), max(found)


@cache
def former_api_usd(model: str) -> tuple[float, float]:
    """Return USD per million input and output tokens of an API that guides name and the catalogue no longer lists."""
    row = next(row for row in _rows("seeds/former_api_prices.csv") if row["model"] == model)
    return float(row["usd_per_million_input"]), float(row["usd_per_million_output"])


def ec2_hour(instance_type: str) -> float:
    """Return USD per hour on demand in us-east-1."""
    return _known(usd_per_hour(instance_type, HOME_REGION), instance_type)


def sagemaker_hour(instance_type: str) -> float:
    """Return USD per hour of hosting in us-east-1."""
    return _known(sagemaker_usd_per_hour(instance_type, HOME_REGION), instance_type)


def shape_of(model_id: str) -> ModelShape:
    """Return the shape of a model of the catalogue."""
    return models()[model_id].shape


def weights_gb(model_id: str, form: Quantization | str) -> float:
    """Return the decimal GB of a model's weights: guides print GB."""
    shape = shape_of(model_id)
    if form == "fp32":
        return shape.parameters_b * 4
    if form == "Q4_K_M":
        return file_bytes(shape, form) / 1e9
    return weights_gib(shape, form) * GIB / 1e9  # type: ignore[arg-type]


def needed_on(model_id: str, form: Quantization, gpu: str, count: int = 1) -> Figure:
    """Return whether a model with a context of 4,096 tokens fits cards: what each needs, against what may be used."""
    card, shape = cards()[gpu], shape_of(model_id)
    fitted = fit(
        shape,
        form,
        usable_gib=card.usable_gib or card.vram_gib,
        tensor_parallel_size=count,
        max_context_tokens=LEAST_CONTEXT_TOKENS,
    )
    cache = sequence_bytes(shape, LEAST_CONTEXT_TOKENS, count) / GIB
    needed = fitted.weights_gib + fitted.runtime_gib + cache
    what = f"GiB needed of {fitted.budget_gib:.1f} on {'each of ' + str(count) + ' ' if count > 1 else ''}{gpu}"
    bits = {"none": "16 bit", "awq": "4 bit"}.get(form, form)
    return Figure(f"{what} in {bits}", (0, fitted.budget_gib), (needed, needed), tolerance=0)


def _known(price: float | None, instance_type: str) -> float:
    if price is None:
        raise LookupError(f"{instance_type}: the catalogue has no price")
    return price


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
