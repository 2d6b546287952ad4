"""What does the log say? One JSON object per line, with the fields a request's line carries and never its text."""

from __future__ import annotations

import json
import logging
import math
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

    def __call__(self, summary: dict[str, Any]) -> None:
        parts = [f'{{"time": "{self._timestamp.of(time.time())}", {HEAD}']
        # A third of the time that json.dumps takes for the whole.
        for name, value in summary.items():
            parts.append(f'"{name}": {_json(value)}')
        self._write_line(", ".join(parts) + "}")


def _json(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return quoted(value)
    if value is None:
        return "null"
    return repr(value) if kind is int or (kind is float and math.isfinite(value)) else json.dumps(value)


def summary(exchange: Exchange, model_name: str) -> dict[str, Any]:
    """The line about a request: no query, no header, and no text unless there is a transcript.

    `model_name` is what is served to those who name nothing that anybody looked at.
    """
    tokens = exchange.usage.tokens()
    first_byte_at = exchange.first_byte_at
    line = {
        "request_id": exchange.request_id,
        "key": exchange.key_name,
        "method": exchange.method,
        "path": exchange.path[:LOGGED_PATH_CHARACTERS],
        "model": exchange.model or model_name,
        "upstream": exchange.upstream,
        "tries": exchange.tries,
        "status": exchange.status,
        "outcome": exchange.outcome,
        "duration_ms": round((time.monotonic() - exchange.began) * 1000),
        "first_byte_ms": None if first_byte_at is None else round((first_byte_at - exchange.began) * 1000),
        "tokens_in": tokens.tokens_in,
        "tokens_out": tokens.tokens_out,
    }
    if tokens.estimated:
        line["tokens_estimated"] = True
    if exchange.cost_usd is not None:
        line["cost_usd"] = round(exchange.cost_usd, 9)
    if exchange.trace is not None:
        line["trace_id"] = exchange.trace.trace_id
    if exchange.transcript is not None:
        line |= exchange.transcript.of(exchange)
    return line
