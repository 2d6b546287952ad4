"""SageMaker models and configurations are described as they were made, and hold no secret on the disk."""

from __future__ import annotations

import pytest

from tests.sandbox.aws.sagemaker_parts import ARN, IMAGE, WEIGHTS, configuration, model, role, variant

TOKEN = "correct-horse-battery-staple"
OPEN = {
    "MAX_INPUT_TOKENS": "4096",
    "SM_VLLM_MAX_NUM_BATCHED_TOKENS": "8192",
    "HF_MODEL_ID": "Qwen/Qwen3-8B",
    "TOKEN_LIMIT": "12",
    "HF_TOKEN_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:hf",
}
SECRET = {"HF_TOKEN": TOKEN, "api_key": TOKEN, "DATABASE_PASSWORD": TOKEN, "ANYTHING": "hf_abcdefghijkl"}


@pytest.fixture(scope="module")
def llama(shared_aws):
    """An account with a role and a model `llama`."""
    role(shared_aws)
    model(shared_aws)
    return shared_aws


def test_a_model_keeps_what_was_sent(llama):
    """Weights, isolation and network read back; the container's mode is the default one."""
    ec2 = llama.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.create_security_group(GroupName="egress", Description="egress", VpcId=subnet["VpcId"])["GroupId"]
    network = {"Subnets": [subnet["SubnetId"]], "SecurityGroupIds": [group]}
    container = {"Image": IMAGE, "ModelDataSource": WEIGHTS, "Environment": {"HF_MODEL_ID": "/opt/ml/model"}}
    model(llama, "kept", PrimaryContainer=container, EnableNetworkIsolation=True, VpcConfig=network)
    found = llama.client("sagemaker").describe_model(ModelName="kept")
    assert found["PrimaryContainer"] == container | {"Mode": "SingleModel"}
    assert found["EnableNetworkIsolation"] is True
    assert found["VpcConfig"] == network


def test_a_model_has_only_the_blocks_it_was_given(llama):
    """An empty VpcConfig or list of containers would be a replacement on each deployment."""
    found = llama.client("sagemaker").describe_model(ModelName="llama")
    assert found.keys() - {"ResponseMetadata"} == {
        *("ModelName", "ModelArn", "PrimaryContainer", "ExecutionRoleArn", "CreationTime", "EnableNetworkIsolation"),
    }


def test_a_configuration_keeps_every_field_of_its_variants(llama):
    """GPU types, timeouts, machine image and routing read back; the weight is 1 when none was sent."""
    wanted = variant(
        InstanceType="ml.p5.48xlarge",
        ContainerStartupHealthCheckTimeoutInSeconds=900,
        ModelDataDownloadTimeoutInSeconds=1200,
        InferenceAmiVersion="al2023-ami-sagemaker-inference-gpu-4-1",
        RoutingConfig={"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        EnableSSMAccess=False,
    )
    sagemaker = llama.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName="kept", ProductionVariants=[wanted])
    found = sagemaker.describe_endpoint_config(EndpointConfigName="kept")
    assert found["ProductionVariants"] == [wanted | {"InitialVariantWeight": 1.0}]
    assert found.keys() - {"ResponseMetadata"} == {
        *("EndpointConfigName", "EndpointConfigArn", "ProductionVariants", "CreationTime"),
    }


def test_a_configuration_keeps_its_own_fields(llama):
    """The role of a configuration reads back."""
    arn = "arn:aws:iam::123456789012:role/sagemaker"
    sagemaker = llama.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName="own", ProductionVariants=[variant()], ExecutionRoleArn=arn)
    assert sagemaker.describe_endpoint_config(EndpointConfigName="own")["ExecutionRoleArn"] == arn


def test_inference_components_are_said_to_be_missing(llama):
    """A variant without a model is legal on AWS and not there in the sandbox: that is said, and nothing is made."""
    bare = {name: value for name, value in variant().items() if name != "ModelName"}
    code, message = llama.refused(
        "sagemaker",
        "create_endpoint_config",
        EndpointConfigName="bare",
        ProductionVariants=[bare],
        ExecutionRoleArn="arn:aws:iam::123456789012:role/sagemaker",
    )
    assert (code, message) == ("NotImplemented", "the sandbox does not implement sagemaker:CreateEndpointConfig")


def test_a_tag_has_one_value(llama):
    """Tagging again replaces the value, on a model and on a configuration; tags can be removed."""
    configuration(llama, "tagged")
    sagemaker = llama.client("sagemaker")
    for arn in (f"{ARN}:model/llama", f"{ARN}:endpoint-config/tagged"):
        for value in ("ml", "platform"):
            sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "owner", "Value": value}])
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "owner", "Value": "platform"}]
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["owner"])
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_secret_variables_reach_no_file(llama):
    """Values of variables that are named like keys, and Hugging Face tokens under any name, are not written down."""
    model(llama, "secret", PrimaryContainer={"Image": IMAGE, "Environment": SECRET | OPEN})
    llama.client("sagemaker").create_model(
        ModelName="secrets",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/sagemaker",
        Containers=[{"Image": IMAGE, "Environment": SECRET}],
    )
    written = b"".join(file.read_bytes() for file in llama.state.rglob("*") if file.is_file())
    assert TOKEN.encode() not in written
    assert b"hf_abcdefghijkl" not in written
    assert written.count(b"sandboxplaceholder") == 2 * len(SECRET)
    found = llama.client("sagemaker").describe_model(ModelName="secret")
    assert found["PrimaryContainer"]["Environment"] == SECRET | OPEN


def test_an_overlong_variable_is_refused_without_its_value(llama):
    """The refusal names the variable and does not quote what may be a key."""
    code, message = llama.refused(
        "sagemaker",
        "create_model",
        ModelName="long",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/sagemaker",
        PrimaryContainer={"Image": IMAGE, "Environment": {"HF_TOKEN": TOKEN * 40}},
    )
    assert code == "ValidationException"
    assert "'PrimaryContainer.Environment.HF_TOKEN'" in message
    assert TOKEN not in message


def test_after_a_restart_secret_variables_are_placeholders(tmp_path, serve):
    """The model is there with its settings; its secret values are not, and the health says so."""
    with serve(tmp_path) as aws:
        role(aws)
        model(aws, PrimaryContainer={"Image": IMAGE, "Environment": SECRET | OPEN})
    with serve(tmp_path) as aws:
        found = aws.client("sagemaker").describe_model(ModelName="llama")["PrimaryContainer"]["Environment"]
        assert aws.get("health")["placeholder_secrets"] == 1
        assert aws.get("health")["replay_differences"] == 0
    assert {name: found[name] for name in OPEN} == OPEN
    assert all(found[name].startswith("sandboxplaceholder") for name in SECRET)
