"""Which values stand for all of an interval? Each with the same chance, so that percentiles of the few are fair."""

from __future__ import annotations

import random

# As many as CloudWatch takes for one metric in one line (embedded metric format, specification as of 2026-11).
MOST_VALUES = 100


class Sample:
    """At most a hundred of the values since it was last taken (reservoir sampling)."""

    def __init__(self, source: random.Random | None = None) -> None:
        self._random = source or random.Random()  # noqa: S311 nothing secret hangs on it
        self._values: list[float] = []
        self._seen = 0

    def add(self, value: float) -> None:
        self._seen += 1
        if len(self._values) < MOST_VALUES:
            self._values.append(value)
            return
        at = int(self._random.random() * self._seen)
        if at < MOST_VALUES:
            self._values[at] = value

    def take(self) -> list[float]:
        """The values, and begin anew."""
        taken, self._values, self._seen = self._values, [], 0
        return taken
