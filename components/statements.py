"""Which statements do the policies of more than one target have?

Statements are plain data; ARNs are computed, so that policies are known at preview.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from components.account import Account
    from components.secret import Secret

Statement = dict[str, Any]
_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)/"
    r"(?P<repository>[^:@]+)"
)


def document(statements: Iterable[Statement]) -> str:
    """Return a policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def service_trust(service: str, account: Account) -> list[Statement]:
    """Let an AWS service assume a role on behalf of this account, and of no other."""
    return [
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account.id}},
        }
    ]


def task_trust(account: Account) -> list[Statement]:
    """Let ECS tasks of this account, and of no other, assume a role."""
    return service_trust("ecs-tasks.amazonaws.com", account)


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
    return statements + read_secrets(account, secrets) + pull_from_ecr(account, images)


def read_secrets(account: Account, secrets: Sequence[Secret], *, sid: str = "Secrets") -> list[Statement]:
    """Let a role read secrets, and decrypt those that a key of the user's own protects."""
    if not secrets:
        return []
    statements: list[Statement] = [
        {
            "Sid": f"Read{sid}",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": [secret.arn for secret in secrets],
        }
    ]
    own_key = [secret.arn for secret in secrets if secret.has_own_key]
    if own_key:
        statements.append(
            {
                "Sid": f"Decrypt{sid}",
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
    return statements


def pull_from_ecr(account: Account, images: Iterable[str]) -> list[Statement]:
    """Let a role pull those of the images that are in ECR, from whatever account they are in."""
    found = [match for image in images if (match := _ECR_IMAGE.match(image)) is not None]
    if not found:
        return []
    arns = {
        f"arn:{account.partition}:ecr:{image['region']}:{image['account']}:repository/{image['repository']}"
        for image in found
    }
    return [
        # The token is for the account's registry; it has no narrower resource.
        {"Sid": "LogInToEcr", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {
            "Sid": "PullImages",
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": sorted(arns),
        },
    ]


def read_weights(account: Account, s3_uri: str) -> list[Statement]:
    """Let a role read what is below a prefix of a bucket, and list that prefix."""
    bucket, _, prefix = s3_uri.removeprefix("s3://").partition("/")
    bucket_arn = f"arn:{account.partition}:s3:::{bucket}"
    return [
        {"Sid": "ReadWeights", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{bucket_arn}/{prefix}*"},
        {
            "Sid": "ListWeights",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": f"{prefix}*"}},
        },
    ]


def _keys_beside(secret_arn: str) -> str:
    """Return the keys of a secret's region and account, which may be another account than the service's.

    >>> _keys_beside("arn:aws:secretsmanager:us-east-1:123456789012:secret:chat/keys-AbCdEf")
    'arn:aws:kms:us-east-1:123456789012:key/*'
    """
    partition, region, account = (secret_arn.split(":")[index] for index in (1, 3, 4))
    return f"arn:{partition}:kms:{region}:{account}:key/*"
