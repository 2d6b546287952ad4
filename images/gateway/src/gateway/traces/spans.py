"""What is traced? A request, and each attempt to have it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gateway.exchange import Exchange
    from gateway.upstreams.upstream import RawHeaders


class RequestTrace(Protocol):
    """The spans of one request; attempts come one after the other."""

    trace_id: str
    """32 hex digits, as the log shows them."""

    def begin_attempt(self, exchange: Exchange) -> None:
        """An upstream is asked now."""
        ...

    def outgoing(self, headers: RawHeaders) -> RawHeaders:
        """The same headers, with the attempt's span as parent of what the upstream traces."""
        ...

    def end_attempt(self, exchange: Exchange, result: str) -> None:
        """It is over; `result` as in the metrics."""
        ...

    def end(self, exchange: Exchange) -> None:
        """The request is over, and everything about it is known."""
        ...


class Traces(Protocol):
    """Where spans go."""

    def begin(self, exchange: Exchange) -> RequestTrace:
        """A request has come."""
        ...

    async def close(self) -> None:
        """Send what is left, for a short while."""
        ...
