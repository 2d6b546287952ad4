"""What does the local RunPod answer, and how does it refuse?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# fmt: off
TITLES = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    409: "Conflict", 410: "Gone", 413: "Payload Too Large", 422: "Unprocessable Entity", 429: "Too Many Requests",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout",
}
# fmt: on
"""The phrases of the API; Python's own differ between its versions."""


class ProblemError(Exception):
    """A refusal of the management API, an `application/problem+json` document."""

    def __init__(
        self, status: int, detail: str, errors: Iterable[str] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}

    def answer(self) -> Answer:
        title = TITLES.get(self.status, "Error")
        document: dict[str, Any] = {"title": title, "status": self.status, "detail": self.detail}
        if self.errors:
            document["errors"] = list(self.errors)
        return Answer(self.status, document, self.headers, content_type="application/problem+json")


class JobApiError(Exception):
    """A refusal of the job API, whose documents have no title and no errors."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def answer(self) -> Answer:
        return Answer(self.status, {"error": str(self)})


@dataclass(frozen=True)
class Answer:
    status: int
    document: Any = None
    """What becomes JSON; None is an empty body."""
    headers: dict[str, str] = field(default_factory=dict)
    stream: Iterable[bytes] | None = None
    """Instead of the document: parts that are sent as they come."""
    content_type: str = "application/json"

    @property
    def body(self) -> bytes:
        return b"" if self.document is None else json.dumps(self.document).encode()
