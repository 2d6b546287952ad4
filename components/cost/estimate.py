"""What an estimate holds, and the form in which a stack exports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HOURS_PER_MONTH = 730


@dataclass(frozen=True, slots=True)
class CostLine:
    """USD per month of one kind of thing; None where a price is unknown. `shared` is paid once per stack."""

    name: str
    floor: float | None
    expected: float | None
    max: float | None
    basis: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class OneOffCost:
    """USD that are paid once, with the first start, and in no month after it; None where a price is unknown."""

    name: str
    usd: float | None
    basis: str


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """USD per month of 730 hours: with the fewest replicas, at the expected load, with the most replicas.

    A total is None as soon as one of its lines is: an unknown price is never zero. `one_off` is in none of them.
    """

    floor: float | None
    expected: float | None
    max: float | None
    usd_per_million_tokens: float | None
    lines: tuple[CostLine, ...]
    assumptions: tuple[str, ...]
    price_table_date: str
    unknowns: tuple[str, ...]
    one_off: tuple[OneOffCost, ...] = ()

    @property
    def shared(self) -> float | None:
        """USD per month in each total that a stack pays once, however many of its services have it."""
        return total([line.floor for line in self.lines if line.shared])

    @property
    def once(self) -> float | None:
        """USD of the first start, beside those of each month."""
        return total([once.usd for once in self.one_off])

    def to_outputs(self) -> dict[str, Any]:
        """Return the estimate under the keys that stacks export."""
        return {
            "floor": self.floor,
            "expected": self.expected,
            "max": self.max,
            "usdPerMillionTokens": self.usd_per_million_tokens,
            "lines": [
                {
                    "name": line.name,
                    "floor": line.floor,
                    "expected": line.expected,
                    "max": line.max,
                    "basis": line.basis,
                    "shared": line.shared,
                }
                for line in self.lines
            ],
            "assumptions": list(self.assumptions),
            "priceTableDate": self.price_table_date,
            "unknowns": list(self.unknowns),
            "oneOff": [{"name": once.name, "usd": once.usd, "basis": once.basis} for once in self.one_off],
        }


def total(parts: list[float | None]) -> float | None:
    """Return the sum, or None when one part is unknown.

    >>> total([1.0, 2.0]), total([1.0, None])
    (3.0, None)
    """
    known = [part for part in parts if part is not None]
    return round(sum(known), 2) if len(known) == len(parts) else None
