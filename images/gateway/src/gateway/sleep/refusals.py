"""What does a client hear while the service sleeps or wakes? When to come again, for people and for programs."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.errors import SERVER, ApiError

if TYPE_CHECKING:
    from gateway.sleep.state import Condition

# What OpenAI's SDKs wait for at most; they would rather try again at once than wait longer.
LONGEST_SDK_WAIT_SECONDS = 60


def sleeping(condition: Condition, next_wake: float | None, wait_seconds: float) -> ApiError:
    """503 with `Retry-After`; `next_wake` in seconds since the epoch, None where nobody knows."""
    seconds = max(1, math.ceil(wait_seconds))
    wakes_at = None if next_wake is None else datetime.fromtimestamp(next_wake, UTC).isoformat(timespec="seconds")
    if condition == "waking":
        message = f"the service is waking up; try again in {seconds} s"
    elif wakes_at is not None:
        message = f"the service is asleep and wakes at {wakes_at}; try again in {seconds} s"
    else:
        message = f"the service is asleep, and no time is known when it wakes; try again in {seconds} s"
    headers = [("retry-after", str(seconds))]
    if seconds > LONGEST_SDK_WAIT_SECONDS:
        headers.append(("x-should-retry", "false"))
    wake = {"state": str(condition), "next_wake": wakes_at, "retry_after_seconds": seconds}
    return ApiError(503, message, SERVER, f"service_{condition}", tuple(headers), beside=(("wake", wake),))
