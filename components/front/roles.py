"""Which roles do the agent and the container of a front assume?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.contracts import log_group_name
from components.front.keeper import keeper_statements
from components.gateway.permissions import gateway
from components.plan.front.notes import FRONT
from components.roles import granted
from components.statements import document, execution, task_trust

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.front.keeper import Keeper
    from components.front.scope import Scope
    from components.gateway.upstream import Upstream
    from components.roles import GrantedRole


def make_execution_role(scope: Scope) -> GrantedRole:
    """Make the role with which Fargate starts the container."""
    statements = execution(
        scope.account,
        images=(scope.front.gateway.image,),
        log_groups=[log_group_name(scope.plan.stack, scope.plan.service, FRONT)],
        secrets=scope.secrets.injected(),
    )
    return granted(scope, "execution", task_trust(scope.account), document(statements))


def make_task_role(
    scope: Scope, upstreams: Iterable[Upstream], table: str | None, keeper: Keeper | None
) -> GrantedRole:
    """Make the role that the gateway has."""
    statements = gateway(
        scope.account, clusters=scope.cluster_name, secrets=scope.secrets, table=table, upstreams=upstreams
    )
    statements += keeper_statements(scope.account, scope.front, keeper)
    return granted(scope, "task", task_trust(scope.account), document(statements))
