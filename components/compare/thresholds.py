"""Which rules of thumb do guides give for hosting a model oneself? Data to be checked, not advice."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Threshold:
    """One line of a guide that people read; `value` is None where the condition is a yes or a no."""

    guide: str
    condition: str
    value: float | None
    unit: str
    why: str


@cache
def thresholds() -> dict[str, Threshold]:
    """Return every threshold by its condition."""
    text = files("components.compare").joinpath("data", "decision_thresholds.csv").read_text(encoding="utf-8")
    return {
        row["condition"]: Threshold(
            guide=row["guide"],
            condition=row["condition"],
            value=float(row["threshold"]) if row["threshold"] else None,
            unit=row["unit"],
            why=row["why"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def value_of(condition: str) -> float:
    """Return the number of a threshold.

    >>> value_of("volume")
    5000000.0
    """
    return thresholds()[condition].value or 0.0
