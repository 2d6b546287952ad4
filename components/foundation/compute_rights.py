"""What must whoever deploys a stack be able to do to what computes: hosts, tasks, endpoints, functions?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.foundation.owned import Owned, allow, of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.statements import Statement

# fmt: off
_GROUPS = (
    "CreateOrUpdateTags DeleteAutoScalingGroup DeleteTags DisableMetricsCollection EnableMetricsCollection "
    "ResumeProcesses SetDesiredCapacity SetInstanceProtection StartInstanceRefresh SuspendProcesses "
    "TerminateInstanceInAutoScalingGroup UpdateAutoScalingGroup"
)
_ECS = (
    "CreateCapacityProvider CreateCluster CreateService DeleteCapacityProvider DeleteCluster DeleteService "
    "DeregisterContainerInstance ListContainerInstances PutClusterCapacityProviders RegisterTaskDefinition TagResource "
    "UntagResource UpdateCapacityProvider UpdateCluster UpdateClusterSettings UpdateService"
)
_SAGEMAKER_CHANGE = (
    "AddTags DeleteEndpoint DeleteEndpointConfig DeleteModel DeleteTags UpdateEndpoint "
    "UpdateEndpointWeightsAndCapacities"
)
_FUNCTIONS = (
    "AddPermission CreateFunction CreateFunctionUrlConfig DeleteFunction DeleteFunctionEventInvokeConfig "
    "DeleteFunctionUrlConfig InvokeFunction PutFunctionEventInvokeConfig RemovePermission TagResource UntagResource "
    "UpdateFunctionCode UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig UpdateFunctionUrlConfig"
)
_SCALING = (
    "DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy RegisterScalableTarget TagResource UntagResource"
)
# fmt: on


def compute_rights(owned: Owned, instance_types: Sequence[str] = ()) -> list[Statement]:
    """Let a role deploy services; with `instance_types` on no other hardware than that."""
    stack = owned.stack
    sagemaker_types = [f"ml.{one}" for one in instance_types]
    hosts: dict[str, Any] = {"StringEquals": {"ec2:InstanceType": list(instance_types)}} if instance_types else {}
    endpoints: dict[str, Any] = (
        {**owned.tagging, "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": sagemaker_types}}
        if instance_types
        else owned.tagging
    )
    instance = owned.arn("ec2", "instance/*")
    # An Auto Scaling group is made only for who could start its instances.
    around = [
        *owned.arn(
            "ec2",
            *(f"{kind}/*" for kind in ("launch-template", "network-interface", "security-group", "subnet", "volume")),
        ),
        f"arn:{owned.account.partition}:ec2:{owned.account.region}::image/*",
    ]
    clusters = owned.arn(
        "ecs",
        *(f"{kind}/berth_{stack}_*" for kind in ("cluster", "service", "task-definition")),
        "capacity-provider/berth-*",
        f"container-instance/berth_{stack}_*",
    )
    return [
        allow("StartInstances", of("ec2", "CreateTags RunInstances"), instance, **hosts),
        allow("StartBesides", of("ec2", "RunInstances"), around),
        allow("MakeGroups", of("autoscaling", "CreateAutoScalingGroup CreateOrUpdateTags"), "*", **owned.tagging),
        allow("ChangeGroups", of("autoscaling", _GROUPS), "*", **owned.tagged),
        allow("Tasks", of("ecs", _ECS), clusters),
        # AWS narrows neither to a resource.
        allow("ForgetTasks", of("ecs", "DeregisterTaskDefinition"), "*"),
        allow(
            "Scaling",
            of("application-autoscaling", _SCALING),
            owned.arn("application-autoscaling", "scalable-target/*"),
        ),
        allow("MakeModels", of("sagemaker", "AddTags CreateEndpoint CreateModel"), "*", **owned.tagging),
        allow("MakeEndpointConfigs", of("sagemaker", "CreateEndpointConfig"), "*", **endpoints),
        # What an endpoint is made of is asked for too; its own name begins with the stack's.
        allow(
            "MakeEndpoints",
            of("sagemaker", "CreateEndpoint UpdateEndpoint"),
            owned.arn("sagemaker", f"endpoint/{stack}-*", "endpoint-config/*"),
        ),
        allow("ChangeModels", of("sagemaker", _SAGEMAKER_CHANGE), "*", **owned.tagged),
        allow("AskModels", of("sagemaker", "InvokeEndpoint"), owned.arn("sagemaker", f"endpoint/{stack}-*")),
        allow("Functions", of("lambda", _FUNCTIONS), owned.arn("lambda", f"function:berth-{stack}-*")),
    ]
