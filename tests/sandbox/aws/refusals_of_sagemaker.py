"""What SageMaker refuses of models and configurations: operation, parameters, how the message begins.

All of them are a ValidationException. There is an endpoint `chat` of a configuration `one` of a model `llama`.
"""

from __future__ import annotations

from typing import Any

from tests.sandbox.aws.sagemaker_parts import ACCOUNT, ARN, IMAGE, WEIGHTS, variant

ROLE = f"arn:aws:iam::{ACCOUNT}:role"
UNTRUSTED = (
    "Could not assume role {}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com'"
)


def model(role: str = "sagemaker", **more: Any) -> dict[str, Any]:
    wanted = {"ModelName": "new", "ExecutionRoleArn": f"{ROLE}/{role}", "PrimaryContainer": {"Image": IMAGE}}
    return {name: value for name, value in (wanted | more).items() if value is not None}


def container(**more: Any) -> dict[str, Any]:
    return model(PrimaryContainer={"Image": IMAGE} | more)


def network(subnets: list[str], groups: list[str]) -> dict[str, Any]:
    return model(VpcConfig={"Subnets": subnets, "SecurityGroupIds": groups})


def prefix(uri: str) -> dict[str, Any]:
    return {"S3DataSource": WEIGHTS["S3DataSource"] | {"S3Uri": uri}}


def configuration(**more: Any) -> dict[str, Any]:
    wanted = {name: value for name, value in variant(**more).items() if value is not None}
    return {"EndpointConfigName": "new", "ProductionVariants": [wanted]}


def tags(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs]


MODELS = {
    "model exists": (
        ("create_model", model(ModelName="llama")),
        f'Cannot create already existing model "{ARN}:model/llama".',
    ),
    "name with an underscore": (("create_model", model(ModelName="a_b")), "1 validation error detected: Value 'a_b' "),
    "name of 64": (("create_model", model(ModelName="a" * 64)), "1 validation error detected: Value 'aaa"),
    "no role": (("create_model", model(ExecutionRoleArn=None)), "ExecutionRoleArn must be specified"),
    "missing role": (("create_model", model("none")), UNTRUSTED.format(f"{ROLE}/none")),
    "role of another service": (("create_model", model("other")), UNTRUSTED.format(f"{ROLE}/other")),
    "role for another account": (("create_model", model("foreign")), UNTRUSTED.format(f"{ROLE}/foreign")),
    "no container": (("create_model", model(PrimaryContainer=None)), "Exactly one of PrimaryContainer and Containers"),
    "both kinds of containers": (
        ("create_model", model(Containers=[{"Image": IMAGE}])),
        "Exactly one of PrimaryContainer and Containers",
    ),
    "no image": (
        ("create_model", model(PrimaryContainer={"Mode": "SingleModel"})),
        "A container needs exactly one of Image and ModelPackageName",
    ),
    "image of a public registry": (
        ("create_model", container(Image="vllm/vllm-openai:v0.30.0")),
        'Using non-ECR image "vllm/vllm-openai:v0.30.0" without Vpc repository access mode is not supported.',
    ),
    "image of another region": (
        ("create_model", container(Image=IMAGE.replace("us-east-1", "eu-west-1"))),
        f"Requested image {IMAGE.replace('us-east-1', 'eu-west-1')} not found",
    ),
    "weights twice": (
        ("create_model", container(ModelDataUrl="s3://weights/m.tar.gz", ModelDataSource=WEIGHTS)),
        "ModelDataUrl and ModelDataSource cannot be specified together",
    ),
    "weights at another scheme": (
        ("create_model", container(ModelDataSource=prefix("file:///weights/"))),
        "1 validation error detected: Value 'file:///weights/' ",
    ),
    "weights over https": (
        ("create_model", container(ModelDataSource=prefix("https://weights/llama/"))),
        "Invalid S3 URI https://weights/llama/",
    ),
    "prefix without its slash": (
        ("create_model", container(ModelDataSource=prefix("s3://weights/llama"))),
        "S3Uri s3://weights/llama must end with a forward slash",
    ),
    "too many variables": (
        ("create_model", container(Environment={f"A{number}": "1" for number in range(101)})),
        "1 validation error detected: ",
    ),
    "variable of 1025 bytes": (
        ("create_model", container(Environment={"A": "ä" * 513})),
        "Environment variable A is longer than 1024 bytes",
    ),
    "environment of more than 32 KB": (
        ("create_model", container(Environment={f"A{number:02}": "x" * 1000 for number in range(33)})),
        "The environment has 33099 bytes, at most 32768 are allowed",
    ),
    "missing subnet": (("create_model", network(["subnet-0"], ["${group}"])), "The subnet 'subnet-0' does not exist"),
    "missing group": (("create_model", network(["${subnet}"], ["sg-0"])), "The security group 'sg-0' does not exist"),
    "networks of two VPCs": (
        ("create_model", network(["${subnet}"], ["${other_group}"])),
        "All subnets and security groups of VpcConfig must belong to the same VPC",
    ),
    "equal tags": (("create_model", model(Tags=tags(("a", "1"), ("a", "2")))), "Duplicate tag keys: a"),
    "tag with a semicolon": (("create_model", model(Tags=tags(("a", "b;c")))), "Tag 'a' holds a character"),
    "too many tags": (
        ("create_model", model(Tags=tags(*((f"t{number}", "") for number in range(51))))),
        "1 validation error detected: ",
    ),
    "too many tags together": (
        (
            "add_tags",
            {"ResourceArn": f"{ARN}:endpoint/chat", "Tags": tags(*((f"t{number}", "") for number in range(50)))},
        ),
        "The number of tags exceeds the limit of 50",
    ),
    "tags of a missing model": (
        ("add_tags", {"ResourceArn": f"{ARN}:model/none", "Tags": tags(("a", "b"))}),
        f'Could not find model "{ARN}:model/none".',
    ),
    "tags to read of a missing endpoint": (
        ("list_tags", {"ResourceArn": f"{ARN}:endpoint/none"}),
        f'Could not find endpoint "{ARN}:endpoint/none".',
    ),
    "missing model described": (("describe_model", {"ModelName": "none"}), f'Could not find model "{ARN}:model/none".'),
    "missing model deleted": (("delete_model", {"ModelName": "none"}), f'Could not find model "{ARN}:model/none".'),
}
CONFIGURATIONS = {
    "configuration exists": (
        ("create_endpoint_config", configuration() | {"EndpointConfigName": "one"}),
        f'Cannot create already existing endpoint configuration "{ARN}:endpoint-config/one".',
    ),
    "configuration of a missing model": (
        ("create_endpoint_config", configuration(ModelName="none")),
        f'Could not find model "{ARN}:model/none".',
    ),
    "unknown instance type": (
        ("create_endpoint_config", configuration(InstanceType="ml.g99.xlarge")),
        "1 validation error detected: Value 'ml.g99.xlarge' at 'ProductionVariants.1.member.InstanceType' failed",
    ),
    "no instances": (
        ("create_endpoint_config", configuration(InitialInstanceCount=0)),
        "1 validation error detected: Invalid value for parameter ProductionVariants[0].InitialInstanceCount",
    ),
    "no count": (
        ("create_endpoint_config", configuration(InitialInstanceCount=None)),
        "Variant AllTraffic needs an InitialInstanceCount",
    ),
    "no hardware": (
        ("create_endpoint_config", configuration(InstanceType=None)),
        "Variant AllTraffic needs exactly one of InstanceType, ServerlessConfig, InstancePools",
    ),
    "short health check": (
        ("create_endpoint_config", configuration(ContainerStartupHealthCheckTimeoutInSeconds=59)),
        "1 validation error detected: ",
    ),
    "long download": (
        ("create_endpoint_config", configuration(ModelDataDownloadTimeoutInSeconds=3601)),
        "1 validation error detected: Value '3601' ",
    ),
    "unknown machine image": (
        ("create_endpoint_config", configuration(InferenceAmiVersion="al2023")),
        "1 validation error detected: Value 'al2023' ",
    ),
    "disk beside NVMe": (
        ("create_endpoint_config", configuration(VolumeSizeInGB=100)),
        "VolumeSizeInGB is not supported for ml.g6.xlarge",
    ),
    "encrypted NVMe": (
        ("create_endpoint_config", configuration() | {"KmsKeyId": "key"}),
        "KmsKeyId is not supported for ml.g6.xlarge",
    ),
    "managed scaling of a model": (
        ("create_endpoint_config", configuration(ManagedInstanceScaling={"Status": "ENABLED"})),
        "ManagedInstanceScaling is only supported for inference component endpoints.",
    ),
    "variant without model and role": (
        ("create_endpoint_config", configuration(ModelName=None)),
        "ExecutionRoleArn is required, since variant AllTraffic has no ModelName",
    ),
    "variants of one name": (
        ("create_endpoint_config", configuration() | {"ProductionVariants": [variant(), variant()]}),
        "The variant names AllTraffic, AllTraffic are not unique",
    ),
    "missing configuration described": (
        ("describe_endpoint_config", {"EndpointConfigName": "none"}),
        f'Could not find endpoint configuration "{ARN}:endpoint-config/none".',
    ),
    "missing configuration deleted": (
        ("delete_endpoint_config", {"EndpointConfigName": "none"}),
        f'Could not find endpoint configuration "{ARN}:endpoint-config/none".',
    ),
}
