"""Which roles do the agent, the containers and the instances of a service assume?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components.contracts import log_group_name
from components.ecs import permissions
from components.ecs.containers import CONTAINERS
from components.gateway.permissions import gateway
from components.roles import granted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.ecs.scope import Scope
    from components.ecs.secrets import ServiceSecrets
    from components.ecs.weight_cache import WeightCache
    from components.gateway.upstream import Upstream
    from components.roles import GrantedRole


def make_execution_role(scope: Scope, secrets: ServiceSecrets) -> GrantedRole:
    """Make the role with which the ECS agent starts the containers."""
    plan = scope.plan
    statements = permissions.execution(
        scope.account,
        images=(scope.ecs.weight_cache_image, plan.engine.image, scope.gateway.image),
        log_groups=[log_group_name(plan.stack, plan.service, container) for container in CONTAINERS],
        secrets=secrets.injected(),
    )
    trust = permissions.task_trust(scope.account)
    return granted(scope, "execution", trust, permissions.document(statements))


def make_task_role(
    scope: Scope, cache: WeightCache, secrets: ServiceSecrets, peers: Iterable[Upstream], table: str | None
) -> GrantedRole:
    """Make the role that the containers have."""
    asked = gateway(
        scope.account, clusters=f"{scope.physical_name}_*", secrets=secrets.gateway, table=table, upstreams=peers
    )
    policy = pulumi.Output.all(
        file_system_arn=cache.file_system.arn, access_point_arns=pulumi.Output.all(*cache.access_point_arns)
    ).apply(
        lambda known: permissions.document([*permissions.task(scope.account, model=scope.plan.model, **known), *asked]),
    )
    return granted(scope, "task", permissions.task_trust(scope.account), policy)


def make_instance_role(scope: Scope) -> GrantedRole:
    """Make the role of the GPU instances."""
    statements = permissions.instance(scope.account, clusters=f"{scope.physical_name}_*")
    return granted(scope, "instance", permissions.instance_trust(), permissions.document(statements))
