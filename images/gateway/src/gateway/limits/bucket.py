"""How much of a rate per minute is left, and when will there be enough? A token bucket, filled evenly."""

from __future__ import annotations

SECONDS_PER_MINUTE = 60.0


class Bucket:
    """Holds a minute's worth at most, so a whole minute's worth may come at once; `now` in seconds of any clock.

    >>> bucket = Bucket(60, now=0.0)
    >>> bucket.try_take(60, now=0.0)
    0.0
    >>> bucket.wait_seconds(3, now=1.0)
    2.0
    """

    def __init__(self, per_minute: int, now: float) -> None:
        self.per_minute = per_minute
        self._level = float(per_minute)
        self._filled_at = now

    def wait_seconds(self, amount: float, now: float) -> float:
        """How long until `amount` may be taken; 0 when it may be now.

        What is more than a minute's worth may be taken from a full bucket, and leaves a debt: it would never pass
        otherwise, and `amount` is an estimate that may be far too high.
        """
        missing = min(amount, self.per_minute) - self._filled(now)
        return missing * SECONDS_PER_MINUTE / self.per_minute if missing > 0 else 0.0

    def try_take(self, amount: float, now: float) -> float:
        """Take it if it may be taken now, and return 0; else how long until then."""
        level = self._filled(now)
        if level < amount and level < self.per_minute:
            return self.wait_seconds(amount, now)
        self._level = level - amount
        return 0.0

    def give_back(self, amount: float) -> None:
        """What was not used after all; less than nothing where it was more."""
        self._level = min(self._level + amount, float(self.per_minute))

    def standing(self, now: float) -> tuple[int, float]:
        """What remains, in whole units, and how many seconds until it is full."""
        level = self._filled(now)
        return max(0, int(level)), (self.per_minute - level) * SECONDS_PER_MINUTE / self.per_minute

    def resize(self, per_minute: int, now: float) -> None:
        """Another limit from now on; what was used stays used."""
        used = self.per_minute - self._filled(now)
        self.per_minute = per_minute
        self._level = per_minute - used

    def _filled(self, now: float) -> float:
        if now > self._filled_at:
            grown = self._level + (now - self._filled_at) * self.per_minute / SECONDS_PER_MINUTE
            self._level = min(grown, float(self.per_minute))
            self._filled_at = now
        return self._level
