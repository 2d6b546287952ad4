"""SageMaker endpoints: they take their time to be created, updated and deleted, and can be updated at all."""

from __future__ import annotations

from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.core.responses import ActionResult
from moto.sagemaker.models import FakeEndpoint, SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from sandbox.aws.patches.sagemaker_change import (
    VARIANT_DIMENSION,
    begin,
    configured_variants,
    deployment_of,
    finish,
    moment,
    retain,
    scale,
    settle,
)

# An attribute that moto's endpoints have of us.
_DEPLOYMENT = "deployment_config"


def create_endpoints_in_time() -> None:
    def create_endpoint(self: SageMakerResponse) -> ActionResult:
        backend, name = self.sagemaker_backend, self._get_param("EndpointName")
        wanted = self._get_param("EndpointConfigName")
        endpoint: Any = FakeEndpoint(
            account_id=backend.account_id,
            region_name=backend.region_name,
            endpoint_name=name,
            endpoint_config_name=wanted,
            production_variants=[],
            data_capture_config={},
            tags=self._get_param("Tags") or [],
        )
        setattr(endpoint, _DEPLOYMENT, self._get_param("DeploymentConfig"))
        backend.endpoints[name] = endpoint
        begin(endpoint, "Creating", wanted, configured_variants(backend, wanted))
        return ActionResult({"EndpointArn": endpoint.arn})

    SageMakerResponse.create_endpoint = create_endpoint


def describe_endpoints_by_the_clock() -> None:
    describe, list_all = SageMakerModelBackend.describe_endpoint, SageMakerModelBackend.list_endpoints

    def describe_endpoint(self: SageMakerModelBackend, endpoint_name: str) -> dict[str, Any]:
        settle(self)
        return describe(self, endpoint_name)

    def list_endpoints(self: SageMakerModelBackend, *args: Any, **kwargs: Any) -> Any:
        settle(self)
        return list_all(self, *args, **kwargs)

    def response_object(self: FakeEndpoint) -> dict[str, Any]:
        described = {
            "EndpointName": self.endpoint_name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.endpoint_config_name,
            "ProductionVariants": self.production_variants,
            "EndpointStatus": self.endpoint_status,
            "CreationTime": self.creation_time,
            "LastModifiedTime": self.last_modified_time,
            "LastDeploymentConfig": getattr(self, _DEPLOYMENT, None),
            "PendingDeploymentSummary": _pending(self),
        }
        return {name: value for name, value in described.items() if value not in (None, [])}

    SageMakerModelBackend.describe_endpoint = describe_endpoint  # type: ignore[method-assign]
    SageMakerModelBackend.list_endpoints = list_endpoints  # type: ignore[method-assign]
    FakeEndpoint.response_object = property(response_object)  # type: ignore[assignment,method-assign]


def update_endpoints() -> None:
    def update_endpoint(self: SageMakerResponse) -> ActionResult:
        backend = self.sagemaker_backend
        endpoint, wanted = backend.endpoints[self._get_param("EndpointName")], self._get_param("EndpointConfigName")
        finish(endpoint)
        variants = configured_variants(backend, wanted)
        if self._get_param("RetainAllVariantProperties"):
            excluded = self._get_param("ExcludeRetainedVariantProperties") or []
            retain(endpoint.production_variants, variants, {item["VariantPropertyType"] for item in excluded})
        if not self._get_param("RetainDeploymentConfig"):
            setattr(endpoint, _DEPLOYMENT, self._get_param("DeploymentConfig"))
        begin(endpoint, "Updating", wanted, variants)
        return ActionResult({"EndpointArn": endpoint.arn})

    SageMakerResponse.update_endpoint = update_endpoint  # type: ignore[attr-defined]


def scale_endpoints_in_time() -> None:
    def update_endpoint_weights_and_capacities(self: SageMakerResponse) -> ActionResult:
        endpoint = self.sagemaker_backend.endpoints[self._get_param("EndpointName")]
        wanted = self._get_param("DesiredWeightsAndCapacities")
        scale(
            endpoint,
            {item["VariantName"]: item["DesiredInstanceCount"] for item in wanted if "DesiredInstanceCount" in item},
            {item["VariantName"]: item["DesiredWeight"] for item in wanted if "DesiredWeight" in item},
        )
        return ActionResult({"EndpointArn": endpoint.arn})

    SageMakerResponse.update_endpoint_weights_and_capacities = update_endpoint_weights_and_capacities


def delete_endpoints_with_their_targets() -> None:
    def delete_endpoint(self: SageMakerModelBackend, endpoint_name: str) -> None:
        endpoint = self.endpoints[endpoint_name]
        finish(endpoint)
        scaling = applicationautoscaling_backends[self.account_id][self.region_name]
        prefix = f"endpoint/{endpoint_name}/variant/"
        for resource in [name for name in scaling.targets.get(VARIANT_DIMENSION, {}) if name.startswith(prefix)]:
            scaling.deregister_scalable_target("sagemaker", resource, VARIANT_DIMENSION)
        begin(endpoint, "Deleting", endpoint.endpoint_config_name, endpoint.production_variants)

    SageMakerModelBackend.delete_endpoint = delete_endpoint  # type: ignore[method-assign]


def _pending(endpoint: FakeEndpoint) -> dict[str, Any] | None:
    change = deployment_of(endpoint)
    if change is None:
        return None
    waiting = [{"Status": "Creating", "StartTime": moment(change.begun)}]
    variants = [{**variant, "CurrentInstanceCount": 0, "VariantStatus": waiting} for variant in change.variants]
    return {
        "EndpointConfigName": change.configuration,
        "ProductionVariants": variants,
        "StartTime": moment(change.begun),
    }


PATCHES = (
    create_endpoints_in_time,
    describe_endpoints_by_the_clock,
    update_endpoints,
    scale_endpoints_in_time,
    delete_endpoints_with_their_targets,
)
