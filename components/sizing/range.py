"""What is an estimate: a value that is expected, between two ends in which it should lie."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate, `low <= expected <= high`; of seconds the low end is the fast one. Infinite: without bound.

    >>> Range(1.0, 2.0, 4.0) + Range(1.0, 1.0, 1.0)
    Range(low=2.0, expected=3.0, high=5.0)
    """

    low: float
    expected: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.expected + other.expected, self.high + other.high)

    @property
    def is_bounded(self) -> bool:
        """False when the high end is infinite."""
        return math.isfinite(self.high)
