"""What does the log say? One JSON object per line, with the fields a request's line carries and never its text."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, TextIO

LEVEL = logging.INFO


def configure(stream: TextIO = sys.stdout) -> None:
    """Send every logger of the process through the one JSON formatter."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=LEVEL, handlers=[handler], force=True)
    # asyncio and aiohttp log whole requests at DEBUG only; uvicorn's access log would repeat ours.
    logging.getLogger("uvicorn.access").disabled = True


class JsonFormatter(logging.Formatter):
    """`extra={"fields": {...}}` lands at the top level of the line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
