"""What does every child of a stack's keeper need: the stack, the account, tags, and its parent?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.keeper.names import keeper_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.account import Account
    from components.keeper.kept import Kept
    from components.tags import Tags

KEEPER = "keeper"


@dataclass(frozen=True, slots=True)
class Scope:
    """Names, tags and options of the children of a stack's keeper."""

    stack: str
    account: Account
    tags: Tags
    parent: pulumi.Resource
    kept: Sequence[Kept]

    @property
    def function_name(self) -> str:
        """Name of the keeper's function, its queue and its topic."""
        return keeper_name(self.stack)

    @property
    def function_arn(self) -> str:
        """Computed, so that policies are known at preview."""
        return self.account.arn("lambda", f"function:{self.function_name}")

    @property
    def queue_arn(self) -> str:
        """Of the queue for what could not be delivered."""
        return self.account.arn("sqs", self.function_name)

    @property
    def topic_arn(self) -> str:
        """Of the topic for alarms and notices."""
        return self.account.arn("sns", self.function_name)

    def name(self, role: str) -> str:
        """Return the logical name of a child; it is a public contract, a rename needs an alias."""
        return f"{KEEPER}-{role}"

    def tagged(self, role: str) -> dict[str, str]:
        """Return the tags of a child."""
        return self.tags.named(self.name(role))

    def options(
        self, *, depends_on: Sequence[pulumi.Resource] | None = None, ignore_changes: list[str] | None = None
    ) -> pulumi.ResourceOptions:
        """Return the options of a child."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=depends_on, ignore_changes=ignore_changes)


@dataclass(frozen=True, slots=True)
class ServiceScope:
    """Names, tags and options of what the keeper has for one service."""

    stack: Scope
    kept: Kept
    parent: pulumi.Resource
    made: pulumi.Resource | None

    def name(self, role: str) -> str:
        """Return the logical name of a child; it is a public contract, a rename needs an alias."""
        return f"{self.kept.service}-{role}"

    def tagged(self, role: str) -> dict[str, str]:
        """Return the tags of a child."""
        return self.kept.tags.named(self.name(role))

    def options(
        self,
        *,
        depends_on: Sequence[pulumi.Resource] = (),
        ignore_changes: list[str] | None = None,
        delete_before_replace: bool | None = None,
    ) -> pulumi.ResourceOptions:
        """Return the options of a child; it comes after its service, and goes before it."""
        return pulumi.ResourceOptions(
            parent=self.parent,
            depends_on=[*([self.made] if self.made else []), *depends_on],
            ignore_changes=ignore_changes,
            delete_before_replace=delete_before_replace,
        )
