"""How busy is this replica? Running totals, and what happened since the last report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.usage import Tokens


@dataclass(frozen=True)
class Interval:
    """What happened between two reports."""

    in_flight: float
    """Mean number of requests at the engine over the interval: a burst between two reports is not lost."""
    requests: int
    tokens_in: int
    tokens_out: int


class Traffic:
    """Counts what was forwarded; refused requests (no key, too large) are not traffic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.in_flight = 0
        self.requests = 0
        self.tokens_in = 0
        self.tokens_out = 0
        self._request_seconds = 0.0
        self._advanced_at = clock()
        self._reported = (self._advanced_at, 0.0, 0, 0, 0)

    def begin(self) -> None:
        """One request goes to an upstream."""
        self._advance()
        self.in_flight += 1
        self.requests += 1

    def end(self) -> None:
        """Its answer has passed, or will not."""
        self._advance()
        self.in_flight -= 1

    def count(self, tokens: Tokens) -> None:
        self.tokens_in += tokens.tokens_in
        self.tokens_out += tokens.tokens_out

    def take_interval(self) -> Interval:
        """What happened since the last call."""
        now = self._advance()
        since, request_seconds, requests, tokens_in, tokens_out = self._reported
        self._reported = (now, self._request_seconds, self.requests, self.tokens_in, self.tokens_out)
        seconds = now - since
        return Interval(
            in_flight=round((self._request_seconds - request_seconds) / seconds, 3) if seconds else self.in_flight,
            requests=self.requests - requests,
            tokens_in=self.tokens_in - tokens_in,
            tokens_out=self.tokens_out - tokens_out,
        )

    def _advance(self) -> float:
        now = self._clock()
        self._request_seconds += self.in_flight * (now - self._advanced_at)
        self._advanced_at = now
        return now
