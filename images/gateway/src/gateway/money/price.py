"""What does a request cost on an upstream?

By the hour: the running requests of an upstream share its price, each second in equal parts. So what all of them cost
together is what the replica cost while it was busy, never more; hours without a request are nobody's. Requests that
come through other gateways share it, too: nobody here sees them, but balanced gateways are equally busy on average.
By tokens: what the engine counted, at the price of a million.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config.price import PriceConfig
    from gateway.usage import Tokens

SECONDS_PER_HOUR = 3600
MILLION = 1_000_000
# Before the first answer nobody knows how long one takes on this upstream.
FIRST_GUESS_SECONDS = 30.0
# Over how long the mean of requests in flight is taken that other gateways are said to have: much longer than an
# answer, or one by itself would be taken for a sign that the others are busy, too.
SETTLING_SECONDS = 300.0
STEP_SECONDS = 10.0
# Weight of the newest request in the running mean of what an estimated token costs.
NEWEST = 0.1


class Price(Protocol):
    """The price of one upstream, and what is known about its requests."""

    by_tokens: bool

    def begin(self) -> float:
        """A request goes to the upstream; what comes back belongs into `end`."""
        ...

    def end(self, began: float) -> float:
        """Its answer has passed: its part of the upstream's time, in USD."""
        ...

    def tokens_usd(self, tokens: Tokens) -> float:
        """What its tokens cost beside that."""
        ...

    def expected_usd(self, estimate: Tokens) -> float:
        """What a request of so many tokens is likely to cost if it is sent now."""
        ...

    def learn(self, estimate: Tokens, usd: float) -> None:
        """A request of so many estimated tokens has cost `usd`."""
        ...


def price_of(config: PriceConfig) -> Price:
    """The price that `config` describes."""
    if config.usd_per_hour is not None:
        return HourlyPrice(config.usd_per_hour, config.requests_per_replica, config.gateways)
    return TokenPrice(config.usd_per_million_input or 0.0, config.usd_per_million_output or 0.0)


class HourlyPrice:
    """Replicas of `usd_per_hour` each: one, or as many as `requests_per_replica` wants for what is in flight."""

    by_tokens = False

    def __init__(
        self,
        usd_per_hour: float,
        requests_per_replica: int | None = None,
        gateways: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`gateways` share these replicas, this one among them."""
        self._others = gateways - 1
        self._mean_in_flight = 0.0
        self._usd_per_second = usd_per_hour / SECONDS_PER_HOUR
        self._requests_per_replica = requests_per_replica
        self._clock = clock
        self._in_flight = 0
        # What one request would have cost that ran since the start: each one's cost is a difference of two readings.
        self._reading_usd = 0.0
        self._read_at = clock()
        self._usd_per_token: float | None = None

    def begin(self) -> float:
        reading = self._read()
        self._in_flight += 1
        return reading

    def end(self, began: float) -> float:
        usd = self._read() - began
        self._in_flight -= 1
        return usd

    def tokens_usd(self, tokens: Tokens) -> float:
        """Tokens cost nothing beside the time."""
        del tokens
        return 0.0

    def expected_usd(self, estimate: Tokens) -> float:
        if self._usd_per_token is None:
            return FIRST_GUESS_SECONDS * self._share_usd_per_second(self._in_flight + 1)
        return self._usd_per_token * _size(estimate)

    def learn(self, estimate: Tokens, usd: float) -> None:
        per_token = usd / _size(estimate)
        known = self._usd_per_token
        self._usd_per_token = per_token if known is None else known + NEWEST * (per_token - known)

    def _read(self) -> float:
        now = self._clock()
        seconds = now - self._read_at
        self._read_at = now
        if self._others:
            # What the others are said to have changes while nothing happens here: a long answer is read in steps.
            while self._in_flight and seconds > STEP_SECONDS:
                self._pass(STEP_SECONDS)
                seconds -= STEP_SECONDS
        self._pass(seconds)
        return self._reading_usd

    def _pass(self, seconds: float) -> None:
        if self._in_flight:
            self._reading_usd += seconds * self._share_usd_per_second(self._in_flight)
        if self._others:
            self._mean_in_flight += (self._in_flight - self._mean_in_flight) * -math.expm1(-seconds / SETTLING_SECONDS)

    def _share_usd_per_second(self, in_flight: int) -> float:
        everywhere = in_flight + self._others * self._mean_in_flight
        replicas = math.ceil(everywhere / self._requests_per_replica) if self._requests_per_replica else 1
        return self._usd_per_second * replicas / everywhere


class TokenPrice:
    """A hosted API's price."""

    by_tokens = True

    def __init__(self, usd_per_million_input: float, usd_per_million_output: float) -> None:
        self._input = usd_per_million_input / MILLION
        self._output = usd_per_million_output / MILLION

    def begin(self) -> float:
        return 0.0

    def end(self, began: float) -> float:
        """Its time is not billed."""
        return began

    def tokens_usd(self, tokens: Tokens) -> float:
        return tokens.tokens_in * self._input + tokens.tokens_out * self._output

    def expected_usd(self, estimate: Tokens) -> float:
        return self.tokens_usd(estimate)

    def learn(self, estimate: Tokens, usd: float) -> None:
        """There is nothing to learn."""


def _size(estimate: Tokens) -> int:
    return max(1, estimate.tokens_in + estimate.tokens_out)
