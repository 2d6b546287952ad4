"""What does every child of a service on ECS need: the plan, its tags, its parent, and where it is deployed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.account import Account
    from components.network import Subnets
    from components.plan.model import EcsPlan, GatewayPlan, NetworkPlan, Plan
    from components.tags import Tags


@dataclass(frozen=True, slots=True)
class Scope:
    """Names, tags and options of the children of one service's component."""

    plan: Plan
    ecs: EcsPlan
    network: NetworkPlan
    gateway: GatewayPlan
    account: Account
    subnets: Subnets
    tags: Tags
    parent: pulumi.Resource

    @property
    def physical_name(self) -> str:
        """Name of what AWS wants named: `_` is legal in neither part, so no two services share it."""
        return f"berth_{self.plan.stack}_{self.plan.service}"

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

    def name(self, role: str) -> str:
        """Return the logical name of a child; it is a public contract, a rename needs an alias."""
        return f"{self.plan.service}-{role}"

    def tagged(self, role: str) -> dict[str, str]:
        """Return the tags of a child."""
        return self.tags.named(self.name(role))

    def options(
        self,
        *,
        depends_on: Sequence[pulumi.Resource] | None = None,
        ignore_changes: list[str] | None = None,
        protect: bool | None = None,
        delete_before_replace: bool | None = None,
        custom_timeouts: pulumi.CustomTimeouts | None = None,
    ) -> pulumi.ResourceOptions:
        """Return the options of a child."""
        return pulumi.ResourceOptions(
            parent=self.parent,
            depends_on=depends_on,
            ignore_changes=ignore_changes,
            protect=protect,
            delete_before_replace=delete_before_replace,
            custom_timeouts=custom_timeouts,
        )
