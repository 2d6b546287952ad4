"""Is an upstream's error one that OpenAI clients understand? If not, what does it say in their shape?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gateway.errors import ApiError, plain_http, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

# What is longer is no error message; it is passed on as it is.
MOST_ERROR_BYTES = 64 * 1024
LONGEST_MESSAGE = 2000
KEPT_HEADERS = (b"retry-after", b"allow", b"x-should-retry")


def in_openai_shape(status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> ApiError | None:
    """The same error in OpenAI's shape; None when it has that shape (or is too long for an error) and passes as it is.

    TGI says `{"error": "text", "error_type": ...}`, FastAPI `{"detail": ...}`, older vLLM `{"object": "error", ...}`,
    platforms `{"message": ...}`, load balancers HTML.
    """
    if len(body) > MOST_ERROR_BYTES:
        return None
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        error: Any = document.get("error")
        if isinstance(error, dict) and isinstance(error.get("message"), str):
            return None
        message = _message(document)
    else:
        message = document if isinstance(document, str) else _plain_text(body)
    known = plain_http(status, shortened(message, LONGEST_MESSAGE))
    kept = tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in headers if name in KEPT_HEADERS)
    return ApiError(status, known.message, known.type, known.code, tuple(pair for pair in kept if pair[1].isascii()))


def _plain_text(body: bytes) -> str:
    text = body.decode("utf-8", "replace").strip()
    return "" if text.startswith(("<", "{", "[")) else text


def _message(document: dict[str, Any]) -> str:
    for name in ("error", "message", "Message", "detail", "error_message"):
        value = document.get(name)
        if isinstance(value, dict):
            value = value.get("message") or value.get("detail")
        if isinstance(value, str) and value:
            return value
        if isinstance(value, list) and value:
            return json.dumps(value)
    return ""
