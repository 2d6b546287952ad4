"""What does Fargate run for a front, and how does it replace one revision by the next?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.contracts import log_group_name
from components.front.containers import container_definitions, target_settings
from components.front.found import UPSTREAM_KEY
from components.gateway.settings import GATEWAY_PORT, upstreams
from components.plan.front.notes import FRONT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.front.firewall import Firewall
    from components.front.keeper import Keeper
    from components.front.scope import Scope
    from components.gateway.upstream import Upstream
    from components.ingress import Ingress
    from components.roles import GrantedRole

_CPU_UNITS = 1024
"""Of one vCPU."""
_CPU_PERCENT = 60
_COOLDOWN_SECONDS = 60
_USUAL_DELETE_SECONDS = 1200
"""What the provider waits for a service to be gone when nothing else is said."""


def make_log_group(scope: Scope) -> aws.cloudwatch.LogGroup:
    """Make the log group of the front, which also carries its metrics."""
    return aws.cloudwatch.LogGroup(
        scope.name("logs"),
        name=log_group_name(scope.plan.stack, scope.plan.service, FRONT),
        retention_in_days=scope.front.log_retention_days,
        tags=scope.tagged("logs"),
        opts=scope.options(),
    )


def make_cluster(scope: Scope) -> aws.ecs.Cluster:
    """Make a cluster without instances: Fargate brings its own."""
    return aws.ecs.Cluster(
        scope.name("cluster"),
        name=scope.cluster_name,
        settings=[{"name": "containerInsights", "value": "disabled"}],
        tags=scope.tagged("cluster"),
        opts=scope.options(),
    )


def make_task_definition(
    scope: Scope,
    target: Upstream,
    peers: Mapping[str, Upstream],
    *,
    execution: GrantedRole,
    task: GrantedRole,
    table: str | None,
    keeper: Keeper | None,
) -> aws.ecs.TaskDefinition:
    """Make the revision that a plan describes."""
    front = scope.front
    own = target_settings(target, UPSTREAM_KEY)
    # As many as there are when it is quiet: when more of them are needed, every replica behind them is busy anyway.
    asked = upstreams(front.gateway, own, peers, gateways=front.replicas_min, share_own=True)
    wake_url = keeper.wake.url if keeper and keeper.wake else None
    containers = pulumi.Output.all(asked, wake_url).apply(
        lambda known: container_definitions(
            scope.plan, front, scope.secrets, known[0], table=table, keeper=keeper, wake_url=known[1]
        )
    )
    return aws.ecs.TaskDefinition(
        scope.name("task"),
        family=scope.cluster_name,
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        cpu=str(round(front.vcpus * _CPU_UNITS)),
        memory=str(front.memory_mib),
        # As the gateway beside an engine: one image serves both.
        runtime_platform={"cpu_architecture": "X86_64", "operating_system_family": "LINUX"},
        execution_role_arn=execution.role.arn,
        task_role_arn=task.role.arn,
        container_definitions=containers,
        tags=scope.tagged("task"),
        opts=scope.options(),
    )


def make_service(
    scope: Scope,
    *,
    cluster: aws.ecs.Cluster,
    task_definition: aws.ecs.TaskDefinition,
    ingress: Ingress,
    firewall: Firewall,
    needs: Sequence[pulumi.Resource],
) -> aws.ecs.Service:
    """Make the service: new tasks first, and a revision that does not come up is taken back."""
    front = scope.front
    moves = front.replicas_min < front.replicas_max
    longest_stop = front.deregistration_seconds + front.stop_timeout_seconds
    return aws.ecs.Service(
        scope.name("service"),
        name=FRONT,
        cluster=cluster.arn,
        task_definition=task_definition.arn,
        desired_count=front.replicas_min,
        launch_type="FARGATE",
        deployment_minimum_healthy_percent=100,
        deployment_maximum_percent=200,
        deployment_circuit_breaker={"enable": True, "rollback": True},
        availability_zone_rebalancing="ENABLED",
        network_configuration={
            "subnets": scope.subnets.private_ids,
            "security_groups": [firewall.task.id],
            "assign_public_ip": False,
        },
        load_balancers=[
            {"container_name": FRONT, "container_port": GATEWAY_PORT, "target_group_arn": ingress.target_group.arn}
        ],
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        force_delete=True,
        # Until then the old revision, to which a failed deployment returns, is not taken away.
        wait_for_steady_state=True,
        tags=scope.tagged("service"),
        opts=scope.options(
            depends_on=[ingress.rule, *firewall.rules, *scope.subnets.ready, *needs],
            ignore_changes=["desiredCount"] if moves else None,
            custom_timeouts=pulumi.CustomTimeouts(delete=f"{_USUAL_DELETE_SECONDS + longest_stop}s"),
        ),
    )


def make_scaling(scope: Scope, service: aws.ecs.Service) -> aws.appautoscaling.Target | None:
    """Let the number of tasks follow the processor, where the plan leaves room for that."""
    front = scope.front
    if front.replicas_min == front.replicas_max:
        return None
    target = aws.appautoscaling.Target(
        scope.name("replicas"),
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=f"service/{scope.cluster_name}/{FRONT}",
        min_capacity=front.replicas_min,
        max_capacity=front.replicas_max,
        tags=scope.tagged("replicas"),
        # The id is text that AWS checks, so the order must be said.
        opts=scope.options(depends_on=[service]),
    )
    aws.appautoscaling.Policy(
        scope.name("scaling"),
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "target_value": _CPU_PERCENT,
            "scale_out_cooldown": _COOLDOWN_SECONDS,
            # A task that goes takes minutes to let its answers end.
            "scale_in_cooldown": front.deregistration_seconds,
            "predefined_metric_specification": {"predefined_metric_type": "ECSServiceAverageCPUUtilization"},
        },
        opts=scope.options(),
    )
    return target
