"""How is a plan rendered to ECS: vLLM and a gateway on GPU instances, weights on EFS, a load balancer in front?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pulumi

from components.ecs.capacity import make_capacity
from components.ecs.firewall import make_firewall
from components.ecs.found import Found, find
from components.ecs.roles import make_execution_role, make_instance_role, make_task_role
from components.ecs.scaling import make_scaling
from components.ecs.scope import Scope
from components.ecs.task import make_log_groups, make_service, make_task_definition
from components.ecs.weight_cache import make_weight_cache, restrict_to
from components.errors import PlanError
from components.gateway.settings import READY_PATH
from components.gateway.spending import make_spending_table, spending_table
from components.gateway.upstream import Upstream
from components.ingress import API_PATH, Door, make_ingress
from components.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.network import Network, Subnets
    from components.plan.gateway import GatewayPlan
    from components.plan.model import Plan


class EcsService(pulumi.ComponentResource):
    """One service on ECS, in the stack's network or in the VPC that its spec names."""

    look_up = staticmethod(find)

    def __init__(
        self,
        name: str,
        *,
        plan: Plan,
        network: Network | None,
        found: Found | None = None,
        peers: Mapping[str, Upstream] | None = None,
        starts_awake: bool = True,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("berth:ecs:EcsService", name, None, opts)
        found = found or find(plan, parent=self)
        scope = Scope(
            plan=plan,
            ecs=found.ecs,
            network=found.network,
            gateway=found.gateway,
            starts_awake=starts_awake,
            account=found.account,
            subnets=_subnets(plan, network, found),
            tags=Tags.of_service(plan),
            parent=self,
        )
        secrets, peers = found.secrets, peers or {}
        called = [peers[one.service] for one in found.gateway.fallback if one.service]
        firewall = make_firewall(scope)
        ingress = make_ingress(scope, _door(scope), firewall.alb)
        logs = make_log_groups(scope)
        cache = make_weight_cache(scope, firewall)
        spending, table = make_spending_table(scope, found.gateway), spending_table(scope, found.gateway)
        execution_role = make_execution_role(scope, secrets)
        task_role = make_task_role(scope, cache, secrets, called, table)
        cache_policy = restrict_to(scope, cache, task_role.role.arn)
        capacity = make_capacity(scope, firewall, make_instance_role(scope), image_id=found.image_id)
        service = make_service(
            scope,
            task_definition=make_task_definition(
                scope, cache, secrets, execution=execution_role, task=task_role, peers=peers, table=table
            ),
            capacity=capacity,
            ingress=ingress,
            firewall=firewall,
            # A task that starts without these fails, and the circuit breaker counts it.
            needs=[
                *cache.mount_targets,
                cache_policy,
                execution_role.policy,
                task_role.policy,
                *logs.values(),
                *([spending] if spending else []),
            ],
        )
        make_scaling(scope, service, ingress)

        self.upstream = Upstream(
            plan=plan,
            # The load balancer answers for its targets: /readyz is 200 as soon as one of them is ready.
            settings={"url": ingress.base_url, "health_path": READY_PATH},
            load_balancer=firewall.alb,
        )
        self.keeper_details: dict[str, Any] = {
            "cluster": scope.cluster_name,
            "service": scope.service_name,
            "group": capacity.group.name,
            "instance_type": plan.hardware.instance_type,
            "target_group": ingress.target_group.arn,
            "front": plan.front is not None,
        }
        self.listener_arn: pulumi.Output[str] | None = ingress.listener.arn
        self.outputs: dict[str, Any] = {
            "openai_base_url": ingress.base_url,
            "load_balancer": ingress.load_balancer.dns_name,
            "auth": _auth(found.gateway),
            "dashboard_url": _console_url(scope),
            "logs": {container: group.name for container, group in logs.items()},
            "cluster": capacity.cluster.name,
            "ecs_service": service.name,
        }
        self.register_outputs(self.outputs)


def _subnets(plan: Plan, network: Network | None, found: Found) -> Subnets:
    subnets = found.subnets or (network and network.subnets)
    if subnets is None:
        raise PlanError(f"{plan.service}: network.vpc says create, and no network was given to put the service in")
    return subnets


def _door(scope: Scope) -> Door:
    return Door(
        network=scope.network,
        health_path=READY_PATH,
        idle_seconds=scope.ecs.load_balancer_idle_seconds,
        deregistration_seconds=scope.gateway.drain_seconds,
        paths=(API_PATH, READY_PATH) if scope.plan.front else (API_PATH,),
    )


def _auth(gateway: GatewayPlan) -> dict[str, str]:
    if gateway.keys_secret is None:
        return {"scheme": "none"}
    return {"scheme": "bearer", "secret": gateway.keys_secret}


def _console_url(scope: Scope) -> str:
    region = scope.plan.region
    path = f"clusters/{quote(scope.cluster_name)}/services/{quote(scope.service_name)}/health"
    return f"https://{region}.console.aws.amazon.com/ecs/v2/{path}?region={region}"
