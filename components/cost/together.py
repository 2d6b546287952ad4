"""What do several services of a stack cost together? What they share is paid for once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.cost.estimate import total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from components.cost.estimate import CostEstimate, CostLine


@dataclass(frozen=True, slots=True)
class Together:
    """USD per month of several services; None where one of them is unknown. `shared` names what was counted once.

    `once` is what their first starts cost besides.
    """

    floor: float | None
    expected: float | None
    max: float | None
    shared: tuple[str, ...]
    once: float | None


def together(estimates: Iterable[CostEstimate]) -> Together:
    """Return the sum of estimates; of a shared line, the largest amount that one of them has."""
    estimates = tuple(estimates)
    lines = [line for estimate in estimates for line in estimate.lines]
    shared: dict[str, list[CostLine]] = {}
    for line in lines:
        if line.shared:
            shared.setdefault(line.name, []).append(line)
    own = [line for line in lines if not line.shared]

    def amount(of: str) -> float | None:
        once = [_largest([getattr(line, of) for line in alike]) for alike in shared.values()]
        return total([getattr(line, of) for line in own] + once)

    several = tuple(name for name, alike in shared.items() if len(alike) > 1)
    return Together(
        amount("floor"), amount("expected"), amount("max"), several, total([each.once for each in estimates])
    )


def _largest(amounts: Sequence[float | None]) -> float | None:
    known = [usd for usd in amounts if usd is not None]
    return max(known) if len(known) == len(amounts) else None
