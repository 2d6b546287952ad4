"""SageMaker endpoints: one change at a time, no other hardware under a scalable target, answers while in service.

No model runs: the answer of an endpoint in service is moto's own constant, and its stream is not implemented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.sagemaker.models import sagemaker_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.patches.sagemaker_change import VARIANT_DIMENSION, change_of, settle
from sandbox.aws.rules.registry import rule
from sandbox.aws.rules.sagemaker import invalid, require

if TYPE_CHECKING:
    from sandbox.aws.call import Call


@rule("sagemaker", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "DeleteEndpoint")
def nothing_is_under_way(call: Call) -> None:
    endpoint = require(call, "endpoint", call.params["EndpointName"])
    if change_of(endpoint):
        raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')


@rule("sagemaker", "UpdateEndpoint")
def scaled_variants_keep_their_hardware(call: Call) -> None:
    endpoint = require(call, "endpoint", call.params["EndpointName"])
    configuration = require(call, "endpoint-config", call.params["EndpointConfigName"])
    new = {variant["VariantName"]: variant.get("InstanceType") for variant in configuration.production_variants}
    targets = applicationautoscaling_backends[ACCOUNT_ID][call.region].targets.get(VARIANT_DIMENSION, {})
    held = [
        variant["VariantName"]
        for variant in endpoint.production_variants
        if f"endpoint/{endpoint.endpoint_name}/variant/{variant['VariantName']}" in targets
        and new.get(variant["VariantName"]) != variant.get("InstanceType")
    ]
    if held:
        raise invalid(
            f"The variant(s) {', '.join(held)} must be deregistered from Application Auto Scaling before they can be "
            "removed or have their instance type updated."
        )


@rule("sagemaker", "UpdateEndpointWeightsAndCapacities")
def variants_are_known_and_stay_awake(call: Call) -> None:
    endpoint = require(call, "endpoint", call.params["EndpointName"])
    wanted = call.params["DesiredWeightsAndCapacities"]
    names = [item["VariantName"] for item in wanted]
    if len(set(names)) < len(names):
        raise invalid(f"The variant name(s) {', '.join(names)} are not unique within the request.")
    known = {variant["VariantName"] for variant in endpoint.production_variants}
    if missing := [name for name in names if name not in known]:
        raise invalid(
            f'The variant name(s) "{", ".join(missing)}" is/are not present within endpoint configuration '
            f'"{endpoint.endpoint_config_name}".'
        )
    if any(item.get("DesiredInstanceCount") == 0 for item in wanted):
        raise invalid("DesiredInstanceCount must be at least 1 for a real-time endpoint")


@rule("sagemaker-runtime", "InvokeEndpoint", "InvokeEndpointAsync", "InvokeEndpointWithResponseStream")
def endpoint_answers(call: Call) -> None:
    backend = sagemaker_backends[ACCOUNT_ID][call.region]
    settle(backend)
    name = call.params["EndpointName"]
    endpoint = backend.endpoints.get(name)
    if endpoint is None or endpoint.endpoint_status not in {"InService", "Updating"}:
        raise AwsError("ValidationError", f"Endpoint {name} of account {ACCOUNT_ID} not found.")
    configuration = backend.endpoint_configs.get(endpoint.endpoint_config_name)
    if call.operation == "InvokeEndpointAsync" and not getattr(configuration, "async_inference_config", None):
        raise AwsError("ValidationError", f"Endpoint {name} of account {ACCOUNT_ID} is not of type async.")
    variant: Any = call.params.get("TargetVariant")
    if variant and variant not in {item["VariantName"] for item in endpoint.production_variants}:
        raise AwsError("ValidationError", f"Variant {variant} was not found for endpoint {name}.")
