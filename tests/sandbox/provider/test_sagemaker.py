"""What does a preview refuse of SageMaker models and configurations, and what of them is replaced?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from provider_cases_sagemaker import IMAGE
from provider_engine import CheckFailedError, Deployed

if TYPE_CHECKING:
    from collections.abc import Callable

    from provider_engine import Engine

MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
CONTAINER = {"image": IMAGE, "environment": {"SM_NUM_GPUS": "1"}}
VARIANT = {"variantName": "v", "modelName": "m", "instanceType": "ml.g6.xlarge", "initialInstanceCount": 1}


def model(**container: Any) -> dict[str, Any]:
    return {"executionRoleArn": ROLE, "primaryContainer": {**CONTAINER, **container}}


def configuration(**variant: Any) -> dict[str, Any]:
    return {"productionVariants": [{**VARIANT, **variant}]}


def weights(**source: str) -> dict[str, Any]:
    good = {"s3Uri": "s3://weights/llama/", "s3DataType": "S3Prefix", "compressionType": "None"}
    return {"s3DataSources": [{**good, **source}]}


SOURCE = "primaryContainer.modelDataSource.s3DataSources"
REFUSED_OF_A_MODEL = [
    ({**model(), "name": "under_score"}, "name", "must hold only letters, digits and hyphens"),
    ({**model(), "name": "x" * 64}, "name", "must hold only letters, digits and hyphens"),
    ({**model(), "executionRoleArn": "sagemaker"}, "executionRoleArn", "invalid ARN"),
    ({"primaryContainer": CONTAINER}, "executionRoleArn", "required, but not given"),
    (model(environment={"a b": "1"}), "primaryContainer.environment", "'a b': a variable's name holds only letters"),
    (model(modelDataUrl="file:///weights"), "primaryContainer.modelDataUrl", "must be an HTTPS or S3 address"),
    (model(mode="Single"), "primaryContainer.mode", "expected one of SingleModel, MultiModel"),
    (model(modelDataSource=weights(s3DataType="Prefix")), f"{SOURCE}.s3DataType", "expected one of S3Prefix, S3Object"),
    (model(modelDataSource=weights(compressionType="none")), f"{SOURCE}.compressionType", "expected one of None, Gzip"),
]
REFUSED_OF_A_VARIANT = [
    ({"instanceType": "g6.xlarge"}, "instanceType", "expected one of ml.t2.medium"),
    ({"instanceType": "ml.g99.xlarge"}, "instanceType", "expected one of ml.t2.medium"),
    ({"initialInstanceCount": 0}, "initialInstanceCount", "must lie between 1 and"),
    ({"inferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-9"}, "inferenceAmiVersion", "expected one of al2-ami-"),
    (
        {"routingConfigs": [{"routingStrategy": "PREFIX_AWARE"}]},
        "routingConfigs[0].routingStrategy",
        "expected one of LEAST_OUTSTANDING_REQUESTS, RANDOM",
    ),
    (
        {"containerStartupHealthCheckTimeoutInSeconds": 30},
        "containerStartupHealthCheckTimeoutInSeconds",
        "must lie between 60 and 3600, got 30",
    ),
    (
        {"modelDataDownloadTimeoutInSeconds": 7200},
        "modelDataDownloadTimeoutInSeconds",
        "must lie between 60 and 3600, got 7200",
    ),
    ({"volumeSizeInGb": 600}, "volumeSizeInGb", "must lie between 1 and 512, got 600"),
    ({"variantName": "under_score"}, "variantName", "must hold only letters, digits and hyphens"),
    ({"capacityReservationConfig": {}}, "capacityReservationConfig", "known to the SDK, but not to the provider"),
    ({"instancePools": []}, "instancePools", "no property of this name"),
]


def refused(engine: Engine, token: str, inputs: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(CheckFailedError) as caught:
        engine.check(token, "x", inputs)
    return caught.value.failures


@pytest.mark.parametrize(("inputs", "path", "reason"), REFUSED_OF_A_MODEL)
def test_a_bad_value_of_a_model_is_refused(engine: Engine, inputs: dict[str, Any], path: str, reason: str) -> None:
    """One bad value in a good model is refused with its property path and the reason."""
    assert reason in refused(engine, MODEL, inputs)[path]


@pytest.mark.parametrize(("variant", "path", "reason"), REFUSED_OF_A_VARIANT)
def test_a_bad_value_of_a_variant_is_refused(engine: Engine, variant: dict[str, Any], path: str, reason: str) -> None:
    """One bad value in a good variant is refused with its property path and the reason."""
    failures = refused(engine, CONFIGURATION, configuration(**variant))
    assert reason in failures[f"productionVariants[0].{path}"]


def test_a_configuration_has_one_way_to_its_name(engine: Engine) -> None:
    """A name and a prefix together are refused."""
    inputs = {**configuration(), "name": "a", "namePrefix": "b"}
    assert refused(engine, CONFIGURATION, inputs)["namePrefix"] == "conflicts with name; leave one of them out"


def test_a_shadow_has_one_variant_beside_it(engine: Engine) -> None:
    """A shadow variant goes with exactly one production variant."""
    inputs = {"productionVariants": [VARIANT, {**VARIANT, "variantName": "w"}], "shadowProductionVariants": [VARIANT]}
    reason = "takes one variant, beside one production variant"
    assert refused(engine, CONFIGURATION, inputs)["shadowProductionVariants"] == reason


@pytest.mark.parametrize(("token", "inputs"), [(MODEL, model()), (CONFIGURATION, configuration())])
def test_an_automatic_name_is_short_enough_or_refused(engine: Engine, token: str, inputs: dict[str, Any]) -> None:
    """A logical name whose automatic name would have 64 characters is refused before SageMaker sees it."""
    assert len(engine.check(token, "x" * 55, inputs)["name"]) == 63
    with pytest.raises(CheckFailedError) as caught:
        engine.check(token, "x" * 56, inputs)
    assert caught.value.failures["name"].endswith("has 64 characters, the limit is 63; shorten the resource's name")


REPLACED = [
    (MODEL, model(), model(image=f"{IMAGE}x"), {"primaryContainer.image": "UPDATE_REPLACE"}),
    (
        MODEL,
        model(),
        model(environment={"SM_NUM_GPUS": "2"}),
        {"primaryContainer.environment.SM_NUM_GPUS": "UPDATE_REPLACE"},
    ),
    (MODEL, model(), {**model(), "enableNetworkIsolation": True}, {"enableNetworkIsolation": "ADD_REPLACE"}),
    (MODEL, model(), {**model(), "executionRoleArn": f"{ROLE}2"}, {"executionRoleArn": "UPDATE_REPLACE"}),
    (
        MODEL,
        model(modelDataSource=weights()),
        model(modelDataSource=weights(s3Uri="s3://weights/qwen/")),
        {f"{SOURCE}[0].s3Uri": "UPDATE_REPLACE"},
    ),
    (
        CONFIGURATION,
        configuration(),
        configuration(modelName="m2", instanceType="ml.g5.xlarge", modelDataDownloadTimeoutInSeconds=900),
        {
            "productionVariants[0].modelName": "UPDATE_REPLACE",
            "productionVariants[0].instanceType": "UPDATE_REPLACE",
            "productionVariants[0].modelDataDownloadTimeoutInSeconds": "ADD_REPLACE",
        },
    ),
]


@pytest.mark.parametrize(("token", "old", "new", "kinds"), REPLACED)
def test_every_field_but_the_tags_replaces(
    engine: Engine, token: str, old: dict[str, Any], new: dict[str, Any], kinds: dict[str, str]
) -> None:
    """A model and a configuration cannot be changed: each changed leaf replaces them."""
    checked = engine.check(token, "x", old)
    diff = engine.diff(Deployed(token, "x", "id", checked, checked), new)
    assert diff.kinds == kinds
    assert diff.replaces == sorted(kinds)


def test_a_variant_without_a_name_gets_one(engine: Engine, client: Callable[[str], Any]) -> None:
    """The API wants a name of each variant: the provider makes one, which is no diff later."""
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
        '"Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    )
    role = engine.create("aws:iam/role:Role", "unnamed-role", {"assumeRolePolicy": trust})
    made = engine.create(MODEL, "unnamed", {**model(), "executionRoleArn": role["arn"]})
    inputs = configuration(modelName=made["name"])
    del inputs["productionVariants"][0]["variantName"]
    deployed = engine.create(CONFIGURATION, "unnamed", inputs)
    described = client("sagemaker").describe_endpoint_config(EndpointConfigName=deployed.id)
    [variant] = described["ProductionVariants"]
    assert variant["VariantName"].startswith("terraform-")
    assert deployed["productionVariants"][0]["variantName"] == variant["VariantName"]
    assert engine.diff(deployed, inputs).kinds == {}


def test_a_model_that_is_gone_is_gone(engine: Engine, client: Callable[[str], Any]) -> None:
    """SageMaker has no code of its own for a missing thing: its words say so, and a refresh drops it."""
    assert engine.read(Deployed(MODEL, "gone", "gone", model(), {})) is None
    assert engine.read(Deployed(CONFIGURATION, "gone", "gone", configuration(), {})) is None
    engine.delete(Deployed(MODEL, "gone", "gone", model(), {}))


def test_a_deployment_that_aws_refuses_says_why(engine: Engine) -> None:
    """What only the API can judge, here a role that SageMaker may not take, is its error with its words."""
    with pytest.raises(Exception, match="Could not assume role arn:aws:iam::123456789012:role/sagemaker"):
        engine.create(MODEL, "refused", model())
