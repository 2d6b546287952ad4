"""Which headers cross the gateway? All that speak about the message, none that speak about one connection."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable

from multidict import CIMultiDict

RawHeaders = Iterable[tuple[bytes, bytes]]

# RFC 9110 section 7.6.1, plus the two of RFC 2616 that are still seen.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
# The key is the gateway's business; host, length and expectation belong to the next connection. The engine is asked
# not to compress (it is next door), so that `usage` can be read from what passes.
NOT_TO_UPSTREAM = frozenset(
    {b"authorization", b"host", b"content-length", b"expect", b"accept-encoding", b"x-request-id"}
)
NOT_TO_CLIENT = frozenset({b"date", b"server", b"x-request-id"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def to_upstream(headers: RawHeaders, request_id: str) -> CIMultiDict[str]:
    """Headers of the request to the engine."""
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in _end_to_end(headers, NOT_TO_UPSTREAM):
        kept.add(name.decode("ascii", "replace"), value.decode("utf-8", "replace"))
    kept["accept-encoding"] = "identity"
    kept["x-request-id"] = request_id
    return kept


def to_client(headers: RawHeaders, request_id: str) -> list[tuple[bytes, bytes]]:
    """Headers of the answer to the client."""
    return [*_end_to_end(headers, NOT_TO_CLIENT), (b"x-request-id", request_id.encode("ascii"))]


def request_id_of(value: str | None) -> str:
    """The client's own id where it is one that a log can hold, else a new one."""
    return value if value and REQUEST_ID.fullmatch(value) else uuid.uuid4().hex


def first(headers: RawHeaders, name: bytes) -> str | None:
    """Value of the first header of that name (lower case), or None."""
    for key, value in headers:
        if key.lower() == name:
            return value.decode("utf-8", "surrogateescape")
    return None


def _end_to_end(headers: RawHeaders, dropped: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    lowered = [(name.lower(), value) for name, value in headers]
    named = {token.strip() for name, value in lowered if name == b"connection" for token in value.lower().split(b",")}
    return [(name, value) for name, value in lowered if name not in HOP_BY_HOP | dropped | named]
