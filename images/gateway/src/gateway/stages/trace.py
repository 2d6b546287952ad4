"""Where does this request stand in its caller's trace? Only where OpenTelemetry is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.exchange import Exchange
    from gateway.traces.spans import Traces


class Trace:
    """Fills `trace`; its end is settled last, when everything else has been."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces

    async def __call__(self, exchange: Exchange) -> None:
        trace = self._traces.begin(exchange)
        exchange.trace = trace
        exchange.settlements.append(trace.end)
