"""What may be sent as a job? The body of `run` and `runsync`; a `webhook` in it is taken and not called."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import JobApiError
from sandbox.runpod.job import DEFAULT_TTL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.runpod.request import Request

RUN_BYTES, RUNSYNC_BYTES = 10_000_000, 20_000_000
# In milliseconds: how long a job may run, and how long it is kept from its submission on.
TIMEOUT_RANGE = (5_000, 604_800_000)
TTL_RANGE = (10_000, 604_800_000)
WAIT_RANGE = (1_000, 300_000)
DEFAULT_WAIT_MS = 90_000


@dataclass(frozen=True)
class JobBody:
    input: Any
    ttl_seconds: float
    timeout_seconds: float | None


def read_job(request: Request, most_bytes: int) -> JobBody:
    """The job in a request.

    Raises:
        JobApiError: 413 for one that is too long, 400 for one that is none.
    """
    if len(request.body) > most_bytes:
        raise JobApiError(413, f"the request has {len(request.body)} bytes, {most_bytes} are allowed")
    try:
        document = json.loads(request.body)
    except ValueError:
        raise JobApiError(400, "the request body is not valid JSON") from None
    if not isinstance(document, dict) or "input" not in document:
        raise JobApiError(400, "the request body must be an object with 'input'")
    policy = document.get("policy") or {}
    if not isinstance(policy, dict):
        raise JobApiError(400, "policy must be an object")
    ttl = _milliseconds(policy, "ttl", TTL_RANGE)
    timeout = _milliseconds(policy, "executionTimeout", TIMEOUT_RANGE)
    return JobBody(
        document["input"],
        DEFAULT_TTL_SECONDS if ttl is None else ttl / 1000,
        None if timeout is None else timeout / 1000,
    )


def read_wait(query: Mapping[str, str]) -> float:
    """Seconds that `runsync` waits.

    Raises:
        JobApiError: 400 outside the range.
    """
    given = query.get("wait", str(DEFAULT_WAIT_MS))
    if not given.isdecimal() or not WAIT_RANGE[0] <= int(given) <= WAIT_RANGE[1]:
        raise JobApiError(400, f"wait must be from {WAIT_RANGE[0]} to {WAIT_RANGE[1]} milliseconds, got {given}")
    return int(given) / 1000


def _milliseconds(policy: dict[str, Any], name: str, allowed: tuple[int, int]) -> int | None:
    value = policy.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not allowed[0] <= value <= allowed[1]:
        raise JobApiError(400, f"policy.{name} must be from {allowed[0]} to {allowed[1]} milliseconds")
    return value
