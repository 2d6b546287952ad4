"""How is a front rendered: the gateway on Fargate, behind a load balancer of its own, before any target?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pulumi

from components.errors import PlanError
from components.front.firewall import make_firewall
from components.front.found import Found, find
from components.front.roles import make_execution_role, make_task_role
from components.front.scope import PREFIX, Scope
from components.front.service import (
    make_cluster,
    make_log_group,
    make_scaling,
    make_service,
    make_task_definition,
)
from components.gateway.settings import HEALTH_PATH
from components.gateway.spending import make_spending_table, spending_table
from components.ingress import Door, make_ingress
from components.plan.front.notes import FRONT
from components.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.front.keeper import Keeper
    from components.gateway.upstream import Upstream
    from components.network import Network, Subnets
    from components.plan.model import Plan


class Front(pulumi.ComponentResource):
    """The front of one service; `target` is what it stands before, `peers` are services that it may fall back on.

    `keeper` says when the target sleeps; without one a front knows it of a parked service alone.
    """

    look_up = staticmethod(find)

    def __init__(
        self,
        name: str,
        *,
        plan: Plan,
        target: Upstream,
        network: Network | None,
        peers: Mapping[str, Upstream] | None = None,
        found: Found | None = None,
        keeper: Keeper | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("berth:front:Front", name, None, opts)
        found = found or find(plan, parent=self)
        peers = peers or {}
        scope = Scope(
            plan=plan,
            front=found.front,
            account=found.account,
            secrets=found.secrets,
            subnets=_subnets(plan, network, found),
            tags=Tags.of_service(plan),
            parent=self,
        )
        gateway = found.front.gateway
        called = [target, *(peers[one.service] for one in gateway.fallback if one.service)]
        firewall = make_firewall(scope, target)
        ingress = make_ingress(scope, _door(scope), firewall.alb)
        logs = make_log_group(scope)
        spending, table = make_spending_table(scope, gateway), spending_table(scope, gateway)
        execution, task = make_execution_role(scope), make_task_role(scope, called, table, keeper)
        cluster = make_cluster(scope)
        service = make_service(
            scope,
            cluster=cluster,
            task_definition=make_task_definition(
                scope, target, peers, execution=execution, task=task, table=table, keeper=keeper
            ),
            ingress=ingress,
            firewall=firewall,
            # A task that starts without these fails, and the circuit breaker counts it.
            needs=[logs, execution.policy, task.policy, *([spending] if spending else [])],
        )
        make_scaling(scope, service)

        self.outputs: dict[str, Any] = {
            "openai_base_url": ingress.base_url,
            "load_balancer": ingress.load_balancer.dns_name,
            "auth": _auth(scope),
            "log": logs.name,
            "cluster": cluster.name,
            "ecs_service": service.name,
            "dashboard_url": _console_url(scope),
        }
        self.register_outputs(self.outputs)


def _subnets(plan: Plan, network: Network | None, found: Found) -> Subnets:
    subnets = found.subnets or (network and network.subnets)
    if subnets is None:
        raise PlanError(f"{plan.service}: network.vpc says create, and no network was given to put the front in")
    return subnets


def _door(scope: Scope) -> Door:
    return Door(
        network=scope.front.network,
        # Not /readyz: while the target sleeps it says no, and the one task that answers then would be replaced.
        health_path=HEALTH_PATH,
        idle_seconds=scope.front.load_balancer_idle_seconds,
        deregistration_seconds=scope.front.deregistration_seconds,
        # The longest service's name leaves no room for more than the role in one of its target.
        name_prefix=PREFIX,
    )


def _auth(scope: Scope) -> dict[str, str]:
    keys = scope.front.gateway.keys_secret
    return {"scheme": "none"} if keys is None else {"scheme": "bearer", "secret": keys}


def _console_url(scope: Scope) -> str:
    region = scope.plan.region
    path = f"clusters/{quote(scope.cluster_name)}/services/{FRONT}/health"
    return f"https://{region}.console.aws.amazon.com/ecs/v2/{path}?region={region}"
