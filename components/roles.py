"""What is a role that never exists without its rights?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.statements import document

if TYPE_CHECKING:
    import pulumi

    from components.scope import ServiceScope
    from components.statements import Statement


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """A role and its policy; what uses the role depends on both, so that it never runs without its rights."""

    role: aws.iam.Role
    policy: aws.iam.RolePolicy


def granted(scope: ServiceScope, name: str, trust: list[Statement], policy: pulumi.Input[str]) -> GrantedRole:
    """Make a role that `trust` may assume, with one policy."""
    role = aws.iam.Role(
        scope.name(name), assume_role_policy=document(trust), tags=scope.tagged(name), opts=scope.options()
    )
    return GrantedRole(
        role=role, policy=aws.iam.RolePolicy(scope.name(name), role=role.name, policy=policy, opts=scope.options())
    )
