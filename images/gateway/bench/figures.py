"""What was measured, and does it hold the goals? Ratios inside a round, so that a slow minute counts on both sides."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Measured:
    """One server in one round."""

    p50_ms: float
    """Median latency at 50 requests a second."""
    requests_per_second: float
    cpu_us_per_request: float
    tokens_per_second: float
    """Of 64 streams with a token each 20 ms."""
    cpu_us_per_token: float
    first_byte_p50_ms: float
    resident_mb: float


Round = dict[str, Measured]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that binds: what it is called, how it is formed in a round, and its bound."""

    name: str
    of: Callable[[Measured, Measured, Measured], float]
    """From the server's own figures, the bare pass-through's and those without anything between."""
    at_least: float | None = None
    at_most: float | None = None

    def held_by(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    @property
    def bound(self) -> str:
        return f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"


GOALS = (
    Goal("requests/s, x bare", lambda own, bare, _: own.requests_per_second / bare.requests_per_second, at_least=0.5),
    Goal(
        "added p50, x bare",
        lambda own, bare, direct: (own.p50_ms - direct.p50_ms) / max(bare.p50_ms - direct.p50_ms, 1e-3),
        at_most=1.5,
    ),
    Goal("CPU per request, x bare", lambda own, bare, _: own.cpu_us_per_request / bare.cpu_us_per_request, at_most=2.0),
    Goal("CPU per token, x bare", lambda own, bare, _: own.cpu_us_per_token / bare.cpu_us_per_token, at_most=1.5),
    Goal(
        "paced rate, x direct", lambda own, _, direct: own.tokens_per_second / direct.tokens_per_second, at_least=0.97
    ),
    Goal("TTFT p50, ms", lambda own, _bare, _direct: own.first_byte_p50_ms, at_most=12),
    Goal("TTFT p50, x bare", lambda own, bare, _: own.first_byte_p50_ms / bare.first_byte_p50_ms, at_most=3),
    Goal("resident, MB", lambda own, _bare, _direct: own.resident_mb, at_most=100),
)


def values(goal: Goal, rounds: Sequence[Round], name: str, bare: str, direct: str) -> list[float]:
    """The figure in each round."""
    return [goal.of(measured[name], measured[bare], measured[direct]) for measured in rounds]


def summary(rounds: Sequence[Round], names: Sequence[str], bare: str, direct: str) -> dict[str, dict[str, list[float]]]:
    """Least, median and greatest of every figure for every server."""
    found: dict[str, dict[str, list[float]]] = {}
    for name in names:
        of_one = {goal.name: sorted(values(goal, rounds, name, bare, direct)) for goal in GOALS}
        found[name] = {
            goal: [round(each, 3) for each in (figures[0], statistics.median(figures), figures[-1])]
            for goal, figures in of_one.items()
        }
    return found


def table(rounds: Sequence[Round], names: Sequence[str], bare: str, direct: str) -> str:
    """min/median/max of every figure for every server."""
    lines = [f"{'':28}{'goal':>9}" + "".join(f"{name:>26}" for name in names)]
    for goal in GOALS:
        cells = []
        for name in names:
            found = sorted(values(goal, rounds, name, bare, direct))
            cells.append(f"{found[0]:.2f} / {statistics.median(found):.2f} / {found[-1]:.2f}")
        lines.append(f"{goal.name:28}{goal.bound:>9}" + "".join(f"{cell:>26}" for cell in cells))
    return "\n".join(lines)
