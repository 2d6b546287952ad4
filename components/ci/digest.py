"""Which changes were reviewed? One hash of what will be declared, what it will cost, and what will be done."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from components.ci.events import SERVICE_TYPE

if TYPE_CHECKING:
    from components.ci.events import Told

PREFIX = "sha256:"


def digest(told: Told) -> str:
    """Return the digest of a preview; no instant, no id of a run and no unknown value is in it.

    It changes with each spec, decision, estimate and operation: another state to begin with is another change.
    """
    services = {step.name: dict(step.inputs("new")) for step in told.steps if step.type == SERVICE_TYPE}
    steps = sorted([step.op, step.type, step.name] for step in told.changed)
    document = {"services": services, "steps": steps}
    return PREFIX + hashlib.sha256(_canonical(document).encode()).hexdigest()


def _canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
