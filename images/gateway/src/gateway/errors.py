"""How does the gateway say no? Its own errors, in the JSON shape that OpenAI clients parse."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

Headers = list[tuple[bytes, bytes]]
INVALID, SERVER = "invalid_request_error", "server_error"


@dataclass(frozen=True)
class ApiError:
    """One refusal: HTTP status, a sentence for people, a code for programs."""

    status: int
    message: str
    type: str
    code: str
    headers: tuple[tuple[str, str], ...] = ()
    param: str | None = None
    beside: tuple[tuple[str, Any], ...] = ()
    """Members of the body beside `error`, for programs that know the gateway."""

    def body(self) -> bytes:
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return json.dumps({"error": error, **dict(self.beside)}).encode()

    def event(self) -> bytes:
        """The same as a server-sent event; the empty lines first close an event that broke off."""
        return b"\n\ndata: " + self.body() + b"\n\n"

    def raw_headers(self) -> Headers:
        own = [(name.encode("ascii"), value.encode("ascii")) for name, value in self.headers]
        return [(b"content-type", b"application/json"), *own]


class RefusedError(Exception):
    """Raised by a stage that does not let a request pass; `error` is the answer."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.code)
        self.error = error


# In OpenAI's own words: LiteLLM tells by them that it is the key, and not the request, that is wrong.
BAD_KEY = ApiError(
    401,
    "Incorrect API key provided, or none; send one that this service knows as 'Authorization: Bearer <key>'",
    INVALID,
    "invalid_api_key",
    (("www-authenticate", "Bearer"),),
)
EXPIRED_KEY = ApiError(
    401,
    "this API key has expired; ask whoever gave it to you for another one",
    INVALID,
    "expired_api_key",
    (("www-authenticate", "Bearer"),),
)
BAD_HTTP = ApiError(400, "this is not an HTTP request; send HTTP/1.1", INVALID, "bad_http", (("connection", "close"),))
BODY_TOO_SLOW = ApiError(
    408,
    "the request's body did not arrive within the time limit; send it again",
    INVALID,
    "body_timeout",
    (("connection", "close"),),
)
HEAD_TOO_SLOW = ApiError(
    408,
    "the request's headers did not arrive within the time limit; send it again",
    INVALID,
    "header_timeout",
    (("connection", "close"),),
)
UPSTREAM_BROKE = ApiError(
    502, "the engine broke off or answered with something that is not HTTP; try again", SERVER, "upstream_error"
)
UPSTREAM_REFUSED_US = ApiError(
    502,
    "the upstream does not accept the gateway's own credentials; the operator must renew them",
    SERVER,
    "upstream_credentials",
)
DRAINING = ApiError(
    503,
    "this replica is shutting down; try again, another one will answer",
    SERVER,
    "shutting_down",
    (("retry-after", "1"), ("connection", "close")),
)
NO_FIRST_BYTE = ApiError(
    504, "the engine did not begin to answer in time; try again", SERVER, "first_byte_timeout", (("retry-after", "5"),)
)


def upstream_away(retry_after_seconds: float = 5) -> ApiError:
    return ApiError(
        503,
        "the engine accepts no connection; it may be restarting, try again soon",
        SERVER,
        "upstream_unavailable",
        (("retry-after", str(max(1, round(retry_after_seconds)))),),
    )


def body_too_large(max_body_bytes: int) -> ApiError:
    return ApiError(
        413,
        f"the request's body is larger than {max_body_bytes} bytes; send less",
        INVALID,
        "request_too_large",
    )


def head_too_large(max_head_bytes: int) -> ApiError:
    return ApiError(
        431,
        f"the request's headers are larger than {max_head_bytes} bytes; send less",
        INVALID,
        "headers_too_large",
        (("connection", "close"),),
    )


def too_long(max_request_seconds: float) -> ApiError:
    return ApiError(
        504,
        f"the answer was not complete after {max_request_seconds:g} seconds; ask for fewer tokens",
        SERVER,
        "request_timeout",
    )


def bad_body(why: str, param: str | None = None) -> ApiError:
    return ApiError(400, f"{why}; send a JSON object as OpenAI's API describes it", INVALID, "invalid_body", (), param)


def model_not_found(model: str, known: tuple[str, ...]) -> ApiError:
    return ApiError(
        404,
        f"the model {shortened(model)!r} does not exist here; use one of: {', '.join(known)}",
        INVALID,
        "model_not_found",
        (),
        "model",
    )


def not_served(path: str) -> ApiError:
    return ApiError(
        404,
        f"{shortened(path)} is not served for this model; its upstream has no such route",
        INVALID,
        "route_not_served",
    )


def plain_http(status: int, message: str = "") -> ApiError:
    """What a route of the framework refused (404, 405 ...), an unexpected failure (500), an upstream's bare status."""
    try:
        phrase = HTTPStatus(status).phrase.lower()
    except ValueError:
        phrase = f"status {status}"
    kind = INVALID if status < HTTPStatus.INTERNAL_SERVER_ERROR else SERVER
    return ApiError(status, message or phrase, kind, phrase.replace(" ", "_").replace("-", "_"))


def shortened(text: str, characters: int = 100) -> str:
    return text if len(text) <= characters else text[:characters] + "..."
