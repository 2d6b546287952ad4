"""The table of resource types: one entry each, one file per service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.services import (
    appautoscaling,
    autoscaling,
    cloudwatch,
    dynamodb,
    ec2_gateway,
    ec2_launch_template,
    ec2_network,
    ec2_security,
    ecs_cluster,
    ecs_service,
    ecs_task,
    efs,
    iam,
    lb_balancer,
    lb_listener,
    lb_target_group,
    sagemaker,
    secretsmanager,
    ssm,
)

if TYPE_CHECKING:
    from sandbox.provider.resource import Resource

ENTRIES: tuple[Resource, ...] = (
    *ec2_network.ENTRIES,
    *ec2_gateway.ENTRIES,
    *ec2_security.ENTRIES,
    *ec2_launch_template.ENTRIES,
    *iam.ENTRIES,
    *efs.ENTRIES,
    *ecs_cluster.ENTRIES,
    *ecs_task.ENTRIES,
    *ecs_service.ENTRIES,
    *autoscaling.ENTRIES,
    *appautoscaling.ENTRIES,
    *lb_balancer.ENTRIES,
    *lb_target_group.ENTRIES,
    *lb_listener.ENTRIES,
    *cloudwatch.ENTRIES,
    *dynamodb.ENTRIES,
    *ssm.ENTRIES,
    *secretsmanager.ENTRIES,
    *sagemaker.ENTRIES,
)
