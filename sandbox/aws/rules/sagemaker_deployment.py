"""How a SageMaker endpoint changes: one policy, steps within their limits, alarms that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends

from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule
from sandbox.aws.rules.sagemaker import invalid, require, things

if TYPE_CHECKING:
    from sandbox.aws.call import Call

# Traffic routing -> the block that it needs.
_STEP_OF = {"ALL_AT_ONCE": None, "CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
# Percent of the instances, least and most.
_STEP_LIMITS = {"CanarySize": (1, 50), "LinearStepSize": (10, 50), "MaximumBatchSize": (5, 50)}
_STEP_LIMITS |= {"RollbackMaximumBatchSize": (5, 100)}


@rule("sagemaker", "CreateEndpoint", "UpdateEndpoint")
def deployment_has_one_policy(call: Call) -> None:
    deployment = call.params.get("DeploymentConfig", {})
    if {"BlueGreenUpdatePolicy", "RollingUpdatePolicy"} <= deployment.keys():
        raise invalid("BlueGreenUpdatePolicy and RollingUpdatePolicy cannot be specified together")
    routing = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration")
    if routing is not None:
        needed = _STEP_OF[routing["Type"]]
        given = [name for name in ("CanarySize", "LinearStepSize") if name in routing]
        if given != ([needed] if needed else []):
            raise invalid(f"Traffic routing {routing['Type']} takes {needed or 'no step size'}, got {given or 'none'}")


@rule("sagemaker", "CreateEndpoint", "UpdateEndpoint")
def steps_are_within_limits(call: Call) -> None:
    deployment = call.params.get("DeploymentConfig", {})
    routing = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    rolling = deployment.get("RollingUpdatePolicy", {})
    for name, (least, most) in _STEP_LIMITS.items():
        step = routing.get(name) or rolling.get(name)
        if step is None:
            continue
        if step["Type"] == "CAPACITY_PERCENT":
            if not least <= step["Value"] <= most:
                raise invalid(f"{name} must be {least} to {most} percent of the instances, got {step['Value']}")
            continue
        for variant, count in _instance_counts(call).items():
            if not least <= 100 * step["Value"] / count <= most:
                raise invalid(
                    f"{name} must be {least} to {most} percent of the instances; "
                    f"{step['Value']} is not, of the {count} of variant {variant}"
                )


@rule("sagemaker", "CreateEndpoint", "UpdateEndpoint")
def rollback_alarms_exist(call: Call) -> None:
    rollback = call.params.get("DeploymentConfig", {}).get("AutoRollbackConfiguration", {})
    alarms = cloudwatch_backends[ACCOUNT_ID][call.region].alarms
    missing = [alarm["AlarmName"] for alarm in rollback.get("Alarms", []) if alarm["AlarmName"] not in alarms]
    if missing:
        raise invalid(f"Alarm(s) {', '.join(missing)} of AutoRollbackConfiguration do not exist")


def _instance_counts(call: Call) -> dict[str, int]:
    """Instances of each variant that a deployment moves: the running ones, of a new endpoint the configured ones."""
    endpoint: Any = things(call, "endpoint").get(call.params["EndpointName"])
    if endpoint is not None:
        return {
            variant["VariantName"]: variant["CurrentInstanceCount"]
            for variant in endpoint.production_variants
            if "CurrentInstanceCount" in variant
        }
    configuration = require(call, "endpoint-config", call.params["EndpointConfigName"])
    return {
        variant["VariantName"]: variant["InitialInstanceCount"]
        for variant in configuration.production_variants
        if "InitialInstanceCount" in variant
    }
