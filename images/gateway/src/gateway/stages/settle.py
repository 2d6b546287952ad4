"""What is left to do when a request is over? Give back what was reserved, count, and write the log's line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.exchange import Exchange
    from gateway.metrics.recorder import Recorder

log = logging.getLogger(__name__)


class Settle:
    """Comes last whatever happened, and raises nothing."""

    def __init__(self, recorder: Recorder, write_request: Callable[[Exchange, str], None]) -> None:
        self._recorder = recorder
        self._write_request = write_request

    def __call__(self, exchange: Exchange) -> None:
        for settlement in reversed(exchange.settlements):
            try:
                settlement(exchange)
            except Exception as error:  # noqa: BLE001 one that fails must not keep the others from being settled
                log.error(  # noqa: TRY400 an error's text may quote the request
                    "a settlement failed",
                    extra={"fields": {"request_id": exchange.request_id, "error": type(error).__name__}},
                )
        self._recorder.settle(exchange)
        self._write_request(exchange, self._recorder.model_name)
