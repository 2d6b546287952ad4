"""Which IAM and file-system policies does a service on ECS need, and nothing more?

Statements are plain data; ARNs are computed, so that all but the file system's policies are known at preview.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.statements import Statement, document, execution, read_weights, task_trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.account import Account
    from components.plan.model import ModelPlan

__all__ = ["Statement", "document", "execution", "file_system", "instance", "instance_trust", "task", "task_trust"]
_CACHE_ACTIONS = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]


def instance_trust() -> list[Statement]:
    """Let EC2 instances assume a role."""
    return [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]


def task(
    account: Account, *, file_system_arn: str, access_point_arns: Sequence[str], model: ModelPlan
) -> list[Statement]:
    """Let the containers use their weight cache, and read the weights from S3 when they come from there."""
    statements: list[Statement] = [
        {
            "Sid": "UseWeightCache",
            "Effect": "Allow",
            "Action": _CACHE_ACTIONS,
            "Resource": file_system_arn,
            "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": list(access_point_arns)}},
        }
    ]
    if model.source == "s3" and model.s3_uri is not None:
        statements += read_weights(account, model.s3_uri)
    return statements


def instance(account: Account, *, clusters: str) -> list[Statement]:
    """Let the ECS agent of an instance work for one service's clusters (IAM reference of ECS: action, resource type).

    `clusters` is a pattern: while one type of instance follows another, both clusters have agents.
    """
    cluster_arn = account.arn("ecs", f"cluster/{clusters}")
    return [
        {"Sid": "FindEndpoint", "Effect": "Allow", "Action": "ecs:DiscoverPollEndpoint", "Resource": "*"},
        {
            "Sid": "JoinCluster",
            "Effect": "Allow",
            "Action": [
                "ecs:DeregisterContainerInstance",
                "ecs:RegisterContainerInstance",
                "ecs:SubmitAttachmentStateChanges",
                "ecs:SubmitContainerStateChange",
                "ecs:SubmitTaskStateChange",
            ],
            "Resource": cluster_arn,
        },
        {
            "Sid": "ServeCluster",
            "Effect": "Allow",
            "Action": ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
            "Resource": account.arn("ecs", f"container-instance/{clusters}/*"),
            "Condition": {"ArnLike": {"ecs:cluster": cluster_arn}},
        },
    ]


def file_system(*, file_system_arn: str, access_point_arns: Sequence[str], task_role_arn: str) -> list[Statement]:
    """Let the service's tasks, over TLS and through their access points, use the file system, and nobody else."""
    return [
        {
            "Sid": "TasksOnly",
            "Effect": "Allow",
            "Principal": {"AWS": task_role_arn},
            "Action": _CACHE_ACTIONS,
            "Resource": file_system_arn,
            "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": list(access_point_arns)}},
        },
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "*",
            "Resource": file_system_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
