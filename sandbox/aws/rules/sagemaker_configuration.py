"""SageMaker endpoint configurations: variants whose settings go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.aws.patches.sagemaker_change import deployment_of
from sandbox.aws.rules.registry import rule
from sandbox.aws.rules.sagemaker import arn, invalid, things

if TYPE_CHECKING:
    from sandbox.aws.call import Call

# Families whose instances bring their own NVMe disks: nothing can be attached, nothing can be encrypted.
_NVME_FAMILIES = frozenset(
    (
        *("c5d", "c6gd", "m5d", "m6gd", "r5d", "r6gd", "r7gd", "g4dn", "g5", "g6", "g6e", "g7", "g7e"),
        *("p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200", "trn1", "trn1n", "trn2"),
    )
)
_HARDWARE = ("InstanceType", "ServerlessConfig", "InstancePools")


@rule("sagemaker", "CreateEndpointConfig")
def variants_have_names_of_their_own(call: Call) -> None:
    names = [variant["VariantName"] for variant in _variants(call)]
    if len(set(names)) < len(names):
        raise invalid(f"The variant names {', '.join(names)} are not unique within the request.")


@rule("sagemaker", "CreateEndpointConfig")
def variants_have_hardware(call: Call) -> None:
    for variant in _variants(call):
        name = variant["VariantName"]
        given = [member for member in _HARDWARE if member in variant]
        if len(given) != 1:
            raise invalid(f"Variant {name} needs exactly one of {', '.join(_HARDWARE)}")
        if given != ["ServerlessConfig"] and "ModelName" in variant and "InitialInstanceCount" not in variant:
            raise invalid(f"Variant {name} needs an InitialInstanceCount")


@rule("sagemaker", "CreateEndpointConfig")
def variants_have_a_model_or_components(call: Call) -> None:
    for variant in _variants(call):
        if "ModelName" in variant and "ManagedInstanceScaling" in variant:
            raise invalid("ManagedInstanceScaling is only supported for inference component endpoints.")
        if "ModelName" not in variant and "ExecutionRoleArn" not in call.params:
            raise invalid(f"ExecutionRoleArn is required, since variant {variant['VariantName']} has no ModelName")


@rule("sagemaker", "CreateEndpointConfig")
def local_disks_are_left_alone(call: Call) -> None:
    for variant in _variants(call):
        kind = variant.get("InstanceType", "")
        if kind.removeprefix("ml.").partition(".")[0] in _NVME_FAMILIES:
            for place, member in ((variant, "VolumeSizeInGB"), (call.params, "KmsKeyId")):
                if member in place:
                    raise invalid(f"{member} is not supported for {kind}, which has local instance storage")


@rule("sagemaker", "DeleteEndpointConfig")
def configuration_is_not_needed(call: Call) -> None:
    name = call.params["EndpointConfigName"]
    for endpoint in things(call, "endpoint").values():
        deployed = deployment_of(endpoint)
        if deployed and name in {endpoint.endpoint_config_name, deployed.configuration}:
            raise invalid(
                f'Cannot delete endpoint configuration "{arn(call, "endpoint-config", name)}" while endpoint '
                f'"{endpoint.arn}" is being created or updated with it.'
            )


def _variants(call: Call) -> list[dict[str, Any]]:
    return [*call.params["ProductionVariants"], *call.params.get("ShadowProductionVariants", [])]
