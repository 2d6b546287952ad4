"""How are durations spread? Counts below fixed bounds that suit language models, as Prometheus wants them."""

from __future__ import annotations

from bisect import bisect_left

# A first token takes milliseconds from a warm small model and minutes from one that is still starting.
FIRST_TOKEN_BOUNDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
# 2.5 ms are 400 tokens a second and 1 s is one: beyond both, nobody waits for the difference.
OUTPUT_TOKEN_BOUNDS = (0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
DURATION_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0)


class Histogram:
    """Seconds, counted once each; `cumulated` adds them up as the text format has them."""

    __slots__ = ("bounds", "counts", "total_seconds")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total_seconds = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total_seconds += seconds

    def cumulated(self) -> list[int]:
        """How many were at most each bound, and all of them last.

        >>> spread = Histogram((0.1, 1.0))
        >>> for seconds in (0.1, 0.5, 7.0):
        ...     spread.observe(seconds)
        >>> spread.cumulated()
        [1, 2, 3]
        """
        total, found = 0, []
        for count in self.counts:
            total += count
            found.append(total)
        return found
