"""What does every child of a service on ECS need: the plan, its tags, its parent, and where it is deployed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.scope import ServiceScope

if TYPE_CHECKING:
    from components.plan.ecs.values import EcsPlan
    from components.plan.gateway import GatewayPlan
    from components.plan.model import NetworkPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(ServiceScope):
    """Names, tags and options of the children of one service's component."""

    ecs: EcsPlan
    network: NetworkPlan
    gateway: GatewayPlan
    starts_awake: bool = True
    """Whether a service that is made now has tasks at once; one that is there already keeps those that it has."""

    @property
    def first_replicas(self) -> tuple[int, int]:
        """Fewest and most tasks of a service that is made now."""
        scaling = self.plan.scaling
        return (scaling.min_replicas, scaling.max_replicas) if self.starts_awake else (0, 0)

    @property
    def hardware_name(self) -> str:
        """The instance type, in letters that every name may have.

        What runs on instances is named after them, so that another type means another cluster, group and service beside
        the old ones. Inside one group, idle instances of the old type would hold the places of the new.
        """
        return self.plan.hardware.instance_type.replace(".", "-")

    @property
    def cluster_name(self) -> str:
        """Name of the cluster, known at preview."""
        return f"{self.physical_name}_{self.hardware_name}"

    @property
    def service_name(self) -> str:
        """Name of the ECS service, known at preview."""
        return f"{self.plan.service}_{self.hardware_name}"
