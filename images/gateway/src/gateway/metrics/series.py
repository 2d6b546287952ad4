"""Who used what? Counts for each key and model, as many as the limit allows, and one for all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.metrics.histogram import DURATION_BOUNDS, FIRST_TOKEN_BOUNDS, OUTPUT_TOKEN_BOUNDS, Histogram

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

OTHER = "other"
# Pairs of status and outcome; the gateway's own are about forty, an upstream can invent statuses.
MOST_ANSWERS = 64


class Series:
    """The counts of one key and model."""

    __slots__ = (
        "answers",
        "cost_usd",
        "duration",
        "estimated_tokens_out",
        "first_token",
        "in_flight",
        "key",
        "model",
        "output_token",
        "tokens_in",
        "tokens_out",
    )

    def __init__(self, key: str, model: str) -> None:
        self.key = key
        self.model = model
        self.in_flight = 0
        self.answers: dict[tuple[int, str], int] = {}
        """By status and outcome."""
        self.tokens_in = 0
        self.tokens_out = 0
        self.estimated_tokens_out = 0
        """The part of `tokens_out` that was counted from chunks."""
        self.cost_usd = 0.0
        self.first_token = Histogram(FIRST_TOKEN_BOUNDS)
        self.output_token = Histogram(OUTPUT_TOKEN_BOUNDS)
        self.duration = Histogram(DURATION_BOUNDS)

    def answered(self, status: int, outcome: str) -> None:
        """Count an answer; what an upstream invents beyond the bound is counted as `other`."""
        pair = (status, outcome)
        if pair not in self.answers and len(self.answers) >= MOST_ANSWERS:
            pair = (0, OTHER)
        self.answers[pair] = self.answers.get(pair, 0) + 1

    @property
    def requests(self) -> int:
        return sum(self.answers.values())


class SeriesTable:
    """All of them, at most `most` and one for the rest.

    A client chooses its model's name: one that nobody configured has no series before an upstream has taken it.
    """

    def __init__(self, most: int, models: Collection[str]) -> None:
        self._most = most
        self._models = frozenset(models)
        self._known: dict[tuple[str, str], Series] = {}

    def of(self, key: str, model: str, *, taken: bool) -> Series:
        """The series of a key and model; `taken` says that an upstream has answered for that model."""
        series = self._known.get((key, model))
        if series is not None:
            return series
        if not taken and model not in self._models:
            return self.of(key, OTHER, taken=True)
        if len(self._known) >= self._most:
            key, model = OTHER, OTHER
        return self._known.setdefault((key, model), Series(key, model))

    def __iter__(self) -> Iterator[Series]:
        return iter(self._known.values())

    def __len__(self) -> int:
        return len(self._known)
