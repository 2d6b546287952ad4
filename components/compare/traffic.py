"""At which loads are the targets compared: the declared one and three times more and less, or assumed ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.cost.estimate import HOURS_PER_MONTH
from components.spec.traffic import LoadSpec

if TYPE_CHECKING:
    from components.spec.service import ServiceSpec

_FACTORS = (("a third", 1 / 3), ("as declared", 1.0), ("three times", 3.0))
_ASSUMED_PER_HOUR = (100.0, 1_000.0, 10_000.0)
_ASSUMED_INPUT_TOKENS = 1_500
_ASSUMED_OUTPUT_TOKENS = 300


@dataclass(frozen=True, slots=True)
class Traffic:
    """A load that every target is priced at; requests per hour are the mean over a month."""

    name: str
    requests_per_hour: float
    input_tokens: int
    output_tokens: int

    @property
    def million_tokens_per_month(self) -> float:
        """Prompts and answers of a month, in millions.

        >>> Traffic("as declared", 1000, 1500, 500).million_tokens_per_month
        1460.0
        """
        return self.requests_per_hour * HOURS_PER_MONTH * (self.input_tokens + self.output_tokens) / 1e6


def traffics_of(spec: ServiceSpec) -> tuple[Traffic, Traffic, Traffic]:
    """Return the three loads of a spec, the middle one as declared; assumed ones when it declares none."""
    load = spec.load or assumed_load(spec)
    named: list[Traffic] = []
    for (name, factor), assumed in zip(_FACTORS, _ASSUMED_PER_HOUR, strict=True):
        per_hour = load.mean_requests_per_hour * factor if spec.load else assumed
        named.append(Traffic(name if spec.load else "assumed", per_hour, load.input_tokens, load.output_tokens))
    first, middle, last = named
    return first, middle, last


def assumed_load(spec: ServiceSpec) -> LoadSpec:
    """Return what a spec without a load is taken to serve: 1,500 tokens in and 300 out, less in a short context."""
    context = spec.model.max_context_tokens or _ASSUMED_INPUT_TOKENS + _ASSUMED_OUTPUT_TOKENS
    output = max(1, min(_ASSUMED_OUTPUT_TOKENS, context // 6))
    return LoadSpec(
        requests_per_hour=_ASSUMED_PER_HOUR[1],
        input_tokens=max(1, min(_ASSUMED_INPUT_TOKENS, context - output)),
        output_tokens=output,
    )


def spec_at(spec: ServiceSpec, requests_per_hour: float) -> ServiceSpec:
    """Return the spec under another mean load of the same shape: windows and peak grow and shrink with the mean."""
    load = spec.load or assumed_load(spec)
    factor = requests_per_hour / load.mean_requests_per_hour
    given, peak = load.requests_per_hour, load.peak_concurrency
    scaled = {window: rate * factor for window, rate in given.items()} if isinstance(given, dict) else given * factor
    change = {
        "requests_per_hour": scaled,
        "peak_concurrency": None if peak is None else max(1, math.ceil(peak * factor)),
    }
    return spec.model_copy(update={"load": load.model_copy(update=change)})
