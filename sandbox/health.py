"""What does a sandbox tell about itself over its port? Asked without the proxy that this shell may have."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException
from typing import Any

HOST = "127.0.0.1"
HEALTH_SECONDS = 2.0
ANSWER_SECONDS = 30.0

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(port: int, question: str, seconds: float = ANSWER_SECONDS) -> Any:
    """The answer to `health` or `inventory`; of the local AWS, also to `gaps`."""
    with _DIRECT.open(f"http://{HOST}:{port}/_berth/{question}", timeout=seconds) as answer:
        return json.load(answer)


def tell(port: int, route: str, document: Any) -> Any:
    """The answer of a control of the local AWS; it may take as long as the functions that it runs."""
    request = urllib.request.Request(f"http://{HOST}:{port}/_berth/{route}", data=json.dumps(document).encode())
    with _DIRECT.open(request) as answer:
        return json.load(answer)


def health_of(port: int) -> dict[str, Any] | None:
    """The health of what listens on the port; None when that is no sandbox."""
    try:
        document = ask(port, "health", HEALTH_SECONDS)
    except (OSError, HTTPException, ValueError):
        return None
    return document if isinstance(document, dict) else None
