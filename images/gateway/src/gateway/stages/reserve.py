"""Does the key have as many tokens and as much money left as this request is likely to take?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import RefusedError
from gateway.limits.estimate import counted, estimated
from gateway.limits.rate_headers import rate_headers
from gateway.limits.refusals import too_many_tokens
from gateway.money.account import nano_usd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.exchange import Exchange
    from gateway.keys import Key
    from gateway.limits.allowance import Allowances
    from gateway.limits.bucket import Bucket
    from gateway.money.ledger import Lease, Ledger
    from gateway.upstreams.member import Member
    from gateway.usage import Tokens

FIRST_ERROR_STATUS = 400


class Reserve:
    """Sets aside what is likely, and settles what it was; only requests with a body work an engine."""

    def __init__(
        self, allowances: Allowances, ledger: Ledger, members: Mapping[str, Member], answer_tokens: int
    ) -> None:
        self._allowances = allowances
        self._ledger = ledger
        self._members = members
        self._answer_tokens = answer_tokens

    async def __call__(self, exchange: Exchange) -> None:
        key = exchange.key
        if key is None or exchange.method != "POST":
            return
        terms = key.terms
        if terms.tokens_per_minute is None and terms.usd_per_month is None:
            return
        estimate = exchange.estimate = estimated(exchange, self._answer_tokens)
        if terms.tokens_per_minute is not None:
            bucket = self._allowances.of(key).tokens
            if bucket is not None:
                self._reserve_tokens(exchange, bucket, estimate)
        if terms.usd_per_month is not None:
            await self._reserve_money(exchange, key, estimate)

    def _reserve_tokens(self, exchange: Exchange, bucket: Bucket, estimate: Tokens) -> None:
        now = self._allowances.now()
        amount = estimate.tokens_in + estimate.tokens_out
        wait = bucket.try_take(amount, now)
        exchange.own_headers += rate_headers("tokens", bucket, now)
        if wait:
            raise RefusedError(too_many_tokens(bucket.per_minute, amount, wait))

        def settle(ended: Exchange) -> None:
            took = counted(ended, estimate)
            bucket.give_back(amount - took.tokens_in - took.tokens_out)

        exchange.settlements.append(settle)

    async def _reserve_money(self, exchange: Exchange, key: Key, estimate: Tokens) -> None:
        amount = nano_usd(self._expected_usd(exchange, estimate))
        lease = await self._ledger.reserve(key, amount)
        exchange.settlements.append(lambda ended: self._settle_money(ended, lease, amount, estimate))

    def _settle_money(self, exchange: Exchange, lease: Lease, amount: int, estimate: Tokens) -> None:
        usd = exchange.cost_usd or 0.0
        lease.settle(amount, nano_usd(usd))
        member = self._members.get(exchange.upstream or "")
        if member is not None and member.price is not None and exchange.status < FIRST_ERROR_STATUS:
            member.price.learn(estimate, usd)

    def _expected_usd(self, exchange: Exchange, estimate: Tokens) -> float:
        """At the upstreams that are asked first: a fallback's price is settled when it has taken over."""
        first = exchange.route.tiers[0] if exchange.route is not None else ()
        if len(first) == 1:
            return first[0].price.expected_usd(estimate) if first[0].price is not None else 0.0
        return max((member.price.expected_usd(estimate) for member in first if member.price is not None), default=0.0)
