"""What does a client of a sleeping service read? What a gateway says, in the JSON that OpenAI's clients parse."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LONGEST_SDK_WAIT_SECONDS = 60
"""What OpenAI's SDKs wait for at most; they would rather try again at once than wait longer."""
_INVALID, _SERVER = "invalid_request_error", "server_error"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body; `beside` are members of the body for programs that know Berth."""

    status: int
    message: str
    kind: str
    code: str
    headers: tuple[tuple[str, str], ...] = ()
    beside: tuple[tuple[str, Any], ...] = ()

    def body(self) -> str:
        """Return the body; a probe gets none."""
        if self.status == HTTPStatus.OK:
            return ""
        error = {"message": self.message, "type": self.kind, "param": None, "code": self.code}
        return json.dumps({"error": error, **dict(self.beside)})


PROBED = Answer(200, "", "", "")
"""A probe asks whether this function answers."""
UNKNOWN_DOOR = Answer(
    404, "no service is answered for here; deploy the stack", _INVALID, "not_found", (("retry-after", "600"),)
)
BAD_KEY = Answer(
    401,
    "Incorrect API key provided, or none; send one that this service knows as 'Authorization: Bearer <key>'",
    _INVALID,
    "invalid_api_key",
    (("www-authenticate", "Bearer"),),
)
EXPIRED_KEY = Answer(
    401,
    "this API key has expired; ask whoever gave it to you for another one",
    _INVALID,
    "expired_api_key",
    (("www-authenticate", "Bearer"),),
)


def sleeping(phase: Literal["asleep", "waking"], wakes_at: datetime | None, wait_seconds: float) -> Answer:
    """Return 503 with `Retry-After` and when the service answers again, None where nobody knows."""
    seconds = max(1, math.ceil(wait_seconds))
    wakes = None if wakes_at is None else wakes_at.isoformat(timespec="seconds")
    if phase == "waking":
        message = f"the service is waking up; try again in {seconds} s"
    elif wakes is not None:
        message = f"the service is asleep and wakes at {wakes}; try again in {seconds} s"
    else:
        message = f"the service is asleep, and no time is known when it wakes; try again in {seconds} s"
    headers = [("retry-after", str(seconds))]
    if seconds > LONGEST_SDK_WAIT_SECONDS:
        headers.append(("x-should-retry", "false"))
    wake = {"state": phase, "next_wake": wakes, "retry_after_seconds": seconds}
    return Answer(503, message, _SERVER, f"service_{phase}", tuple(headers), (("wake", wake),))


def response(answer: Answer, *, many: bool) -> dict[str, Any]:
    """Return an answer as a load balancer wants it; `many`: its target group has lists of values for each header."""
    headers: Mapping[str, str] = {"content-type": "application/json", **dict(answer.headers)}
    return {
        "statusCode": answer.status,
        "statusDescription": f"{answer.status} {HTTPStatus(answer.status).phrase}",
        "isBase64Encoded": False,
        **({"multiValueHeaders": {name: [value] for name, value in headers.items()}} if many else {"headers": headers}),
        "body": answer.body(),
    }
