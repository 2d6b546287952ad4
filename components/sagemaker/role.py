"""With which role, and into which log group, does an endpoint run?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.sagemaker import permissions
from components.sagemaker.wanted import log_group_name
from components.statements import document

if TYPE_CHECKING:
    from components.sagemaker.scope import Scope


@dataclass(frozen=True, slots=True)
class EndpointRole:
    """The role, and the policy without which it is of no use."""

    role: aws.iam.Role
    policy: aws.iam.RolePolicy


def make_log_group(scope: Scope) -> aws.cloudwatch.LogGroup:
    """Make the log group before SageMaker does, whose logs would be kept for ever."""
    return aws.cloudwatch.LogGroup(
        scope.name("logs"),
        name=log_group_name(scope.sagemaker.endpoint_name),
        retention_in_days=scope.sagemaker.log_retention_days,
        tags=scope.tagged("logs"),
        opts=scope.options(),
    )


def make_role(scope: Scope, log_group: aws.cloudwatch.LogGroup) -> EndpointRole:
    """Make the role that SageMaker assumes for the containers."""
    role = aws.iam.Role(
        scope.name("execution"),
        assume_role_policy=document(permissions.trust(scope.account)),
        tags=scope.tagged("execution"),
        opts=scope.options(),
    )
    statements = permissions.execution(
        scope.account,
        image=scope.plan.engine.image,
        log_group=log_group_name(scope.sagemaker.endpoint_name),
        model_data_uri=scope.sagemaker.model_data_uri,
        subnet_ids=scope.subnets.subnet_ids if scope.subnets else (),
    )
    policy = aws.iam.RolePolicy(
        scope.name("execution"),
        role=role.name,
        policy=document(statements),
        # Who may write logs must go first: a late line would make the group anew, and the next deployment fail on it.
        opts=scope.options(depends_on=[log_group]),
    )
    return EndpointRole(role, policy)
