"""What is counted when? At the beginning and the end of a request's time at its upstreams, and when all is known."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gateway.metrics.sample import Sample
from gateway.metrics.series import SeriesTable
from gateway.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gateway.exchange import Exchange
    from gateway.metrics.series import Series
    from gateway.usage import Tokens

FIRST_ERROR_STATUS = 400
COMPLETE = "complete"


class Recorder:
    """The counts of this process, for all who report them."""

    def __init__(
        self,
        model_name: str,
        *,
        models: Collection[str] = (),
        most_series: int = 100,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.traffic = Traffic(clock)
        self.series = SeriesTable(most_series, {model_name, *models})
        self.first_token_ms = Sample()
        self.output_token_ms = Sample()
        self.model_name = model_name
        self._clock = clock

    def begin(self, exchange: Exchange) -> Series:
        """It goes to the upstreams; give what is returned to `end`."""
        self.traffic.begin()
        series = self._series_of(exchange, taken=False)
        series.in_flight += 1
        return series

    def end(self, series: Series) -> None:
        """Its answer has passed, or will not."""
        self.traffic.end()
        series.in_flight -= 1

    def settle(self, exchange: Exchange) -> None:
        """It is over, wherever it came to."""
        forwarded = exchange.tries > 0
        taken = forwarded and exchange.status < FIRST_ERROR_STATUS
        series = self._series_of(exchange, taken=taken)
        series.answered(exchange.status, exchange.outcome)
        if not forwarded:
            return
        tokens = exchange.usage.tokens()
        self.traffic.count(tokens)
        series.tokens_in += tokens.tokens_in
        series.tokens_out += tokens.tokens_out
        if tokens.estimated:
            series.estimated_tokens_out += tokens.tokens_out
        if exchange.cost_usd is not None:
            series.cost_usd += exchange.cost_usd
        ended = self._clock()
        series.duration.observe(ended - exchange.began)
        if taken and exchange.streamed and exchange.first_byte_at is not None:
            self._time_stream(exchange, series, tokens, exchange.first_byte_at, ended)

    def _time_stream(
        self, exchange: Exchange, series: Series, tokens: Tokens, first_byte_at: float, ended: float
    ) -> None:
        first_token = first_byte_at - exchange.began
        series.first_token.observe(first_token)
        self.first_token_ms.add(round(first_token * 1000, 2))
        if exchange.outcome == COMPLETE and tokens.tokens_out > 1:
            output_token = (ended - first_byte_at) / (tokens.tokens_out - 1)
            series.output_token.observe(output_token)
            self.output_token_ms.add(round(output_token * 1000, 3))

    def _series_of(self, exchange: Exchange, *, taken: bool) -> Series:
        return self.series.of(exchange.key_name or "", exchange.model or self.model_name, taken=taken)
