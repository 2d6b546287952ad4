"""How does the gateway say no? Its own errors, in the JSON shape that OpenAI clients parse."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class ApiError:
    """One refusal: HTTP status, a sentence for people, a code for programs."""

    status: int
    message: str
    type: str
    code: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self) -> bytes:
        error = {"message": self.message, "type": self.type, "param": None, "code": self.code}
        return json.dumps({"error": error}).encode()

    def event(self) -> bytes:
        """The same as a server-sent event; the empty lines first close an event that broke off."""
        return b"\n\ndata: " + self.body() + b"\n\n"

    def raw_headers(self) -> Headers:
        own = [(name.encode("ascii"), value.encode("ascii")) for name, value in self.headers]
        return [(b"content-type", b"application/json"), *own]


BAD_KEY = ApiError(
    401,
    "no valid API key was given; send one that this service knows as 'Authorization: Bearer <key>'",
    "invalid_request_error",
    "invalid_api_key",
    (("www-authenticate", "Bearer"),),
)
CLIENT_TOO_SLOW = ApiError(
    408,
    "the request's body did not arrive within the time limit; send it again",
    "invalid_request_error",
    "body_timeout",
)
UPSTREAM_BROKE = ApiError(
    502, "the engine broke off or answered with something that is not HTTP; try again", "server_error", "upstream_error"
)
UPSTREAM_AWAY = ApiError(
    503,
    "the engine accepts no connection; it may be restarting, try again soon",
    "server_error",
    "upstream_unavailable",
    (("retry-after", "5"),),
)
DRAINING = ApiError(
    503,
    "this replica is shutting down; try again, another one will answer",
    "server_error",
    "shutting_down",
    (("retry-after", "1"), ("connection", "close")),
)


def body_too_large(max_body_bytes: int) -> ApiError:
    return ApiError(
        413,
        f"the request's body is larger than {max_body_bytes} bytes; send less",
        "invalid_request_error",
        "request_too_large",
        (("connection", "close"),),
    )


def too_long(max_request_seconds: float) -> ApiError:
    return ApiError(
        504,
        f"the answer was not complete after {max_request_seconds:g} seconds; ask for fewer tokens",
        "server_error",
        "request_timeout",
    )


def plain_http(status: int, detail: str = "") -> ApiError:
    """What a route of the framework refused (404, 405 ...), or an unexpected failure (500)."""
    phrase = HTTPStatus(status).phrase
    kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    return ApiError(status, detail or phrase.lower(), kind, phrase.lower().replace(" ", "_"))
