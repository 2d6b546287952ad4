"""What the tests of SageMaker make: a role, a model, configurations, an endpoint, and a clock that they move on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.aws.patches.sagemaker_change import SETTLING_SECONDS

if TYPE_CHECKING:
    import time_machine

    from tests.sandbox.aws.conftest import Endpoint

ACCOUNT = "123456789012"
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
IMAGE = (
    "763104351884.dkr.ecr.us-east-1.amazonaws.com/"
    "huggingface-pytorch-tgi-inference:2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04"
)
WEIGHTS = {"S3DataSource": {"S3Uri": "s3://weights/llama/", "S3DataType": "S3Prefix", "CompressionType": "None"}}
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/chat/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TRACKING = {
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 5.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantConcurrentRequestsPerModelHighResolution"
        },
    },
}
ROLLING = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 0,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }
}


def role(
    aws: Endpoint, name: str = "sagemaker", service: str | list[str] = "sagemaker.amazonaws.com", **condition: Any
) -> str:
    """A role that a service may take; its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if condition:
        trust |= {"Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


def model(aws: Endpoint, name: str = "llama", **more: Any) -> None:
    """A model of the TGI image."""
    wanted = {
        "ModelName": name,
        "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/sagemaker",
        "PrimaryContainer": {"Image": IMAGE, "Environment": {"SM_NUM_GPUS": "1"}},
    }
    aws.client("sagemaker").create_model(**wanted | more)


def variant(**more: Any) -> dict[str, Any]:
    """A variant of one L4."""
    return {
        "VariantName": "AllTraffic",
        "ModelName": "llama",
        "InstanceType": "ml.g6.xlarge",
        "InitialInstanceCount": 1,
        **more,
    }


def configuration(aws: Endpoint, name: str, **more: Any) -> None:
    """A configuration of that variant."""
    aws.client("sagemaker").create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(**more)])


def endpoint(aws: Endpoint, clock: time_machine.Traveller, config: str = "one", **more: Any) -> None:
    """An endpoint `chat`, in service."""
    aws.client("sagemaker").create_endpoint(EndpointName="chat", EndpointConfigName=config, **more)
    settled(aws, clock)


def deployed(aws: Endpoint, clock: time_machine.Traveller, **more: Any) -> None:
    """All of it: role, model, configuration `one`, endpoint."""
    role(aws)
    model(aws)
    configuration(aws, "one", **more)
    endpoint(aws, clock)


def described(aws: Endpoint) -> dict[str, Any]:
    """The endpoint as AWS describes it."""
    answer = aws.client("sagemaker").describe_endpoint(EndpointName="chat")
    del answer["ResponseMetadata"]
    return answer


def settled(aws: Endpoint, clock: time_machine.Traveller) -> dict[str, Any]:
    """The endpoint once its change is done."""
    clock.shift(SETTLING_SECONDS)
    answer = described(aws)
    assert answer["EndpointStatus"] == "InService"
    return answer


def counts(answer: dict[str, Any]) -> tuple[int, int]:
    """Instances of the only variant: current and desired."""
    [only] = answer["ProductionVariants"]
    return only["CurrentInstanceCount"], only["DesiredInstanceCount"]


def scaled(aws: Endpoint, capacity: tuple[int, int]) -> None:
    """Register the endpoint's variant, with a policy."""
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**TARGET, MinCapacity=capacity[0], MaxCapacity=capacity[1])
    scaling.put_scaling_policy(**TARGET, PolicyName="tracking", **TRACKING)


def alarms(aws: Endpoint) -> list[dict[str, Any]]:
    """The alarms of the region."""
    return aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
