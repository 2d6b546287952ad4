"""What does ECS run, and how does it replace one revision by the next?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.contracts import log_group_name
from components.ecs.containers import BESIDE, CONTAINERS, GATEWAY, container_definitions
from components.gateway.settings import GATEWAY_PORT, upstreams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.ecs.capacity import Capacity
    from components.ecs.firewall import Firewall
    from components.ecs.scope import Scope
    from components.ecs.secrets import ServiceSecrets
    from components.ecs.weight_cache import WeightCache
    from components.gateway.upstream import Upstream
    from components.ingress import Ingress
    from components.roles import GrantedRole

_USUAL_DELETE_SECONDS = 1200
"""What the provider waits for a service to be gone when nothing else is said."""


def make_log_groups(scope: Scope) -> dict[str, aws.cloudwatch.LogGroup]:
    """Make one log group per container; the gateway's also carries its metrics."""
    return {
        container: aws.cloudwatch.LogGroup(
            scope.name(f"{container}-logs"),
            name=log_group_name(scope.plan.stack, scope.plan.service, container),
            retention_in_days=scope.ecs.log_retention_days,
            tags=scope.tagged(f"{container}-logs"),
            opts=scope.options(),
        )
        for container in CONTAINERS
    }


def make_task_definition(
    scope: Scope,
    cache: WeightCache,
    secrets: ServiceSecrets,
    *,
    execution: GrantedRole,
    task: GrantedRole,
    peers: Mapping[str, Upstream],
    table: str | None,
) -> aws.ecs.TaskDefinition:
    """Make the revision that a plan describes."""
    asked = upstreams(scope.gateway, BESIDE, peers, gateways=max(1, scope.plan.scaling.min_replicas))
    containers = pulumi.Output.from_input(asked).apply(
        lambda known: container_definitions(scope.plan, scope.gateway, scope.ecs, secrets, known, table=table)
    )
    return aws.ecs.TaskDefinition(
        scope.name("task"),
        family=scope.physical_name,
        network_mode="awsvpc",
        requires_compatibilities=["EC2"],
        runtime_platform={"cpu_architecture": "X86_64", "operating_system_family": "LINUX"},
        execution_role_arn=execution.role.arn,
        task_role_arn=task.role.arn,
        container_definitions=containers,
        volumes=[
            {
                "name": volume,
                "efs_volume_configuration": {
                    "file_system_id": cache.file_system.id,
                    "transit_encryption": "ENABLED",
                    "authorization_config": {"access_point_id": cache.access_points[volume].id, "iam": "ENABLED"},
                },
            }
            for volume in sorted(cache.access_points)
        ],
        tags=scope.tagged("task"),
        opts=scope.options(),
    )


def make_service(
    scope: Scope,
    *,
    task_definition: aws.ecs.TaskDefinition,
    capacity: Capacity,
    ingress: Ingress,
    firewall: Firewall,
    needs: Sequence[pulumi.Resource],
) -> aws.ecs.Service:
    """Make the service; autoscaling, or the keeper, owns its count from then on."""
    return aws.ecs.Service(
        scope.name("service"),
        name=scope.service_name,
        cluster=capacity.cluster.arn,
        task_definition=task_definition.arn,
        desired_count=scope.first_replicas[0],
        capacity_provider_strategies=[{"capacity_provider": capacity.provider.name, "base": 0, "weight": 1}],
        deployment_minimum_healthy_percent=scope.ecs.deployment_minimum_percent,
        deployment_maximum_percent=scope.ecs.deployment_maximum_percent,
        deployment_circuit_breaker={"enable": True, "rollback": True},
        # Rebalancing starts before it stops: a second GPU that nobody asked for.
        availability_zone_rebalancing="DISABLED",
        health_check_grace_period_seconds=scope.ecs.health_check_grace_seconds,
        network_configuration={
            "subnets": scope.subnets.private_ids,
            "security_groups": [firewall.task.id],
            "assign_public_ip": False,
        },
        load_balancers=[
            {
                "container_name": GATEWAY,
                "container_port": GATEWAY_PORT,
                "target_group_arn": ingress.target_group.arn,
            }
        ],
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        force_delete=True,
        # Until then the old revision, to which a failed deployment returns, is not taken away.
        wait_for_steady_state=scope.ecs.wait_for_deployment,
        tags=scope.tagged("service"),
        opts=scope.options(
            depends_on=[ingress.rule, capacity.attached, *needs],
            ignore_changes=["desiredCount"],
            custom_timeouts=pulumi.CustomTimeouts(
                create=f"{scope.ecs.deployment_timeout_seconds}s",
                update=f"{scope.ecs.deployment_timeout_seconds}s",
                delete=f"{_longest_stop_seconds(scope)}s",
            ),
        ),
    )


def _longest_stop_seconds(scope: Scope) -> int:
    """Return how long the last task may take to be gone: it leaves the load balancer, then gateway and engine end."""
    stops = scope.ecs.gateway_stop_timeout_seconds + scope.ecs.engine_stop_timeout_seconds
    return _USUAL_DELETE_SECONDS + scope.gateway.drain_seconds + stops
