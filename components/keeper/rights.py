"""What may the keeper do to each service? A policy for each, which goes before its service does.

So a run under way cannot start again what a destroy has just stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.statements import document, read_secrets

if TYPE_CHECKING:
    from components.keeper.scope import Scope, ServiceScope
    from components.statements import Statement

INLINE = 3
"""Policies of this many services are part of the role, which holds 10,240 characters of them (IAM quotas, 2026-11)."""
ATTACHED = 10
"""A role takes so many policies that stand beside it."""
MOST_KEPT = INLINE + ATTACHED


class Rights:
    """The policies of the keeper's role, one for each service."""

    def __init__(self, scope: Scope, role: aws.iam.Role) -> None:
        self._role = role
        self._inline = {one.service for one in scope.kept[:INLINE]}

    def make_policy(self, scope: ServiceScope, statements: pulumi.Input[list[Statement]]) -> pulumi.Resource:
        """Let the keeper start and stop one service, and read the secrets that it has for it."""
        secrets = [one for one in (scope.kept.webhook, scope.kept.runpod_key) if one]
        own = read_secrets(scope.stack.account, secrets)
        policy = pulumi.Output.from_input(statements).apply(lambda known: document([*known, *own]))
        name = scope.name("keeper")
        if scope.kept.service in self._inline:
            return aws.iam.RolePolicy(name, role=self._role.name, policy=policy, opts=scope.options())
        beside = aws.iam.Policy(name, policy=policy, tags=scope.tagged("keeper"), opts=scope.options())
        return aws.iam.RolePolicyAttachment(name, role=self._role.name, policy_arn=beside.arn, opts=scope.options())
