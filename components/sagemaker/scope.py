"""What does every child of a service on SageMaker need: the plan, its tags, its parent, and where it is deployed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.account import Account, DirectAccess
    from components.plan.model import Plan
    from components.plan.sagemaker.values import SagemakerPlan
    from components.sagemaker.found import VpcSubnets
    from components.tags import Tags


@dataclass(frozen=True, slots=True)
class Scope:
    """Names, tags and options of the children of one service's component."""

    plan: Plan
    sagemaker: SagemakerPlan
    account: Account
    access: DirectAccess
    subnets: VpcSubnets | None
    tags: Tags
    parent: pulumi.Resource
    starts_awake: bool = True
    """Whether an endpoint that the keeper owns is started where there is none yet."""

    def name(self, role: str) -> str:
        """Return the logical name of a child; it is a public contract, a rename needs an alias."""
        return f"{self.plan.service}-{role}"

    def tagged(self, role: str) -> dict[str, str]:
        """Return the tags of a child."""
        return self.tags.named(self.name(role))

    def options(
        self, *, depends_on: Sequence[pulumi.Resource] | None = None, ignore_changes: list[str] | None = None
    ) -> pulumi.ResourceOptions:
        """Return the options of a child."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=depends_on, ignore_changes=ignore_changes)
