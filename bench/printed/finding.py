"""What is a verdict on a printed figure: reproduced, wrong with our number, or not checkable with the reason?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["reproduced", "wrong", "not checkable"]

ROUNDING = 0.02
"""Printed figures are rounded: agreement is within 2%, unless a figure says otherwise."""

_CENT = 0.01
_LARGE = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number and ours, each with a low and a high end. They agree when the ends overlap.

    `unit` follows the number, a dollar stands before it.
    """

    what: str
    printed: tuple[float, float]
    ours: tuple[float, float]
    unit: str = ""
    tolerance: float = ROUNDING

    @property
    def agrees(self) -> bool:
        """Whether the printed range, widened by the tolerance, meets ours.

        >>> Figure("weights", (14, 14), (16.06, 16.06), "GB", 0.1).agrees
        False
        """
        low, high = self.printed
        return low * (1 - self.tolerance) <= self.ours[1] and self.ours[0] <= high * (1 + self.tolerance)

    def __str__(self) -> str:
        low, high = (self._number(value) for value in self.ours)
        unit = self.unit.removeprefix("$").strip()
        return f"{self.what}: {low if low == high else f'{low} to {high}'}{' ' if unit else ''}{unit}"

    def _number(self, value: float) -> str:
        if self.unit.startswith("$"):
            return (
                f"${value:.2g}"
                if value < _CENT
                else f"${value:,.0f}"
                if value >= _LARGE
                else f"${value:,.{_cents(value)}f}"
            )
        return (
            f"{value:,.0f}"
            if value >= _LARGE or value == int(value)
            else f"{value:.1f}"
            if value >= 1
            else f"{value:.2f}"
        )


def _cents(value: float) -> int:
    """Return how many digits a price has: a tenth of a cent where a price list has it.

    >>> _cents(1.515), _cents(2.69)
    (3, 2)
    """
    return 2 if value >= 10 or round(value, 2) == round(value, 3) else 3  # noqa: PLR2004


def figure(what: str, printed: float, ours: float, unit: str = "", tolerance: float = ROUNDING) -> Figure:
    """Return the comparison of two single numbers."""
    return Figure(what, (printed, printed), (ours, ours), unit, tolerance)


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one printed row. `why` says what the numbers mean, or why there is nothing to compare."""

    figures: tuple[Figure, ...]
    why: str

    @property
    def verdict(self) -> Verdict:
        """Wrong as soon as one of the row's figures is."""
        if not self.figures:
            return "not checkable"
        return "reproduced" if all(figure.agrees for figure in self.figures) else "wrong"

    @property
    def ours(self) -> str:
        """Our numbers, as the page shows them."""
        return "; ".join(str(figure) for figure in self.figures)
