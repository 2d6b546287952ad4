"""What of an account belongs to a stack? By its names, by the tag `stack`, by its IAM path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.foundation.names import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.account import Account
    from components.statements import Statement

Condition = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Owned:
    """A stack, or with `pr-*` all stacks of pull requests, in one account and region."""

    account: Account
    stack: str

    @property
    def tagged(self) -> Condition:
        """What exists and carries the tag."""
        return {"StringLike": {"aws:ResourceTag/stack": self.stack}}

    @property
    def tagging(self) -> Condition:
        """What is made with the tag."""
        return {"StringLike": {"aws:RequestTag/stack": self.stack}}

    def arn(self, service: str, *resources: str) -> list[str]:
        """Return ARNs of this account and region."""
        return [self.account.arn(service, one) for one in resources]

    def identities(self, *kinds: str) -> list[str]:
        """Return the ARNs of all roles, policies or profiles of the stack; IAM has no region."""
        return [f"arn:{self.account.partition}:iam::{self.account.id}:{kind}{path_of(self.stack)}*" for kind in kinds]


def allow(sid: str, actions: Iterable[str], resources: list[str] | str = "*", **condition: Any) -> Statement:
    """Return a statement; `condition` is its operators with what they compare."""
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def of(service: str, names: str) -> list[str]:
    """Return the actions of a service from their names.

    >>> of("ec2", "CreateVpc DeleteVpc")
    ['ec2:CreateVpc', 'ec2:DeleteVpc']
    """
    return [f"{service}:{name}" for name in names.split()]
