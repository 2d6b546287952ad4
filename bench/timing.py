"""How are two commands compared fairly on a machine that does other things too?"""

from __future__ import annotations

import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds of a subject and of its baseline, taken in turns."""

    name: str
    subject: tuple[float, ...]
    baseline: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of the ratios inside a round, so that a slow minute counts on both sides."""
        return statistics.median(one / other for one, other in zip(self.subject, self.baseline, strict=True))

    def __str__(self) -> str:
        subject, baseline = statistics.median(self.subject), statistics.median(self.baseline)
        rounds = len(self.subject)
        return f"{self.name}: {self.ratio:.2f} x ({subject:.2f} s against {baseline:.2f} s, medians of {rounds} rounds)"

    def to_dict(self) -> dict[str, float | list[float]]:
        """Return what is stored: the ratio, and least, median and greatest seconds of both."""
        return {
            "ratio": round(self.ratio, 3),
            "seconds": _spread(self.subject),
            "baseline_seconds": _spread(self.baseline),
        }


def _spread(seconds: tuple[float, ...]) -> list[float]:
    return [round(value, 3) for value in (min(seconds), statistics.median(seconds), max(seconds))]


def command(arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Callable[[], None]:
    """Run a command to its end; what it prints is dropped, a failure is not."""

    def run() -> None:
        subprocess.run(arguments, cwd=cwd, env=env, check=True, capture_output=True)

    return run


def compare(name: str, subject: Callable[[], None], baseline: Callable[[], None], rounds: int = 5) -> Comparison:
    """Run both in turns after one warm-up of each."""
    seconds: dict[str, list[float]] = {"subject": [], "baseline": []}
    for round_number in range(rounds + 1):
        for kind, run in (("subject", subject), ("baseline", baseline)):
            started = time.perf_counter()
            run()
            if round_number:
                seconds[kind].append(time.perf_counter() - started)
    return Comparison(name, tuple(seconds["subject"]), tuple(seconds["baseline"]))
