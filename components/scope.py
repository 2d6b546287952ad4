"""What does every child of a service need: the plan, its tags, its parent, and where it is deployed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.account import Account
    from components.network import Subnets
    from components.plan.model import Plan
    from components.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceScope:
    """Names, tags and options of the children of one component; `prefix` sets them apart from another's."""

    plan: Plan
    account: Account
    subnets: Subnets
    tags: Tags
    parent: pulumi.Resource
    prefix: str = ""

    @property
    def physical_name(self) -> str:
        """Name of what AWS wants named: `_` is legal in neither part, so no two services share it."""
        return f"berth_{self.plan.stack}_{self.plan.service}"

    def name(self, role: str) -> str:
        """Return the logical name of a child; it is a public contract, a rename needs an alias."""
        return f"{self.plan.service}-{self.prefix}{role}"

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
