"""SageMaker models: a role that may be taken, an image of this region, weights in S3, an environment that fits."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule
from sandbox.aws.rules.sagemaker import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.aws.call import Call

_SAGEMAKER = "sagemaker.amazonaws.com"
_ECR_IMAGE = re.compile(
    r"\d{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/[\w./-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?"
)
_S3_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/.*)?")
_LONGEST_ENVIRONMENT, _LONGEST_ENTRY = 32 * 1024, 1024
"""Bytes."""


@rule("sagemaker", "CreateModel")
def role_can_be_taken(call: Call) -> None:
    arn = call.params.get("ExecutionRoleArn")
    if arn is None:
        raise invalid("ExecutionRoleArn must be specified")
    roles = iam_backends[ACCOUNT_ID]["aws"].roles.values()
    role = next((role for role in roles if role.arn == arn), None)
    if role is None or not _trusts_sagemaker(role.assume_role_policy_document):
        raise invalid(
            f"Could not assume role {arn}. Please ensure that the role exists and allows principal '{_SAGEMAKER}' "
            "to assume the role."
        )


@rule("sagemaker", "CreateModel")
def containers_can_run(call: Call) -> None:
    given = [name for name in ("PrimaryContainer", "Containers") if call.params.get(name)]
    if len(given) != 1:
        raise invalid("Exactly one of PrimaryContainer and Containers must be specified")
    for container in _containers(call):
        if len({"Image", "ModelPackageName"} & container.keys()) != 1:
            raise invalid("A container needs exactly one of Image and ModelPackageName")
        if "Image" in container:
            _require_image(call, container)
        _require_weights(container)
        _require_environment(container.get("Environment", {}))


@rule("sagemaker", "CreateModel", "CreateEndpointConfig")
def network_exists(call: Call) -> None:
    network = call.params.get("VpcConfig")
    if network is None:
        return
    ec2 = ec2_backends[ACCOUNT_ID][call.region]
    subnets = {name: subnet for by_zone in ec2.subnets.values() for name, subnet in by_zone.items()}
    groups = {name: group for by_id in ec2.groups.values() for name, group in by_id.items()}
    vpcs = set()
    for kind, known, wanted in (
        ("subnet", subnets, network["Subnets"]),
        ("security group", groups, network["SecurityGroupIds"]),
    ):
        for name in wanted:
            if name not in known:
                raise invalid(f"The {kind} '{name}' does not exist")
            vpcs.add(known[name].vpc_id)
    if len(vpcs) > 1:
        raise invalid("All subnets and security groups of VpcConfig must belong to the same VPC")


def _containers(call: Call) -> list[dict[str, Any]]:
    primary = call.params.get("PrimaryContainer")
    return [primary] if primary else call.params.get("Containers", [])


def _require_image(call: Call, container: dict[str, Any]) -> None:
    image = container["Image"]
    if container.get("ImageConfig", {}).get("RepositoryAccessMode") == "Vpc":
        return
    match = _ECR_IMAGE.fullmatch(image)
    if match is None:
        raise invalid(f'Using non-ECR image "{image}" without Vpc repository access mode is not supported.')
    if match["region"] != call.region:
        raise invalid(f"Requested image {image} not found: it must be in the region of its endpoint, {call.region}.")


def _require_weights(container: dict[str, Any]) -> None:
    if {"ModelDataUrl", "ModelDataSource"} <= container.keys():
        raise invalid("ModelDataUrl and ModelDataSource cannot be specified together")
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source is None:
        return
    uri = source["S3Uri"]
    if not _S3_URI.fullmatch(uri):
        raise invalid(f"Invalid S3 URI {uri}: it has the form s3://bucket/prefix/")
    if source["S3DataType"] == "S3Prefix" and not uri.endswith("/"):
        raise invalid(f"S3Uri {uri} must end with a forward slash when S3DataType is S3Prefix")


def _require_environment(environment: dict[str, str]) -> None:
    for key, value in environment.items():
        if max(len(key.encode()), len(value.encode())) > _LONGEST_ENTRY:
            raise invalid(f"Environment variable {key} is longer than {_LONGEST_ENTRY} bytes")
    size = sum(len(key.encode()) + len(value.encode()) for key, value in environment.items())
    if size > _LONGEST_ENVIRONMENT:
        raise invalid(f"The environment has {size} bytes, at most {_LONGEST_ENVIRONMENT} are allowed")


def _trusts_sagemaker(document: str) -> bool:
    statements = json.loads(unquote(document))["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        services = _listed(principal.get("Service", [])) if isinstance(principal, dict) else _listed(principal)
        if (
            statement.get("Effect") == "Allow"
            and {_SAGEMAKER, "*"} & set(services)
            and {"sts:AssumeRole", "sts:*", "*"} & set(_listed(statement.get("Action", [])))
            and _is_of_this_account(statement.get("Condition", {}))
        ):
            return True
    return False


def _is_of_this_account(conditions: dict[str, dict[str, Any]]) -> bool:
    """Whether a condition on the calling account, if there is one, names this account."""
    accounts = [
        values for wanted in conditions.values() for key, values in wanted.items() if key.lower() == "aws:sourceaccount"
    ]
    return all(ACCOUNT_ID in _listed(values) for values in accounts)


def _listed(value: Any) -> Iterable[str]:
    return value if isinstance(value, list) else [value]
