"""Which roles do the agent, the containers and the instances of a service assume?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.contracts import log_group_name
from components.ecs import permissions
from components.ecs.containers import CONTAINERS

if TYPE_CHECKING:
    from components.ecs.permissions import Statement
    from components.ecs.scope import Scope
    from components.ecs.secrets import ServiceSecrets
    from components.ecs.weight_cache import WeightCache


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """A role and its policy; what uses the role depends on both, so that it never runs without its rights."""

    role: aws.iam.Role
    policy: aws.iam.RolePolicy


def make_execution_role(scope: Scope, secrets: ServiceSecrets) -> GrantedRole:
    """Make the role with which the ECS agent starts the containers."""
    plan = scope.plan
    statements = permissions.execution(
        scope.account,
        images=(scope.ecs.weight_cache_image, plan.engine.image, scope.gateway.image),
        log_groups=[log_group_name(plan.stack, plan.service, container) for container in CONTAINERS],
        secrets=secrets.all(),
    )
    trust = permissions.task_trust(scope.account)
    return _granted(scope, "execution", trust, permissions.document(statements))


def make_task_role(scope: Scope, cache: WeightCache) -> GrantedRole:
    """Make the role that the containers have."""
    policy = pulumi.Output.all(
        file_system_arn=cache.file_system.arn, access_point_arns=pulumi.Output.all(*cache.access_point_arns)
    ).apply(
        lambda known: permissions.document(permissions.task(scope.account, model=scope.plan.model, **known)),
    )
    return _granted(scope, "task", permissions.task_trust(scope.account), policy)


def make_instance_role(scope: Scope) -> GrantedRole:
    """Make the role of the GPU instances."""
    statements = permissions.instance(scope.account, clusters=f"{scope.physical_name}_*")
    return _granted(scope, "instance", permissions.instance_trust(), permissions.document(statements))


def _granted(scope: Scope, role_name: str, trust: list[Statement], policy: pulumi.Input[str]) -> GrantedRole:
    role = aws.iam.Role(
        scope.name(role_name),
        assume_role_policy=permissions.document(trust),
        tags=scope.tagged(role_name),
        opts=scope.options(),
    )
    return GrantedRole(
        role=role,
        policy=aws.iam.RolePolicy(scope.name(role_name), role=role.name, policy=policy, opts=scope.options()),
    )
