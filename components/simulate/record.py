"""What did the platform really do? Each change of what runs, with its instant; the bill and the minutes follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from components.simulate.span import Span


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of a service from one instant on."""

    is_serving: bool = False
    is_starting: bool = False
    """Told to start, and not serving yet."""
    is_ending: bool = False
    """Told to stop, with answers to finish."""
    running: Mapping[str, int] = field(default_factory=dict[str, int])
    """What is billed, by what it runs on."""

    @property
    def is_billed(self) -> bool:
        """Whether anything is."""
        return any(self.running.values())


@dataclass(frozen=True, slots=True)
class Minutes:
    """One byte for each minute of a span, as it stood when the minute began."""

    serving: bytes
    starting: bytes
    billed: bytes
    ending: bytes


@dataclass
class Record:
    """The changes of one service, in order."""

    changes: list[tuple[datetime, Standing]] = field(default_factory=list[tuple["datetime", Standing]])

    def put(self, at: datetime, standing: Standing) -> None:
        """Write down what stands from an instant on; what has not changed is not written."""
        if not self.changes or self.changes[-1][1] != standing:
            self.changes.append((at, standing))

    @property
    def now(self) -> Standing:
        """What stands."""
        return self.changes[-1][1] if self.changes else Standing()

    def usd(self, prices: Mapping[str, float], since: datetime, until: datetime) -> float:
        """Return what ran between two instants, times its price."""
        return sum(
            hours * sum(count * prices[name] for name, count in standing.running.items())
            for hours, standing in self._spans(since, until)
        )

    def hours(self, since: datetime, until: datetime) -> float:
        """Return the replica hours that were billed between two instants."""
        return sum(hours * sum(standing.running.values()) for hours, standing in self._spans(since, until))

    def serving(self, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """Return when it answered between two instants, the latest part alone; that is what a keeper asks about."""
        end = until
        for at, standing in reversed(self.changes):
            if at < end and standing.is_serving:
                yield_since = max(at, since)
                return [(yield_since, end)] if yield_since < end else []
            end = min(end, at)
            if end <= since:
                return []
        return []

    def minutes(self, span: Span) -> Minutes:
        """Return what stood at the start of each minute."""
        found = [bytearray(span.minutes) for _ in range(4)]
        for (since, standing), (until, _) in pairwise([*self.changes, (span.end, Standing())]):
            first, last = (-(-(at - span.start).total_seconds() // 60) for at in (since, until))
            place = slice(max(0, int(first)), max(0, int(last)))
            length = len(range(*place.indices(span.minutes)))
            values = (standing.is_serving, standing.is_starting, standing.is_billed, standing.is_ending)
            for row, value in zip(found, values, strict=True):
                row[place] = bytes([value]) * length
        return Minutes(*map(bytes, found))

    def _spans(self, since: datetime, until: datetime) -> list[tuple[float, Standing]]:
        """Return how long each standing lasted between two instants, in hours."""
        spans: list[tuple[float, Standing]] = []
        for (at, standing), (end, _) in pairwise([*self.changes, (until, Standing())]):
            seconds = (min(end, until) - max(at, since)).total_seconds()
            if seconds > 0 and standing.is_billed:
                spans.append((seconds / 3600, standing))
        return spans
