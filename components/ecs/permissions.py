"""Which IAM and file-system policies does a service on ECS need, and nothing more?

Statements are plain data; ARNs are computed, so that all but the file system's policies are known at preview.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.statements import Statement, document, pull_from_ecr, read_weights, service_trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from components.account import Account
    from components.ecs.secrets import Secret
    from components.plan.model import ModelPlan

__all__ = ["Statement", "document", "execution", "file_system", "instance", "instance_trust", "task", "task_trust"]
_CACHE_ACTIONS = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]


def task_trust(account: Account) -> list[Statement]:
    """Let ECS tasks of this account, and of no other, assume a role."""
    return service_trust("ecs-tasks.amazonaws.com", account)


def instance_trust() -> list[Statement]:
    """Let EC2 instances assume a role."""
    return [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]


def execution(
    account: Account, *, images: Iterable[str], log_groups: Sequence[str], secrets: Sequence[Secret]
) -> list[Statement]:
    """Let the ECS agent pull the images, write the logs and read the secrets of one service."""
    statements: list[Statement] = [
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [account.arn("logs", f"log-group:{name}:*") for name in log_groups],
        }
    ]
    if secrets:
        statements.append(
            {
                "Sid": "ReadSecrets",
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": [secret.arn for secret in secrets],
            }
        )
    own_key = [secret.arn for secret in secrets if secret.has_own_key]
    if own_key:
        statements.append(
            {
                "Sid": "DecryptSecrets",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": sorted({_keys_beside(arn) for arn in own_key}),
                "Condition": {
                    "StringEquals": {
                        "kms:ViaService": f"secretsmanager.{account.region}.amazonaws.com",
                        "kms:EncryptionContext:SecretARN": own_key,
                    }
                },
            }
        )
    return statements + pull_from_ecr(account, images)


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


def _keys_beside(secret_arn: str) -> str:
    """Return the keys of a secret's region and account, which may be another account than the service's.

    >>> _keys_beside("arn:aws:secretsmanager:us-east-1:123456789012:secret:chat/keys-AbCdEf")
    'arn:aws:kms:us-east-1:123456789012:key/*'
    """
    partition, region, account = (secret_arn.split(":")[index] for index in (1, 3, 4))
    return f"arn:{partition}:kms:{region}:{account}:key/*"
