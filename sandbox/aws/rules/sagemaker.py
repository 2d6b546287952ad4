"""SageMaker: what is made has a new name, what is named exists, and tags stay within their limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.sagemaker.models import SageMakerModelBackend, sagemaker_backends
from moto.sagemaker.utils import arn_formatter

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.patches.sagemaker_change import settle
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.aws.call import Call

_MAKERS = {"CreateModel": "model", "CreateEndpointConfig": "endpoint-config", "CreateEndpoint": "endpoint"}
_NAMES = {"model": "ModelName", "endpoint-config": "EndpointConfigName", "endpoint": "EndpointName"}
_WORDS = {"model": "model", "endpoint-config": "endpoint configuration", "endpoint": "endpoint"}
_MOST_TAGS = 50
_TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*")


@rule("sagemaker", *_MAKERS)
def name_is_free(call: Call) -> None:
    kind = _MAKERS[call.operation]
    name = call.params[_NAMES[kind]]
    if name in things(call, kind):
        raise invalid(f'Cannot create already existing {_WORDS[kind]} "{arn(call, kind, name)}".')


@rule("sagemaker", "DescribeModel", "DeleteModel")
def model_exists(call: Call) -> None:
    require(call, "model", call.params["ModelName"])


@rule("sagemaker", "DescribeEndpointConfig", "DeleteEndpointConfig")
def configuration_exists(call: Call) -> None:
    require(call, "endpoint-config", call.params["EndpointConfigName"])


@rule("sagemaker", "DescribeEndpoint", "DeleteEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities")
def endpoint_exists(call: Call) -> None:
    require(call, "endpoint", call.params["EndpointName"])


@rule("sagemaker", "CreateEndpoint", "UpdateEndpoint")
def named_configuration_exists(call: Call) -> None:
    configuration = require(call, "endpoint-config", call.params["EndpointConfigName"])
    for variant in configuration.production_variants:
        if "ModelName" in variant:
            require(call, "model", variant["ModelName"])


@rule("sagemaker", "CreateEndpointConfig")
def named_models_exist(call: Call) -> None:
    for variant in (*call.params["ProductionVariants"], *call.params.get("ShadowProductionVariants", [])):
        if "ModelName" in variant:
            require(call, "model", variant["ModelName"])


@rule("sagemaker", "AddTags", "DeleteTags", "ListTags")
def tagged_thing_exists(call: Call) -> None:
    kind, _, name = call.params["ResourceArn"].rpartition(":")[2].partition("/")
    if kind in _NAMES:
        require(call, kind, name)


@rule("sagemaker", *_MAKERS, "AddTags")
def tags_are_legal(call: Call) -> None:
    tags = call.params.get("Tags", [])
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise invalid(f"Duplicate tag keys: {', '.join(sorted({key for key in keys if keys.count(key) > 1}))}")
    for tag in tags:
        for text in (tag["Key"], tag["Value"]):
            if not _TAG_TEXT.fullmatch(text):
                raise invalid(f"Tag '{tag['Key']}' holds a character other than letters, digits, spaces and _.:/=+-@")
    if call.operation == "AddTags":
        kind, _, name = call.params["ResourceArn"].rpartition(":")[2].partition("/")
        tagged = things(call, kind).get(name) if kind in _NAMES else None
        present = {tag["Key"] for tag in getattr(tagged, "tags", [])}
        if len(present | set(keys)) > _MOST_TAGS:
            raise invalid(f"The number of tags exceeds the limit of {_MOST_TAGS}")


def require(call: Call, kind: str, name: str) -> Any:
    """Return the model, configuration (`endpoint-config`) or endpoint of this name; AWS's error when there is none."""
    found = things(call, kind).get(name)
    if found is None:
        raise invalid(f'Could not find {_WORDS[kind]} "{arn(call, kind, name)}".')
    return found


def things(call: Call, kind: str) -> Mapping[str, Any]:
    """Everything of a kind in the call's region, by name."""
    backend = backend_of(call)
    if kind == "model":
        return backend._models  # noqa: SLF001
    if kind == "endpoint-config":
        return backend.endpoint_configs
    settle(backend)
    return backend.endpoints


def backend_of(call: Call) -> SageMakerModelBackend:
    """The region's models, configurations and endpoints."""
    return sagemaker_backends[ACCOUNT_ID][call.region]


def arn(call: Call, kind: str, name: str) -> str:
    """The ARN of a model, configuration or endpoint."""
    return arn_formatter(kind, name, ACCOUNT_ID, call.region)


def invalid(message: str) -> AwsError:
    """Nearly every refusal of SageMaker has this one code."""
    return AwsError("ValidationException", message)
