"""Who is asking? Public keys of the local RunPod, that open it and nothing else.

A key of the real RunPod is refused like any unknown one, so that a wrong environment is noticed.
"""

from __future__ import annotations

from sandbox.runpod.answers import JobApiError, ProblemError

FULL_KEY = "berth-sandbox-runpod"
READ_ONLY_KEY = "berth-sandbox-runpod-read-only"
"""Reads the management API; may not change anything."""
JOBS_KEY = "berth-sandbox-runpod-jobs"
"""Sends jobs to endpoints; has no access to the management API."""

_SCHEME = "bearer "


def require_management(authorization: str, *, writes: bool) -> None:
    """Check the bearer of a management call.

    Raises:
        ProblemError: 401 without a known key, 403 with one that does not reach this far.
    """
    if not authorization.lower().startswith(_SCHEME):
        raise ProblemError(401, "missing bearer token")
    key = authorization[len(_SCHEME) :].strip()
    if key not in {FULL_KEY, READ_ONLY_KEY, JOBS_KEY}:
        raise ProblemError(401, "invalid bearer token")
    if key == JOBS_KEY or (writes and key == READ_ONLY_KEY):
        raise ProblemError(403, "access denied")


def require_jobs(authorization: str) -> None:
    """Check the key of a job call, that may come with or without `Bearer`.

    Raises:
        JobApiError: 401 without a known key, 403 with one that may only read.
    """
    key = authorization[len(_SCHEME) :] if authorization.lower().startswith(_SCHEME) else authorization
    if key.strip() not in {FULL_KEY, READ_ONLY_KEY, JOBS_KEY}:
        raise JobApiError(401, "unauthorized")
    if key.strip() == READ_ONLY_KEY:
        raise JobApiError(403, "access denied")
