"""What does every child of a front need?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.plan.front.notes import FRONT
from components.scope import ServiceScope

if TYPE_CHECKING:
    from components.gateway.secrets import GatewaySecrets
    from components.plan.gateway import FrontPlan

PREFIX = f"{FRONT}-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(ServiceScope):
    """Names, tags and options of the children of one front's component."""

    front: FrontPlan
    secrets: GatewaySecrets
    prefix: str = PREFIX

    @property
    def cluster_name(self) -> str:
        """Name of the cluster and of the tasks' family, known at preview."""
        return f"{self.physical_name}_{FRONT}"
