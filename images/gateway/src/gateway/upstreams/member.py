"""What does this replica know about one of its upstreams? How busy it keeps it, and whether it is worth asking."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from gateway.limits.estimate import counted, prompt_tokens
from gateway.upstreams.upstream import Outgoing
from gateway.usage import Tokens

if TYPE_CHECKING:
    from gateway.exchange import Exchange
    from gateway.money.price import Price
    from gateway.upstreams.breaker import Breaker
    from gateway.upstreams.upstream import Upstream


class Member:
    """An upstream with its state in this process; routes share it."""

    def __init__(
        self,
        upstream: Upstream,
        breaker: Breaker,
        *,
        model: str | None = None,
        first_byte_seconds: float | None = None,
        price: Price | None = None,
    ) -> None:
        self.upstream = upstream
        self.breaker = breaker
        self.in_flight = 0
        self.results: Counter[str] = Counter()
        """What became of the requests that it was sent."""
        self.first_byte_seconds = first_byte_seconds
        self.price = price
        """None where nobody knows it."""
        self.asleep = False
        """Known to sleep: it is neither asked nor probed."""
        self._model = model
        self._one_question = asyncio.Lock()

    @property
    def name(self) -> str:
        return self.upstream.name

    def begin(self) -> float:
        """A request goes to it; what comes back belongs into `end`."""
        self.in_flight += 1
        return self.price.begin() if self.price is not None else 0.0

    def end(self, exchange: Exchange, began: float, *, served: bool) -> None:
        """The request is over; `served` says whether its tokens count, if it is by tokens that they are paid."""
        self.in_flight -= 1
        if self.price is None:
            return
        usd = self.price.end(began)
        if served and self.price.by_tokens:
            reserved = exchange.estimate or Tokens(prompt_tokens(exchange.body or b""))
            usd += self.price.tokens_usd(counted(exchange, reserved))
        exchange.cost_usd = usd + (exchange.cost_usd or 0.0)

    async def may_be_asked(self) -> bool:
        """Whether its breaker lets a request through; where it has a health route, that is asked first."""
        if self.asleep:
            return False
        breaker = self.breaker
        if not breaker.open:
            return True
        if breaker.wait_seconds > 0:
            return False
        breaker.try_again()
        if not self.upstream.has_health:
            return True
        async with self._one_question:
            if await self.upstream.healthy():
                breaker.succeeded()
                return True
        breaker.failed()
        return False

    def outgoing(self, exchange: Exchange) -> Outgoing:
        """The request as this upstream shall see it: with its own name of the model, if it has one.

        Raises:
            RefusedError: when a name must be written into a body that is not JSON.
        """
        body = exchange.body if exchange.body or exchange.declares_body else None
        if self._model is not None and (document := exchange.document) is not None and document["model"] is not None:
            body = document.replaced("model", self._model)
        return Outgoing(
            exchange.method, exchange.target, exchange.headers, body, exchange.parsed_document, exchange.request_id
        )
