"""What SageMaker refuses of endpoints, and Application Auto Scaling of their variants; in the form of its neighbour."""

from __future__ import annotations

from typing import Any

from tests.sandbox.aws.sagemaker_parts import ARN, ROLLING, TARGET, TRACKING


def update(deployment: dict[str, Any]) -> dict[str, Any]:
    return {"EndpointName": "chat", "EndpointConfigName": "one", "DeploymentConfig": deployment}


def blue_green(kind: str, **more: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": 0, **more}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}


def rolling(kind: str, value: int) -> dict[str, Any]:
    policy = {"MaximumBatchSize": {"Type": kind, "Value": value}, "WaitIntervalInSeconds": 0}
    return {"RollingUpdatePolicy": policy}


def capacity(count: int, name: str = "AllTraffic") -> dict[str, Any]:
    wanted = [{"VariantName": name, "DesiredInstanceCount": count}]
    return {"EndpointName": "chat", "DesiredWeightsAndCapacities": wanted}


ENDPOINTS = {
    "endpoint exists": (
        ("create_endpoint", {"EndpointName": "chat", "EndpointConfigName": "one"}),
        f'Cannot create already existing endpoint "{ARN}:endpoint/chat".',
    ),
    "endpoint of a missing configuration": (
        ("create_endpoint", {"EndpointName": "new", "EndpointConfigName": "none"}),
        f'Could not find endpoint configuration "{ARN}:endpoint-config/none".',
    ),
    "endpoint of a deleted model": (
        ("create_endpoint", {"EndpointName": "new", "EndpointConfigName": "orphan"}),
        f'Could not find model "{ARN}:model/deleted".',
    ),
    "update to a missing configuration": (
        ("update_endpoint", {"EndpointName": "chat", "EndpointConfigName": "none"}),
        f'Could not find endpoint configuration "{ARN}:endpoint-config/none".',
    ),
    **{
        f"{operation} of a missing endpoint": (
            (operation, {"EndpointName": "none", **more}),
            f'Could not find endpoint "{ARN}:endpoint/none".',
        )
        for operation, more in (
            ("update_endpoint", {"EndpointConfigName": "one"}),
            ("delete_endpoint", {}),
            ("describe_endpoint", {}),
            ("update_endpoint_weights_and_capacities", {"DesiredWeightsAndCapacities": [{"VariantName": "v"}]}),
        )
    },
    "two policies": (
        ("update_endpoint", update(ROLLING | blue_green("ALL_AT_ONCE"))),
        "BlueGreenUpdatePolicy and RollingUpdatePolicy cannot be specified together",
    ),
    "canary without its size": (
        ("update_endpoint", update(blue_green("CANARY"))),
        "Traffic routing CANARY takes CanarySize, got none",
    ),
    "step of all at once": (
        ("update_endpoint", update(blue_green("ALL_AT_ONCE", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}))),
        "Traffic routing ALL_AT_ONCE takes no step size, got ['CanarySize']",
    ),
    "small linear step": (
        ("update_endpoint", update(blue_green("LINEAR", LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 5}))),
        "LinearStepSize must be 10 to 50 percent of the instances, got 5",
    ),
    "whole fleet in a batch": (
        ("update_endpoint", update(rolling("INSTANCE_COUNT", 1))),
        "MaximumBatchSize must be 5 to 50 percent of the instances; 1 is not, of the 1 of variant AllTraffic",
    ),
    "batch of 60 percent": (
        ("update_endpoint", update(rolling("CAPACITY_PERCENT", 60))),
        "MaximumBatchSize must be 5 to 50 percent of the instances, got 60",
    ),
    "batch of a new endpoint": (
        ("create_endpoint", update(rolling("INSTANCE_COUNT", 1)) | {"EndpointName": "new"}),
        "MaximumBatchSize must be 5 to 50 percent of the instances; 1 is not, of the 1 of variant AllTraffic",
    ),
    "long execution": (
        (
            "update_endpoint",
            update(
                {
                    "BlueGreenUpdatePolicy": blue_green("ALL_AT_ONCE")["BlueGreenUpdatePolicy"]
                    | {"MaximumExecutionTimeoutInSeconds": 28801}
                }
            ),
        ),
        "1 validation error detected: Value '28801' ",
    ),
    "missing rollback alarm": (
        (
            "update_endpoint",
            update(blue_green("ALL_AT_ONCE") | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "none"}]}}),
        ),
        "Alarm(s) none of AutoRollbackConfiguration do not exist",
    ),
    "no capacity": (
        ("update_endpoint_weights_and_capacities", capacity(0)),
        "DesiredInstanceCount must be at least 1 for a real-time endpoint",
    ),
    "capacity of a missing variant": (
        ("update_endpoint_weights_and_capacities", capacity(2, "none")),
        'The variant name(s) "none" is/are not present within endpoint configuration "one".',
    ),
}
SCALING = {
    "target of a missing endpoint": (
        (
            "register_scalable_target",
            TARGET | {"ResourceId": "endpoint/none/variant/AllTraffic", "MinCapacity": 1, "MaxCapacity": 2},
        ),
        "SageMaker endpoint variant doesn't exist: endpoint/none/variant/AllTraffic",
    ),
    "target of a missing variant": (
        (
            "register_scalable_target",
            TARGET | {"ResourceId": "endpoint/chat/variant/none", "MinCapacity": 1, "MaxCapacity": 2},
        ),
        "SageMaker endpoint variant doesn't exist: endpoint/chat/variant/none",
    ),
    "scale to zero": (
        ("register_scalable_target", TARGET | {"MinCapacity": 0, "MaxCapacity": 2}),
        "Minimum capacity of a SageMaker endpoint variant must be at least 1",
    ),
    "policy before its target": (
        ("put_scaling_policy", TARGET | {"PolicyName": "p"} | TRACKING),
        "No scalable target registered for service namespace: sagemaker, resource ID: endpoint/chat/variant/AllTraffic",
    ),
}
