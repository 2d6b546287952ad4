"""What does the log say? One JSON object per line, with the fields a request's line carries and never its text."""

from __future__ import annotations

import json
import logging
import sys
import time
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.exchange import Exchange

LEVEL = logging.INFO
LOGGED_PATH_CHARACTERS = 200
HEAD = '"level": "info", "logger": "gateway", "message": "request"'


def configure(stream: TextIO = sys.stdout) -> None:
    """Send every logger of the process through the one JSON formatter."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=LEVEL, handlers=[handler], force=True)
    # asyncio and aiohttp log whole requests at DEBUG only; uvicorn's access log would repeat ours.
    logging.getLogger("uvicorn.access").disabled = True


class Timestamp:
    """UTC with milliseconds; what is the same for a second is made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def of(self, seconds: float) -> str:
        """`seconds` since the epoch."""
        second = int(seconds)
        if second != self._second:
            self._second, self._text = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._text}.{int((seconds - second) * 1000):03d}Z"


class JsonFormatter(logging.Formatter):
    """`extra={"fields": {...}}` lands at the top level of the line."""

    def __init__(self) -> None:
        super().__init__()
        self._timestamp = Timestamp()

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self._timestamp.of(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class RequestLog:
    """Writes the one line of each request, past what `logging` does to find out who called it."""

    def __init__(self, write_line: Callable[[str], None]) -> None:
        self._write_line = write_line
        self._timestamp = Timestamp()

    def __call__(self, exchange: Exchange, model_name: str) -> None:
        """No query, no header, and no text unless there is a transcript.

        `model_name` is what is served to those who name nothing that anybody looked at.
        """
        tokens = exchange.usage.tokens()
        began, first_byte_at = exchange.began, exchange.first_byte_at
        key, upstream = exchange.key_name, exchange.upstream
        model = exchange.model or model_name
        first_byte_ms = "null" if first_byte_at is None else round((first_byte_at - began) * 1000)
        # What every line has is put in by hand: json.dumps would take a fiftieth of a small request.
        line = (
            f'{{"time": "{self._timestamp.of(time.time())}", {HEAD}, "request_id": {quoted(exchange.request_id)}, '
            f'"key": {"null" if key is None else quoted(key)}, "method": {quoted(exchange.method)}, '
            f'"path": {quoted(exchange.path[:LOGGED_PATH_CHARACTERS])}, "model": {quoted(model)}, '
            f'"upstream": {"null" if upstream is None else quoted(upstream)}, "tries": {exchange.tries}, '
            f'"status": {exchange.status}, "outcome": {quoted(exchange.outcome)}, '
            f'"duration_ms": {round((time.monotonic() - began) * 1000)}, "first_byte_ms": {first_byte_ms}, '
            f'"tokens_in": {tokens.tokens_in}, "tokens_out": {tokens.tokens_out}'
        )
        if exchange.cost_usd is not None:
            line += f', "cost_usd": {round(exchange.cost_usd, 9)}'
        more: dict[str, Any] = {"tokens_estimated": True} if tokens.estimated else {}
        if exchange.trace is not None:
            more["trace_id"] = exchange.trace.trace_id
        if exchange.transcript is not None:
            more |= exchange.transcript.of(exchange)
        self._write_line(line + ", " + json.dumps(more)[1:] if more else line + "}")
