"""How a service is planned on RunPod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import PlanError

if TYPE_CHECKING:
    from components.plan.draft import Request
    from components.plan.model import Plan


def plan_runpod(request: Request) -> Plan:
    """Return the plan of a service on RunPod; `PlanError` when nothing there can run it."""
    raise PlanError(f"{request.spec.name}: runpod is not available yet")
