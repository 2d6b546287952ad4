"""What SageMaker refuses and moto alone would accept: names, roles, images, hardware, deployments, scaling."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from sandbox.aws.patches.sagemaker_change import SETTLING_SECONDS
from tests.sandbox.aws.refusals_of_endpoints import ENDPOINTS, SCALING
from tests.sandbox.aws.refusals_of_sagemaker import CONFIGURATIONS, MODELS
from tests.sandbox.aws.sagemaker_parts import ARN, TARGET, TRACKING, configuration, deployed, model, role, variant

OF_SAGEMAKER = MODELS | CONFIGURATIONS | ENDPOINTS


@pytest.fixture(scope="module")
def chat(shared_aws):
    """An account with an endpoint, roles that SageMaker may not take, a configuration whose model is gone."""
    with time_machine.travel(0, tick=True) as clock:
        deployed(shared_aws, clock)
        clock.shift(SETTLING_SECONDS)
    role(shared_aws, "other", "ec2.amazonaws.com")
    role(shared_aws, "foreign", StringEquals={"aws:SourceAccount": "999999999999"})
    model(shared_aws, "deleted")
    configuration(shared_aws, "orphan", ModelName="deleted")
    shared_aws.client("sagemaker").delete_model(ModelName="deleted")
    shared_aws.client("sagemaker").add_tags(ResourceArn=f"{ARN}:endpoint/chat", Tags=[{"Key": "owner", "Value": "ml"}])
    return shared_aws


@pytest.fixture(scope="module")
def network(chat) -> dict[str, str]:
    """A subnet, a group beside it, and a group of another VPC."""
    ec2 = chat.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    other = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    groups = [
        ec2.create_security_group(GroupName="model", Description="model", VpcId=vpc)["GroupId"]
        for vpc in (subnet["VpcId"], other)
    ]
    return {"${subnet}": subnet["SubnetId"], "${group}": groups[0], "${other_group}": groups[1]}


def resolved(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: resolved(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("case", OF_SAGEMAKER)
def test_what_sagemaker_refuses_is_refused(chat, network, case):
    """With AWS's code, and nothing changes."""
    (operation, params), message = OF_SAGEMAKER[case]
    inventory = chat.get("inventory")
    code, answered = chat.refused("sagemaker", operation, **resolved(params, network))
    assert code == "ValidationException"
    assert answered.startswith(message)
    assert chat.get("inventory") == inventory


@pytest.mark.parametrize("case", SCALING)
def test_what_scaling_of_a_variant_refuses_is_refused(chat, case):
    """A variant that does not exist, no instances at all, a policy without a target."""
    (operation, params), message = SCALING[case]
    code, answered = chat.refused("application-autoscaling", operation, **params)
    assert code == ("ObjectNotFoundException" if case == "policy before its target" else "ValidationException")
    assert answered.startswith(message)


def test_a_target_is_registered_once_the_endpoint_is_in_service(aws, clock):
    """While an endpoint is created or deleted it has no variant that could scale."""
    role(aws)
    model(aws)
    configuration(aws, "one")
    bounds = {"MinCapacity": 1, "MaxCapacity": 2}
    missing = ("ValidationException", f"SageMaker endpoint variant doesn't exist: {TARGET['ResourceId']}")
    aws.client("sagemaker").create_endpoint(EndpointName="chat", EndpointConfigName="one")
    assert aws.refused("application-autoscaling", "register_scalable_target", **TARGET, **bounds) == missing
    clock.shift(SETTLING_SECONDS)
    aws.client("sagemaker").delete_endpoint(EndpointName="chat")
    assert aws.refused("application-autoscaling", "register_scalable_target", **TARGET, **bounds) == missing


def test_a_policy_follows_a_metric_of_its_own_service(aws, clock):
    """A metric that is predefined for ECS does not scale a variant, nor does a target of zero."""
    deployed(aws, clock)
    aws.client("application-autoscaling").register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)
    tracking = TRACKING["TargetTrackingScalingPolicyConfiguration"]
    policy = {**TARGET, "PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
    for change, message in (
        (
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}},
            "Predefined metric ECSServiceAverageCPUUtilization is not one of sagemaker",
        ),
        ({"TargetValue": 0}, "TargetValue must be greater than 0"),
    ):
        wanted = policy | {"TargetTrackingScalingPolicyConfiguration": tracking | change}
        assert aws.refused("application-autoscaling", "put_scaling_policy", **wanted) == (
            "ValidationException",
            message,
        )


def test_other_services_and_conditions_may_stand_beside_sagemaker_in_a_trust(aws):
    """A role that several services may take, from this account, is one that SageMaker may take."""
    role(
        aws,
        "sagemaker",
        ["ec2.amazonaws.com", "sagemaker.amazonaws.com"],
        StringEquals={"aws:SourceAccount": "123456789012"},
    )
    model(aws)
    assert aws.get("inventory")["ids"]["sagemaker.model"] == ["llama"]


def test_an_image_in_a_vpc_may_come_from_elsewhere(aws):
    """With repository access through the VPC, a private registry is allowed."""
    role(aws)
    access = {"RepositoryAccessMode": "Vpc"}
    model(aws, PrimaryContainer={"Image": "registry.example.com/vllm:1", "ImageConfig": access})
    assert aws.get("inventory")["ids"]["sagemaker.model"] == ["llama"]


def test_a_disk_where_there_is_none(aws):
    """An instance without a disk of its own takes a volume and a key for it."""
    role(aws)
    model(aws)
    wanted = variant(InstanceType="ml.inf2.xlarge", VolumeSizeInGB=100)
    aws.client("sagemaker").create_endpoint_config(
        EndpointConfigName="one", ProductionVariants=[wanted], KmsKeyId="key"
    )
    assert aws.get("inventory")["ids"]["sagemaker.endpoint_config"] == ["one"]
