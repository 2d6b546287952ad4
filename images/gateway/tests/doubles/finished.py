"""What does a request look like that is over? An exchange with its answer filled in by the test."""

from __future__ import annotations

from typing import Any

from gateway.exchange import Exchange
from gateway.usage import Tokens


class FixedUsage:
    """Says what the test says."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def feed(self, chunk: bytes, /) -> None:
        """Nothing is counted."""

    def tokens(self) -> Tokens:
        return self._tokens


def finished(
    *,
    key: str | None = None,
    model: str | None = None,
    status: int = 200,
    outcome: str = "complete",
    tries: int = 1,
    tokens: Tokens | None = None,
    began: float = 0.0,
    first_byte_at: float | None = None,
    cost_usd: float | None = None,
) -> Exchange:
    """An exchange as settle sees it; with `first_byte_at` its answer was a stream."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "raw_path": b"/v1/chat/completions",
        "query_string": b"",
        "headers": [(b"x-request-id", b"r-1")],
    }

    async def unused(*_: Any) -> Any:
        raise AssertionError("nothing is sent or received any more: this exchange is over")

    no_deadline: Any = None  # one would need a running loop
    exchange = Exchange(scope, unused, unused, no_deadline)
    exchange.key_name = key
    exchange.status, exchange.outcome, exchange.tries = status, outcome, tries
    exchange.began, exchange.first_byte_at, exchange.cost_usd = began, first_byte_at, cost_usd
    exchange._event_stream = first_byte_at is not None
    exchange.usage = FixedUsage(tokens or Tokens())
    if model is not None:
        exchange.body = b'{"model": "%s"}' % model.encode()
        assert exchange.document is not None
    return exchange
