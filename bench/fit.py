"""How are the factors of the roofline found? `python -m bench.fit` repeats it and says whether they are worth having.

A search along one factor after the other, with steps that shrink, for the least mean of |log(predicted / measured)|
over the rows that may be fitted to. Stage by stage, so that no stage can hide its error in another's factor.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.measured import left_out, measurements
from bench.prediction import predicted_tokens_per_s
from components.catalogue.models import find_model
from components.sizing.roofline import FITTED, Factors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.measured import Measured

START = Factors(
    cache_bandwidth_share=0.5,
    decode_share=0.5,
    prefill_share=0.5,
    mixture_share=0.5,
    fp4_share=0.5,
    nvlink_share=0.5,
    pcie_gb_per_s=10.0,
)
"""Every share at a half; what one stream costs is not fitted but kept, see `KEPT`."""

KEPT = ("weight_bandwidth_share", "step_seconds", "sum_seconds")
"""Of the first version. The first two, fitted to what may be fitted, make the held-out rows worse. The third is the
3 ms that it gave several GPUs, for the 160 sums of a model of 80 layers."""

_DIGITS = 2
_FIRST_STEP = 1.25
_LAST_STEP = 1.002


@dataclass(frozen=True, slots=True)
class Stage:
    """Factors that are searched together, on the rows of one kind."""

    name: str
    factors: tuple[str, ...]
    takes: Callable[[Measured], bool]

    def rows(self, *, fitted: bool) -> list[Measured]:
        """Return the rows that are fitted to, or those that are held out."""
        return [row for row in measurements() if not left_out(row) and self.takes(row) and row.fitted == fitted]


def _is_mixture(row: Measured) -> bool:
    model = find_model(row.model)
    return model is not None and model.shape.is_mixture


def _is_dense_max_load(row: Measured) -> bool:
    return row.concurrency is None and not _is_mixture(row) and row.quantization != "nvfp4"


STAGES = (
    Stage(
        "one stream",
        ("weight_bandwidth_share", "step_seconds"),
        lambda row: row.concurrency == 1 and not row.engine.startswith("TGI"),
    ),
    Stage(
        "max load, dense",
        ("cache_bandwidth_share", "decode_share", "prefill_share", "nvlink_share", "pcie_gb_per_s"),
        _is_dense_max_load,
    ),
    Stage("max load, 4-bit floats", ("fp4_share",), lambda row: row.quantization == "nvfp4" and not _is_mixture(row)),
    Stage("max load, mixtures", ("mixture_share",), lambda row: row.concurrency is None and _is_mixture(row)),
)


def error(rows: Sequence[Measured], factors: Factors) -> float:
    """Return the mean of |log(predicted / measured)|: 0.1 is about 10% to either side."""
    return sum(abs(math.log(predicted_tokens_per_s(row, factors) / row.tokens_per_s)) for row in rows) / len(rows)


def fitted(stage: Stage, start: Factors) -> Factors:
    """Return `start` with the stage's factors where no small step of one of them makes the fitted rows better."""
    rows = stage.rows(fitted=True)
    best, least, step = start, error(rows, start), _FIRST_STEP
    while step > _LAST_STEP:
        better = False
        for name in stage.factors:
            for ratio in (step, 1 / step):
                tried = replace(best, **{name: getattr(best, name) * ratio})
                found = error(rows, tried)
                if found < least:
                    best, least, better = tried, found, True
        if not better:
            step **= 0.5
    return best


def fitted_in_stages() -> Factors:
    """Return the factors that the search finds, rounded to two digits, and the kept ones as they are."""
    found = START
    for stage in STAGES:
        if not set(stage.factors) & set(KEPT):
            found = fitted(stage, found)
    names = [name for stage in STAGES for name in stage.factors if name not in KEPT]
    return replace(found, **{name: _rounded(getattr(found, name)) for name in names})


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def main() -> int:
    """Print each stage's factors as found and as the product has them, with their errors."""
    found = fitted_in_stages()
    for stage in STAGES:
        here = fitted(stage, FITTED) if set(stage.factors) & set(KEPT) else found
        print(stage.name)
        for name in stage.factors:
            print(f"  {name}: fitted {getattr(here, name):.3g}, in use {getattr(FITTED, name):.3g}")
        for fitted_rows, which in ((True, "fitted"), (False, "held out")):
            rows = stage.rows(fitted=fitted_rows)
            print(
                f"  {len(rows)} rows {which}: error {error(rows, here):.3f} as fitted, {error(rows, FITTED):.3f} in use"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
