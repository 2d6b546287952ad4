"""How is a group of instances made in the EC2 Auto Scaling API?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.limits import GROUP_METRICS
from sandbox.provider.comparison import Comparison
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, send
from sandbox.provider.rules import arn, between, conflict, each, exactly_one, matches, one_of, ordered
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_TEMPLATE = {
    "launchTemplate.id": "LaunchTemplateId",
    "launchTemplate.name": "LaunchTemplateName",
}
_RENAME = {
    "name": "AutoScalingGroupName",
    "arn": "AutoScalingGroupARN",
    "vpcZoneIdentifiers": "VPCZoneIdentifier",
    "protectFromScaleIn": "NewInstancesProtectedFromScaleIn",
    "launchConfiguration": "LaunchConfigurationName",
    "initialLifecycleHooks": "LifecycleHookSpecificationList",
    "initialLifecycleHooks.name": "LifecycleHookName",
    "initialLifecycleHooks.notificationTargetArn": "NotificationTargetARN",
    "initialLifecycleHooks.roleArn": "RoleARN",
    **_TEMPLATE,
}
_MIX = "mixedInstancesPolicy.instancesDistribution"
_CHANGEABLE = (
    "availabilityZones",
    "capacityRebalance",
    "context",
    "defaultCooldown",
    "defaultInstanceWarmup",
    "desiredCapacity",
    "desiredCapacityType",
    "healthCheckGracePeriod",
    "healthCheckType",
    "instanceMaintenancePolicy",
    "launchTemplate",
    "maxInstanceLifetime",
    "maxSize",
    "minSize",
    "mixedInstancesPolicy",
    "placementGroup",
    "protectFromScaleIn",
    "serviceLinkedRoleArn",
    "terminationPolicies",
    "vpcZoneIdentifiers",
)


def _api_form(props: Props) -> Props:
    props = dict(props)
    subnets = props.get("vpcZoneIdentifiers")
    if isinstance(subnets, list):
        known = [subnet for subnet in subnets if subnet is not UNKNOWN]
        props["vpcZoneIdentifiers"] = ",".join(known) if known or not subnets else UNKNOWN
    tags = props.get("tags")
    if isinstance(tags, list):
        props["tags"] = [_group_tag(tag, props.get("name")) for tag in tags]
    return props


def _group_tag(tag: Any, name: Any) -> Any:
    return {**tag, "resourceId": name, "resourceType": "auto-scaling-group"} if isinstance(tag, dict) and name else tag


def _group(aws: Aws, group: Instance) -> Answer | None:
    answer = aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group.id])
    found = first(answer, "AutoScalingGroups")
    return found if found and "Delete in progress" not in str(found.get("Status")) else None


def _complete(_aws: Aws, answer: Answer, found: Props, group: Instance) -> None:
    subnets = answer.get("VPCZoneIdentifier") or ""
    found["vpcZoneIdentifiers"] = [subnet for subnet in subnets.split(",") if subnet]
    if found["vpcZoneIdentifiers"]:
        found["availabilityZones"] = answer.get("AvailabilityZones", [])
    found["tags"] = [
        {"key": tag["Key"], "value": tag.get("Value", ""), "propagateAtLaunch": bool(tag.get("PropagateAtLaunch"))}
        for tag in answer.get("Tags", [])
        if not tag["Key"].startswith("aws:")
    ]
    found["enabledMetrics"] = [item["Metric"] for item in answer.get("EnabledMetrics", [])]
    found["suspendedProcesses"] = [item["ProcessName"] for item in answer.get("SuspendedProcesses", [])]
    found["predictedCapacity"] = answer.get("PredictedCapacity", 0)
    found["warmPoolSize"] = answer.get("WarmPoolSize", 0)
    found.pop("initialLifecycleHooks", None)
    found["warmPool"] = _warm_pool_of(answer)
    written = group.get("launchTemplate") or {}
    template = found.get("launchTemplate")
    if template and written and "version" not in written:
        template.pop("version", None)


def _warm_pool_of(answer: Answer) -> Props | None:
    pool = answer.get("WarmPoolConfiguration")
    if not pool or pool.get("Status") == "PendingDelete":
        return None
    reuse = (pool.get("InstanceReusePolicy") or {}).get("ReuseOnScaleIn")
    return {
        "poolState": pool.get("PoolState", "Stopped"),
        "minSize": pool.get("MinSize", 0),
        "maxGroupPreparedCapacity": pool.get("MaxGroupPreparedCapacity"),
        "instanceReusePolicy": None if reuse is None else {"reuseOnScaleIn": reuse},
    }


def _update(aws: Aws, group: Instance) -> None:
    wanted = {name: group[name] for name in _CHANGEABLE if group.get(name) is not None}
    if wanted.get("vpcZoneIdentifiers"):
        wanted.pop("availabilityZones", None)
    call = Call("update_auto_scaling_group", _api_form, _RENAME)
    send(aws, "autoscaling", call, wanted, {"AutoScalingGroupName": group.id})


def _set_tags(aws: Aws, group: Instance) -> None:
    wanted = {tag["key"]: tag for tag in group.get("tags") or []}
    gone = [tag for tag in group.old.get("tags") or [] if tag["key"] not in wanted]
    client = aws("autoscaling")
    if gone:
        client.delete_tags(Tags=[_api_tag(tag, group.id) for tag in gone])
    if wanted:
        client.create_or_update_tags(Tags=[_api_tag(tag, group.id) for tag in wanted.values()])


def _api_tag(tag: Props, name: str) -> dict[str, Any]:
    return {
        "ResourceId": name,
        "ResourceType": "auto-scaling-group",
        "Key": tag["key"],
        "Value": tag["value"],
        "PropagateAtLaunch": tag["propagateAtLaunch"],
    }


def _set_metrics(aws: Aws, group: Instance) -> None:
    old, new = set(group.old.get("enabledMetrics") or []), set(group.get("enabledMetrics") or [])
    if old - new:
        aws("autoscaling").disable_metrics_collection(AutoScalingGroupName=group.id, Metrics=sorted(old - new))
    if new - old:
        aws("autoscaling").enable_metrics_collection(
            AutoScalingGroupName=group.id, Metrics=sorted(new), Granularity="1Minute"
        )


def _set_suspended(aws: Aws, group: Instance) -> None:
    old, new = set(group.old.get("suspendedProcesses") or []), set(group.get("suspendedProcesses") or [])
    if old - new:
        aws("autoscaling").resume_processes(AutoScalingGroupName=group.id, ScalingProcesses=sorted(old - new))
    if new - old:
        aws("autoscaling").suspend_processes(AutoScalingGroupName=group.id, ScalingProcesses=sorted(new - old))


def _set_warm_pool(aws: Aws, group: Instance) -> None:
    client = aws("autoscaling")
    pool = group.get("warmPool")
    if pool is None:
        client.delete_warm_pool(AutoScalingGroupName=group.id, ForceDelete=bool(group.get("forceDeleteWarmPool")))
    else:
        send(aws, "autoscaling", Call("put_warm_pool"), pool, {"AutoScalingGroupName": group.id})


def _delete(aws: Aws, group: Instance) -> None:
    client = aws("autoscaling")
    force = bool(group.get("forceDelete"))
    if _group(aws, group) is None:
        return
    if not force:
        client.update_auto_scaling_group(AutoScalingGroupName=group.id, MinSize=0, MaxSize=0, DesiredCapacity=0)
    client.delete_auto_scaling_group(AutoScalingGroupName=group.id, ForceDelete=force)


def _maintenance(block: Any) -> str | None:
    high, low = block.get("maxHealthyPercentage"), block.get("minHealthyPercentage")
    if isinstance(high, int) and high != -1 and not 100 <= high <= 200:  # noqa: PLR2004
        return f"maxHealthyPercentage: expected 100 to 200 or -1, got {high}"
    if isinstance(low, int) and isinstance(high, int) and -1 not in (low, high) and high - low > 100:  # noqa: PLR2004
        return f"maxHealthyPercentage {high} is more than 100 above minHealthyPercentage {low}"
    return None


GROUP = Resource(
    type_name="aws:autoscaling/group:Group",
    service="autoscaling",
    create=Call("create_auto_scaling_group", _api_form),
    identify=lambda _, props: props["name"],
    read=_group,
    delete=_delete,
    steps=(
        Step(_CHANGEABLE, _update, on_create=False),
        Step(("tags",), _set_tags, on_create=False),
        Step(("enabledMetrics",), _set_metrics),
        Step(("suspendedProcesses",), _set_suspended),
        Step(("warmPool",), _set_warm_pool),
    ),
    finish=_complete,
    rename=_RENAME,
    local=(
        "forceDelete",
        "forceDeleteWarmPool",
        "ignoreFailedScalingActivities",
        "metricsGranularity",
        "waitForCapacityTimeout",
        "waitForElbCapacity",
        "minElbCapacity",
    ),
    defaults={
        "forceDelete": False,
        "forceDeleteWarmPool": False,
        "healthCheckGracePeriod": 300,
        "ignoreFailedScalingActivities": False,
        "metricsGranularity": "1Minute",
        "protectFromScaleIn": False,
        "waitForCapacityTimeout": "10m",
    },
    computed=(
        "availabilityZones",
        "capacityReservationSpecification",
        "availabilityZoneDistribution",
        "defaultCooldown",
        "desiredCapacity",
        "healthCheckType",
        "launchTemplate.id",
        "launchTemplate.name",
        "launchTemplate.version",
        "loadBalancers",
        "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateId",
        "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateName",
        f"{_MIX}.onDemandAllocationStrategy",
        f"{_MIX}.onDemandBaseCapacity",
        f"{_MIX}.onDemandPercentageAboveBaseCapacity",
        f"{_MIX}.spotAllocationStrategy",
        f"{_MIX}.spotInstancePools",
        "serviceLinkedRoleArn",
        "targetGroupArns",
        "trafficSources",
        "vpcZoneIdentifiers",
    ),
    reflects=("predictedCapacity", "warmPoolSize"),
    comparison=Comparison(
        sets=(
            "vpcZoneIdentifiers",
            "availabilityZones",
            "tags",
            "enabledMetrics",
            "suspendedProcesses",
            "targetGroupArns",
        )
    ),
    rules=(
        exactly_one("launchTemplate", "mixedInstancesPolicy", "launchConfiguration"),
        conflict("vpcZoneIdentifiers", "availabilityZones"),
        conflict("name", "namePrefix"),
        each("launchTemplate", lambda block: "id conflicts with name" if {"id", "name"} <= block.keys() else None),
        ordered("minSize", "maxSize"),
        ordered("minSize", "desiredCapacity"),
        ordered("desiredCapacity", "maxSize"),
        one_of("healthCheckType", "EC2", "ELB", "EBS", "VPC_LATTICE"),
        between("maxInstanceLifetime", 86400, 31536000, 0),
        each("instanceMaintenancePolicy", _maintenance),
        one_of("enabledMetrics", *GROUP_METRICS),
        between(f"{_MIX}.onDemandPercentageAboveBaseCapacity", 0, 100),
        one_of(f"{_MIX}.onDemandAllocationStrategy", "lowest-price", "prioritized"),
        one_of(
            f"{_MIX}.spotAllocationStrategy",
            "lowest-price",
            "capacity-optimized",
            "capacity-optimized-prioritized",
            "price-capacity-optimized",
        ),
        one_of("warmPool.poolState", "Stopped", "Running", "Hibernated"),
        matches("waitForCapacityTimeout", r"0|(\d+(\.\d+)?(ms|s|m|h))+", "invalid duration"),
        arn("serviceLinkedRoleArn"),
    ),
)

ENTRIES = (GROUP,)
