"""May this key send another request, as to its rate and its requests in flight? Asked before the body is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import RefusedError
from gateway.limits.rate_headers import rate_headers
from gateway.limits.refusals import too_many_at_once, too_many_requests

if TYPE_CHECKING:
    from gateway.exchange import Exchange
    from gateway.limits.allowance import Allowance, Allowances
    from gateway.limits.bucket import Bucket

TOO_MANY = 429


class Limit:
    """Counts a request; one that is refused for its key's limits does not count."""

    def __init__(self, allowances: Allowances) -> None:
        self._allowances = allowances

    async def __call__(self, exchange: Exchange) -> None:
        key = exchange.key
        if key is None:
            return
        terms = key.terms
        if terms.concurrency is None and terms.requests_per_minute is None:
            return
        allowance = self._allowances.of(key)
        bucket = allowance.requests
        if terms.concurrency is not None and allowance.in_flight >= terms.concurrency:
            raise RefusedError(too_many_at_once(terms.concurrency))
        if bucket is not None:
            now = self._allowances.now()
            wait = bucket.try_take(1, now)
            exchange.own_headers += rate_headers("requests", bucket, now)
            if wait:
                raise RefusedError(too_many_requests(bucket.per_minute, wait))
        allowance.in_flight += 1
        exchange.settlements.append(lambda ended: _settle(ended, allowance, bucket))


def _settle(exchange: Exchange, allowance: Allowance, bucket: Bucket | None) -> None:
    allowance.in_flight -= 1
    if bucket is not None and exchange.status == TOO_MANY and not exchange.tries:
        bucket.give_back(1)
