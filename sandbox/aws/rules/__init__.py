"""What does AWS refuse that moto accepts? One module per service; a rule runs before the call reaches moto."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.aws.rules import (
    applicationautoscaling,
    autoscaling,
    awslambda,
    budgets,
    costexplorer,
    dynamodb,
    ec2,
    ecs_cluster,
    ecs_service,
    ecs_task,
    elbv2,
    elbv2_functions,
    kms,
    messages,
    sagemaker,
    sagemaker_configuration,
    sagemaker_deployment,
    sagemaker_endpoint,
    sagemaker_model,
    scheduler,
    small,
    tagging,
)
from sandbox.aws.rules.registry import rules_of

if TYPE_CHECKING:
    from sandbox.aws.call import Call

__all__ = ["check"]

MODULES = (
    *(applicationautoscaling, autoscaling, dynamodb, ec2, ecs_cluster, ecs_service, ecs_task, elbv2, small),
    *(awslambda, budgets, costexplorer, elbv2_functions, kms, messages, scheduler),
    *(sagemaker, sagemaker_configuration, sagemaker_deployment, sagemaker_endpoint, sagemaker_model),
)


def check(call: Call) -> None:
    """Raise the AwsError with which AWS would refuse `call`."""
    tagging.no_reserved_tags(call)
    for rule in rules_of(call.service, call.operation):
        rule(call)
