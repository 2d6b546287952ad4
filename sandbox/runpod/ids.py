"""Which ids does the local RunPod give out? As the real ones look, and none twice."""

from __future__ import annotations

import secrets
import string
import uuid

_ALPHABET = string.ascii_lowercase + string.digits
_LENGTH = 14


def new_id() -> str:
    """Of an endpoint, a volume, a worker or a release."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def new_job_id(*, synchronous: bool) -> str:
    """Of a request to an endpoint."""
    return f"{'sync-' if synchronous else ''}{uuid.uuid4()}-u1"
