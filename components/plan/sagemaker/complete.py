"""How a service is planned on SageMaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import PlanError

if TYPE_CHECKING:
    from components.plan.draft import Request
    from components.plan.model import Plan


def plan_sagemaker(request: Request) -> Plan:
    """Return the plan of a service on SageMaker; `PlanError` when nothing there can run it."""
    raise PlanError(f"{request.spec.name}: sagemaker is not available yet")
