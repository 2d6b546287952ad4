"""How do amounts become places on an axis, and which of them get a label?"""

from __future__ import annotations

import math
from dataclasses import dataclass

_FEW = 3
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class LogScale:
    """Amounts above 0 from `low` to `high`, on pixels from `start` to `end`.

    >>> round(LogScale(10, 1000, start=0, end=200).place(100))
    100
    """

    low: float
    high: float
    start: float
    end: float

    def place(self, amount: float) -> float:
        """Return the pixel of an amount; what lies outside is put on the edge."""
        inside = min(self.high, max(self.low, amount))
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return the powers of ten inside; where they are few, their twofold and fivefold too.

        >>> LogScale(10, 10_000, 0, 1).ticks(), LogScale(100, 2000, 0, 1).ticks()
        ([10.0, 100.0, 1000.0, 10000.0], [100.0, 200.0, 500.0, 1000.0, 2000.0])
        """
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        tens = self._inside([10.0**exponent for exponent in exponents])
        if len(tens) > _FEW:
            return tens
        return self._inside([factor * 10.0**exponent for exponent in exponents for factor in (1, 2, 5)])

    def _inside(self, amounts: list[float]) -> list[float]:
        return [amount for amount in amounts if self.low * 0.999 <= amount <= self.high * 1.001]


def short(amount: float) -> str:
    """Return an amount for an axis.

    >>> short(0.5), short(200), short(1000), short(12_500), short(2_000_000)
    ('0.5', '200', '1k', '12.5k', '2M')
    """
    for size, unit in ((1_000_000, "M"), (_THOUSAND, "k")):
        if amount >= size:
            return f"{amount / size:g}{unit}"
    return f"{amount:g}"


def apart(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """Return places at least `gap` from each other, in the same order, none far from where it was.

    >>> apart([10, 12, 50], 8, 0, 100)
    [10, 18, 50]
    """
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    previous = low - gap
    for index in order:
        moved[index] = max(moved[index], previous + gap)
        previous = moved[index]
    following = high + gap
    for index in reversed(order):
        moved[index] = min(moved[index], following - gap)
        following = moved[index]
    return moved
