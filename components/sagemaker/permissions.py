"""Which IAM policy does an endpoint need, and nothing more?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.statements import pull_from_ecr, read_weights, service_trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.account import Account
    from components.statements import Statement


def trust(account: Account) -> list[Statement]:
    """Let SageMaker assume a role on behalf of this account, and of no other."""
    return service_trust("sagemaker.amazonaws.com", account)


def execution(
    account: Account, *, image: str, log_group: str, model_data_uri: str | None, subnet_ids: Sequence[str]
) -> list[Statement]:
    """Let an endpoint pull its image, write its logs and metrics, and read its weights where they are in S3."""
    statements: list[Statement] = [
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            "Resource": [
                account.arn("logs", f"log-group:{log_group}"),
                account.arn("logs", f"log-group:{log_group}:*"),
            ],
        },
        {
            "Sid": "PublishMetrics",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            # Metrics have no resources; their namespace is what narrows them.
            "Resource": "*",
            "Condition": {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"]}},
        },
        *pull_from_ecr(account, [image]),
    ]
    if model_data_uri is not None:
        statements += read_weights(account, model_data_uri)
    if subnet_ids:
        statements += _in_vpc(account, subnet_ids)
    return statements


def invoke(account: Account, endpoint_name: str) -> Statement:
    """Let a caller ask one endpoint, streamed or not; without a Sid, as a policy may have several of these."""
    return {
        "Effect": "Allow",
        "Action": ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"],
        "Resource": account.arn("sagemaker", f"endpoint/{endpoint_name}"),
    }


def _in_vpc(account: Account, subnet_ids: Sequence[str]) -> list[Statement]:
    """Let SageMaker give its instances an address in these subnets."""
    interfaces = account.arn("ec2", "network-interface/*")
    return [
        {
            "Sid": "EnterSubnets",
            "Effect": "Allow",
            "Action": "ec2:CreateNetworkInterface",
            "Resource": [
                interfaces,
                account.arn("ec2", "security-group/*"),
                *(account.arn("ec2", f"subnet/{subnet_id}") for subnet_id in subnet_ids),
            ],
        },
        {
            "Sid": "ManageInterfaces",
            "Effect": "Allow",
            "Action": [
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            "Resource": interfaces,
        },
        {
            "Sid": "LookAtNetwork",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            # EC2 describes have no resources.
            "Resource": "*",
        },
    ]
