"""How are a model and an endpoint configuration made in the SageMaker API? The endpoint is a resource of our own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure
from sandbox.provider.names import prefixed_name
from sandbox.provider.resource import Answer, Call, Instance, Resource
from sandbox.provider.rules import arn, conflict, each, matches, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.resource import Rule
    from sandbox.provider.values import Props

_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
_NAME_REASON = "must hold only letters, digits and hyphens between them, at most 63"
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ROUTING = ("LEAST_OUTSTANDING_REQUESTS", "RANDOM")


def _with_tags(aws: Aws, described: Answer, arn_member: str) -> Answer:
    pages = aws("sagemaker").get_paginator("list_tags").paginate(ResourceArn=described[arn_member])
    return {**described, "Tags": [tag for page in pages for tag in page["Tags"]]}


def _model(aws: Aws, model: Instance) -> Answer:
    return _with_tags(aws, aws("sagemaker").describe_model(ModelName=model.id), "ModelArn")


def _variables(environment: Any) -> str | None:
    wrong = [name for name in environment if not _VARIABLE.fullmatch(name)]
    return f"{wrong[0]!r}: a variable's name holds only letters, digits and underscores" if wrong else None


def _container_rules(place: str) -> tuple[Rule, ...]:
    return (
        each(f"{place}.environment", _variables),
        one_of(f"{place}.mode", "SingleModel", "MultiModel"),
        matches(f"{place}.modelDataUrl", r"(https|s3)://[^/]+/?.*", "must be an HTTPS or S3 address"),
    )


MODEL = Resource(
    type_name="aws:sagemaker/model:Model",
    service="sagemaker",
    create=Call("create_model"),
    identify=lambda _, props: props["name"],
    read=_model,
    delete=lambda aws, model: aws("sagemaker").delete_model(ModelName=model.id),
    rename={"arn": "ModelArn", "name": "ModelName"},
    tagging="sagemaker",
    computed=("primaryContainer.mode", "containers.mode"),
    comparison=Comparison(sets=("vpcConfig.securityGroupIds", "vpcConfig.subnets")),
    rules=(
        matches("name", _NAME, _NAME_REASON),
        arn("executionRoleArn"),
        *_container_rules("primaryContainer"),
        *_container_rules("containers"),
    ),
    name_limit=63,
)


def _configuration(aws: Aws, configuration: Instance) -> Answer:
    described = aws("sagemaker").describe_endpoint_config(EndpointConfigName=configuration.id)
    return _with_tags(aws, described, "EndpointConfigArn")


def _name_variants(props: Props) -> Props:
    """The API wants a name of each variant, the provider makes one."""
    named = dict(props)
    for place in ("productionVariants", "shadowProductionVariants"):
        if isinstance(props.get(place), list):
            named[place] = [
                {"variantName": prefixed_name("terraform-"), **variant} if isinstance(variant, dict) else variant
                for variant in props[place]
            ]
    return named


def _one_shadow(props: Props) -> Iterable[Failure]:
    shadows, variants = props.get("shadowProductionVariants"), props.get("productionVariants")
    if (
        isinstance(shadows, list)
        and shadows
        and (len(shadows) > 1 or (isinstance(variants, list) and len(variants) > 1))
    ):
        yield Failure("shadowProductionVariants", "takes one variant, beside one production variant")


def _variant_rules(place: str) -> tuple[Rule, ...]:
    return (
        matches(f"{place}.variantName", _NAME, _NAME_REASON),
        one_of(f"{place}.routingConfigs.routingStrategy", *_ROUTING),
    )


CONFIGURATION = Resource(
    type_name="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    service="sagemaker",
    create=Call("create_endpoint_config", _name_variants),
    identify=lambda _, props: props["name"],
    read=_configuration,
    delete=lambda aws, it: aws("sagemaker").delete_endpoint_config(EndpointConfigName=it.id),
    rename={"arn": "EndpointConfigArn", "name": "EndpointConfigName", "kmsKeyArn": "KmsKeyId"},
    tagging="sagemaker",
    computed=(
        *("productionVariants.variantName", "productionVariants.initialVariantWeight"),
        *("shadowProductionVariants.variantName", "shadowProductionVariants.initialVariantWeight"),
    ),
    rules=(
        matches("name", _NAME, _NAME_REASON),
        conflict("name", "namePrefix"),
        arn("executionRoleArn"),
        arn("kmsKeyArn"),
        *_variant_rules("productionVariants"),
        *_variant_rules("shadowProductionVariants"),
        _one_shadow,
    ),
    name_limit=63,
)

ENTRIES = (MODEL, CONFIGURATION)
