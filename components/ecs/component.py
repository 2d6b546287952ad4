"""How is a plan rendered to ECS: vLLM and a gateway on GPU instances, weights on EFS, a load balancer in front?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pulumi

from components.account import Account
from components.ecs.capacity import make_capacity
from components.ecs.firewall import make_firewall
from components.ecs.ingress import make_ingress
from components.ecs.roles import make_execution_role, make_instance_role, make_task_role
from components.ecs.scaling import make_scaling
from components.ecs.scope import Scope
from components.ecs.secrets import look_up_secrets
from components.ecs.task import make_log_groups, make_service, make_task_definition
from components.ecs.weight_cache import make_weight_cache, restrict_to
from components.errors import PlanError
from components.existing_network import existing_subnets
from components.tags import Tags

if TYPE_CHECKING:
    from components.network import Network
    from components.plan.model import Plan


class EcsService(pulumi.ComponentResource):
    """One service on ECS, in the stack's network or in the VPC that its spec names."""

    def __init__(
        self, name: str, *, plan: Plan, network: Network | None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("berth:ecs:EcsService", name, None, opts)
        if plan.ecs is None:
            raise PlanError(f"{plan.service}: the plan is for target {plan.target} and has no ecs part")
        scope = Scope(
            plan=plan,
            ecs=plan.ecs,
            account=Account.current(plan.region, parent=self),
            subnets=network.subnets if network is not None else existing_subnets(plan, parent=self),
            tags=Tags.of_service(plan),
            parent=self,
        )
        secrets = look_up_secrets(plan, parent=self)
        firewall = make_firewall(scope)
        ingress = make_ingress(scope, firewall)
        logs = make_log_groups(scope)
        cache = make_weight_cache(scope, firewall)
        execution_role = make_execution_role(scope, secrets)
        task_role = make_task_role(scope, cache)
        cache_policy = restrict_to(scope, cache, task_role.role.arn)
        capacity = make_capacity(scope, firewall, make_instance_role(scope))
        service = make_service(
            scope,
            task_definition=make_task_definition(scope, cache, secrets, execution_role, task_role),
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
            ],
        )
        make_scaling(scope, service, ingress)

        self.outputs: dict[str, Any] = {
            "openai_base_url": ingress.base_url,
            "auth": _auth(plan),
            "dashboard_url": _console_url(scope),
            "logs": {container: group.name for container, group in logs.items()},
            "cluster": capacity.cluster.name,
            "ecs_service": service.name,
        }
        self.register_outputs(self.outputs)


def _auth(plan: Plan) -> dict[str, str]:
    if plan.gateway.keys_secret is None:
        return {"scheme": "none"}
    return {"scheme": "bearer", "secret": plan.gateway.keys_secret}


def _console_url(scope: Scope) -> str:
    region = scope.plan.region
    path = f"clusters/{quote(scope.physical_name)}/services/{quote(scope.plan.service)}/health"
    return f"https://{region}.console.aws.amazon.com/ecs/v2/{path}?region={region}"
