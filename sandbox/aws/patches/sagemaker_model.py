"""SageMaker models and endpoint configurations: described with every field that they were made with, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import xform_name
from moto.sagemaker.models import FakeEndpointConfig, Model, SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

if TYPE_CHECKING:
    from moto.core.responses import ActionResult

_DROPPED_OF_MODELS = ("EnableNetworkIsolation", "InferenceExecutionConfig")
_DROPPED_OF_CONFIGURATIONS = (
    *("ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation", "ShadowProductionVariants"),
    *("ExplainerConfig", "MetricsConfig", "CrossRegionTrafficConfig"),
)


def keep_fields_of_models() -> None:
    create = SageMakerResponse.create_model

    def create_model(self: SageMakerResponse) -> ActionResult:
        result = create(self)
        model = self.sagemaker_backend.describe_model(self._get_param("ModelName"))
        for member in _DROPPED_OF_MODELS:
            value = self._get_param(member)
            if value is not None:
                setattr(model, xform_name(member), value)
        for container in (model.primary_container, *model.containers):
            if "Image" in container:
                container.setdefault("Mode", "SingleModel")
        return result

    SageMakerResponse.create_model = create_model


def leave_out_empty_blocks_of_models() -> None:
    _leave_out_empty_blocks(Model)


def accept_every_instance_type() -> None:
    """The check of shapes has refused by now what SageMaker does not know; moto's own list ends years ago."""

    def validate_instance_type(self: FakeEndpointConfig, instance_type: str) -> None:
        pass

    FakeEndpointConfig.validate_instance_type = validate_instance_type


def keep_fields_of_configurations() -> None:
    create = SageMakerResponse.create_endpoint_config

    def create_endpoint_config(self: SageMakerResponse) -> ActionResult:
        result = create(self)
        configuration = self.sagemaker_backend.endpoint_configs[self._get_param("EndpointConfigName")]
        for member in _DROPPED_OF_CONFIGURATIONS:
            value = self._get_param(member)
            if value is not None:
                setattr(configuration, xform_name(member), value)
        for variant in configuration.production_variants:
            variant.setdefault("InitialVariantWeight", 1.0)
        return result

    SageMakerResponse.create_endpoint_config = create_endpoint_config


def leave_out_empty_blocks_of_configurations() -> None:
    _leave_out_empty_blocks(FakeEndpointConfig)


def admit_to_have_no_inference_components() -> None:
    """A variant without a model holds inference components, of which moto has none."""
    validate = SageMakerModelBackend.validate_production_variants

    def validate_production_variants(self: SageMakerModelBackend, production_variants: list[dict[str, Any]]) -> None:
        if any("ModelName" not in variant for variant in production_variants):
            raise NotImplementedError
        validate(self, production_variants)

    SageMakerModelBackend.validate_production_variants = validate_production_variants


def _leave_out_empty_blocks(described: type[Model | FakeEndpointConfig]) -> None:
    describe: Any = described.response_object

    def response_object(self: Model | FakeEndpointConfig) -> dict[str, Any]:
        return {name: value for name, value in describe.fget(self).items() if value not in ({}, [])}

    described.response_object = property(response_object)  # type: ignore[assignment,method-assign]


PATCHES = (
    keep_fields_of_models,
    leave_out_empty_blocks_of_models,
    accept_every_instance_type,
    keep_fields_of_configurations,
    leave_out_empty_blocks_of_configurations,
    admit_to_have_no_inference_components,
)
