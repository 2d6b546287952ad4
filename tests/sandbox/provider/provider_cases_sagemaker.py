"""Cases of what a SageMaker endpoint is made from: a role, models, configurations."""

from __future__ import annotations

import json

from provider_case import TAGS, Case

IMAGE = (
    "763104351884.dkr.ecr.us-east-1.amazonaws.com/"
    "huggingface-pytorch-tgi-inference:2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04"
)
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            }
        ],
    }
)

CASES = (
    Case("sagemaker_role", "aws:iam/role:Role", {"assumeRolePolicy": _TRUST}),
    Case(
        "model",
        "aws:sagemaker/model:Model",
        {
            "executionRoleArn": "${sagemaker_role.arn}",
            "primaryContainer": {
                "image": IMAGE,
                "environment": {"HF_MODEL_ID": "Qwen/Qwen3-8B", "SM_NUM_GPUS": "1", "MAX_INPUT_TOKENS": "4096"},
            },
            "tags": TAGS,
        },
        {"tags": {"owner": "you"}},
        "model-[0-9a-f]{7}",
    ),
    Case(
        "s3_model",
        "aws:sagemaker/model:Model",
        {
            "name": "s3-model",
            "executionRoleArn": "${sagemaker_role.arn}",
            "enableNetworkIsolation": True,
            "primaryContainer": {
                "image": IMAGE,
                "environment": {"HF_MODEL_ID": "/opt/ml/model"},
                "modelDataSource": {
                    "s3DataSources": [
                        {"s3Uri": "s3://weights/llama/", "s3DataType": "S3Prefix", "compressionType": "None"}
                    ]
                },
            },
            "vpcConfig": {"subnets": ["${b.id}", "${a.id}"], "securityGroupIds": ["${group.id}"]},
        },
        {"tags": TAGS},
        "s3-model",
    ),
    Case(
        "configuration",
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        {
            "productionVariants": [
                {
                    "variantName": "AllTraffic",
                    "modelName": "${model.name}",
                    "instanceType": "ml.g6.xlarge",
                    "initialInstanceCount": 1,
                    "initialVariantWeight": 1,
                    "containerStartupHealthCheckTimeoutInSeconds": 900,
                    "modelDataDownloadTimeoutInSeconds": 600,
                    "inferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-3-1",
                    "routingConfigs": [{"routingStrategy": "LEAST_OUTSTANDING_REQUESTS"}],
                }
            ],
            "tags": TAGS,
        },
        {"tags": {"owner": "you"}},
        "configuration-[0-9a-f]{7}",
    ),
    Case(
        "prefixed_configuration",
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        {
            "namePrefix": "chat-",
            "productionVariants": [
                {"modelName": "${s3_model.name}", "instanceType": "ml.p5.48xlarge", "initialInstanceCount": 2}
            ],
        },
        {"tags": TAGS},
        "chat-[0-9]{14}[0-9a-f]{12}",
        importable=False,
    ),
)
