"""The questions of plain_moto.py about SageMaker and the scaling of its variants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

ROLE = "arn:aws:iam::123456789012:role/sagemaker"
VARIANT = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.g4dn.xlarge", "InitialInstanceCount": 1}
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TRACKING = {
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 5.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    },
}


def prepare(made: SimpleNamespace) -> None:
    """An endpoint `e` of a configuration `c` of a model `m`."""
    made.sagemaker = boto3.client("sagemaker", region_name="us-east-1")
    made.sagemaker.create_model(
        ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"}, EnableNetworkIsolation=True
    )
    made.sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[VARIANT], ExecutionRoleArn=ROLE)
    made.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c", Tags=[{"Key": "owner", "Value": "ml"}])


def fails(call: Callable[[], object]) -> bool:
    """Whether a call raises anything; moto fails with any class."""
    try:
        call()
    except Exception:  # noqa: BLE001
        return True
    return False


def variant(made: SimpleNamespace) -> dict[str, Any]:
    return made.sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"][0]


def keep_fields_of_models(made: SimpleNamespace) -> bool:
    return made.sagemaker.describe_model(ModelName="m")["EnableNetworkIsolation"] is not True


def leave_out_empty_blocks_of_models(made: SimpleNamespace) -> bool:
    return "Containers" in made.sagemaker.describe_model(ModelName="m")


def accept_every_instance_type(made: SimpleNamespace) -> bool:
    gpu = [VARIANT | {"InstanceType": "ml.g6.xlarge"}]
    return fails(lambda: made.sagemaker.create_endpoint_config(EndpointConfigName="gpu", ProductionVariants=gpu))


def keep_fields_of_configurations(made: SimpleNamespace) -> bool:
    return "ExecutionRoleArn" not in made.sagemaker.describe_endpoint_config(EndpointConfigName="c")


def leave_out_empty_blocks_of_configurations(made: SimpleNamespace) -> bool:
    return "DataCaptureConfig" in made.sagemaker.describe_endpoint_config(EndpointConfigName="c")


def admit_to_have_no_inference_components(made: SimpleNamespace) -> bool:
    bare = [{"VariantName": "v", "InstanceType": "ml.g4dn.xlarge", "InitialInstanceCount": 1}]
    try:
        made.sagemaker.create_endpoint_config(EndpointConfigName="bare", ProductionVariants=bare)
    except KeyError:
        return True
    return False


def create_endpoints_in_time(made: SimpleNamespace) -> bool:
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}
    }
    made.sagemaker.create_endpoint(EndpointName="d", EndpointConfigName="c", DeploymentConfig=deployment)
    return "LastDeploymentConfig" not in made.sagemaker.describe_endpoint(EndpointName="d")


def describe_endpoints_by_the_clock(made: SimpleNamespace) -> bool:
    made.sagemaker.create_endpoint(EndpointName="now", EndpointConfigName="c")
    return made.sagemaker.describe_endpoint(EndpointName="now")["EndpointStatus"] != "Creating"


def update_endpoints(made: SimpleNamespace) -> bool:
    return fails(lambda: made.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="c"))


def scale_endpoints_in_time(made: SimpleNamespace) -> bool:
    wanted = [{"VariantName": "v", "DesiredInstanceCount": 2}]
    made.sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=wanted)
    return variant(made)["CurrentInstanceCount"] == 2


def replace_tags_of_equal_key(made: SimpleNamespace) -> bool:
    arn = made.sagemaker.describe_endpoint(EndpointName="e")["EndpointArn"]
    made.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "owner", "Value": "platform"}])
    return len(made.sagemaker.list_tags(ResourceArn=arn)["Tags"]) != 1


def pull_variants_into_bounds(made: SimpleNamespace) -> bool:
    made.scaling.register_scalable_target(**TARGET, MinCapacity=4, MaxCapacity=4)
    return variant(made)["DesiredInstanceCount"] != 4


def make_alarms_of_variants(made: SimpleNamespace) -> bool:
    return not made.scaling.put_scaling_policy(**TARGET, PolicyName="p", **TRACKING)["Alarms"]


def delete_endpoints_with_their_targets(made: SimpleNamespace) -> bool:
    made.sagemaker.delete_endpoint(EndpointName="e")
    return bool(made.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"])


# In the order in which they can be asked: the last one deletes what the others look at.
PROBES = (
    keep_fields_of_models,
    leave_out_empty_blocks_of_models,
    accept_every_instance_type,
    keep_fields_of_configurations,
    leave_out_empty_blocks_of_configurations,
    admit_to_have_no_inference_components,
    create_endpoints_in_time,
    describe_endpoints_by_the_clock,
    update_endpoints,
    scale_endpoints_in_time,
    replace_tags_of_equal_key,
    pull_variants_into_bounds,
    make_alarms_of_variants,
    delete_endpoints_with_their_targets,
)
