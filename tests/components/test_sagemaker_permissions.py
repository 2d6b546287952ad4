"""Every statement of an endpoint's policy, exactly."""

from __future__ import annotations

import pytest

from components.account import Account
from components.sagemaker import permissions
from tests.components.sagemaker_plan import IMAGE, WEIGHTS

ACCOUNT = Account(partition="aws", id="123456789012", region="us-east-1")
LOGS = "/aws/sagemaker/Endpoints/dev-chat"


def execution(**changes):
    """Return the statements of an endpoint, by Sid."""
    values = {"image": IMAGE, "log_group": LOGS, "model_data_uri": None, "subnet_ids": ()}
    return {one["Sid"]: one for one in permissions.execution(ACCOUNT, **{**values, **changes})}


def test_only_sagemaker_and_only_for_this_account_takes_the_role():
    """Otherwise somebody else's endpoint could be made to take it."""
    assert permissions.trust(ACCOUNT) == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ]


def test_an_endpoint_pulls_its_image_and_writes_logs_and_metrics():
    """From the registry of the account that has the image, into this endpoint's group, under SageMaker's namespaces."""
    assert execution() == {
        "WriteLogs": {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [
                f"arn:aws:logs:us-east-1:123456789012:log-group:{LOGS}",
                f"arn:aws:logs:us-east-1:123456789012:log-group:{LOGS}:*",
            ],
        },
        "PublishMetrics": {
            "Sid": "PublishMetrics",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"]}},
        },
        "LogInToEcr": {
            "Sid": "LogInToEcr",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
        "PullImages": {
            "Sid": "PullImages",
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": [
                "arn:aws:ecr:us-east-1:763104351884:repository/huggingface-pytorch-tgi-inference",
            ],
        },
    }


def test_weights_in_s3_can_be_read_below_their_prefix_and_nowhere_else():
    """And without S3 there is no right to S3."""
    found = execution(model_data_uri=WEIGHTS)
    assert found["ReadWeights"] == {
        "Sid": "ReadWeights",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-weights/llama-3-1-8b/*",
    }
    assert found["ListWeights"] == {
        "Sid": "ListWeights",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::acme-weights",
        "Condition": {"StringLike": {"s3:prefix": "llama-3-1-8b/*"}},
    }
    assert set(found) - set(execution()) == {"ReadWeights", "ListWeights"}


def test_in_a_vpc_instances_may_enter_these_subnets():
    """Describes have no resources in EC2."""
    found = execution(subnet_ids=("subnet-a", "subnet-b"))
    assert found["EnterSubnets"] == {
        "Sid": "EnterSubnets",
        "Effect": "Allow",
        "Action": "ec2:CreateNetworkInterface",
        "Resource": [
            "arn:aws:ec2:us-east-1:123456789012:network-interface/*",
            "arn:aws:ec2:us-east-1:123456789012:security-group/*",
            "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-a",
            "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-b",
        ],
    }
    assert found["ManageInterfaces"]["Resource"] == "arn:aws:ec2:us-east-1:123456789012:network-interface/*"
    assert found["ManageInterfaces"]["Action"] == [
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
    ]
    assert all(action.startswith("ec2:Describe") for action in found["LookAtNetwork"]["Action"])
    assert set(found) - set(execution()) == {"EnterSubnets", "ManageInterfaces", "LookAtNetwork"}


@pytest.mark.parametrize("image", ["vllm/vllm-openai:v0.30.0", "public.ecr.aws/x/y:1"])
def test_an_image_that_is_in_no_registry_of_aws_needs_no_right(image):
    """Whether SageMaker takes it is the plan's matter."""
    assert not [sid for sid in execution(image=image) if sid in ("LogInToEcr", "PullImages")]
