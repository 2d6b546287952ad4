"""What has each key used of its limits in this replica?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gateway.limits.bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config.keys import KeyTerms
    from gateway.keys import Key

# Keys that were exchanged leave their counts behind; so many may pile up before those are looked for.
MOST_KEPT = 10_000


class Allowance:
    """One key's buckets and its requests in flight."""

    def __init__(self) -> None:
        self.terms: KeyTerms | None = None
        self.requests: Bucket | None = None
        self.tokens: Bucket | None = None
        self.in_flight = 0


class Allowances:
    """The allowance of each key by its name: an exchange of keys gives nobody a fresh one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_name: dict[str, Allowance] = {}

    def now(self) -> float:
        return self._clock()

    def of(self, key: Key) -> Allowance:
        """The key's allowance, as large as its terms say now."""
        allowance = self._by_name.get(key.name)
        if allowance is None:
            self._make_room()
            allowance = self._by_name[key.name] = Allowance()
        terms = key.terms
        if allowance.terms is terms:
            return allowance
        allowance.terms = terms
        allowance.requests = self._as_large(allowance.requests, terms.requests_per_minute)
        allowance.tokens = self._as_large(allowance.tokens, terms.tokens_per_minute)
        return allowance

    def _as_large(self, bucket: Bucket | None, per_minute: int | None) -> Bucket | None:
        if per_minute is None:
            return None
        if bucket is None:
            return Bucket(per_minute, self._clock())
        if bucket.per_minute != per_minute:
            bucket.resize(per_minute, self._clock())
        return bucket

    def _make_room(self) -> None:
        if len(self._by_name) >= MOST_KEPT:
            self._by_name = {name: one for name, one in self._by_name.items() if one.in_flight}
