"""EC2 Auto Scaling: unique names, sizes in order, no deletion under running instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.autoscaling.models import autoscaling_backends
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_STRATEGIES = {
    "OnDemandAllocationStrategy": ("lowest-price", "prioritized"),
    "SpotAllocationStrategy": (
        "lowest-price",
        "capacity-optimized",
        "capacity-optimized-prioritized",
        "price-capacity-optimized",
    ),
}
_SHORTEST_LIFETIME, _LONGEST_LIFETIME = 86_400, 31_536_000


@rule("autoscaling", "CreateAutoScalingGroup")
def name_is_free(call: Call) -> None:
    name = call.params["AutoScalingGroupName"]
    if _group(call) is not None:
        raise AwsError(
            "AlreadyExists",
            f"AutoScalingGroup by this name already exists - A group with the name {name} already exists",
        )


@rule("autoscaling", "UpdateAutoScalingGroup", "DeleteAutoScalingGroup", "SetDesiredCapacity", "PutLifecycleHook")
def group_exists(call: Call) -> None:
    if _group(call) is None:
        raise _invalid(
            f"AutoScalingGroup name not found - AutoScalingGroup '{call.params['AutoScalingGroupName']}' not found"
        )


@rule("autoscaling", "TerminateInstanceInAutoScalingGroup")
def instance_can_go(call: Call) -> None:
    instance = call.params["InstanceId"]
    for group in autoscaling_backends[ACCOUNT_ID][call.region].autoscaling_groups.values():
        if any(state.instance.id == instance for state in group.instance_states):
            break
    else:
        raise _invalid(f"Instance Id not found - No managed instance found for instance ID: {instance}")
    if call.params["ShouldDecrementDesiredCapacity"] and (group.desired_capacity or 0) <= (group.min_size or 0):
        raise _invalid(
            f"Currently, desiredSize equals minSize ({group.min_size}). Terminating instance without replacement will "
            "violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower "
            "group's min size."
        )


@rule("autoscaling", "CreateAutoScalingGroup", "UpdateAutoScalingGroup", "SetDesiredCapacity")
def sizes_are_in_order(call: Call) -> None:
    group = _group(call)
    low = call.params.get("MinSize", getattr(group, "min_size", None))
    high = call.params.get("MaxSize", getattr(group, "max_size", None))
    wanted = call.params.get("DesiredCapacity")
    if low is None or high is None:
        return  # a group that does not exist, or a required member: other checks say so
    if low > high:
        raise _invalid("Max bound, min bound: min size must not be greater than max size")
    if wanted is not None and not low <= wanted <= high:
        bound, word = (low, "less than min size") if wanted < low else (high, "greater than max size")
        raise _invalid(f"Desired capacity:{wanted} must not be {word}:{bound}")


@rule("autoscaling", "CreateAutoScalingGroup", "UpdateAutoScalingGroup")
def settings_are_legal(call: Call) -> None:
    kinds = str(call.params.get("HealthCheckType", "EC2")).split(",")
    unknown = [kind for kind in kinds if kind not in {"EC2", "ELB", "EBS", "VPC_LATTICE"}]
    if unknown:
        raise _invalid(f"Invalid HealthCheckType {unknown[0]}: one of EC2, ELB, EBS, VPC_LATTICE")
    lifetime = call.params.get("MaxInstanceLifetime", 0)
    if lifetime and not _SHORTEST_LIFETIME <= lifetime <= _LONGEST_LIFETIME:
        raise _invalid("MaxInstanceLifetime must be between 86400 and 31536000 seconds, or 0")
    maintenance = call.params.get("InstanceMaintenancePolicy", {})
    low, high = maintenance.get("MinHealthyPercentage", -1), maintenance.get("MaxHealthyPercentage", -1)
    if -1 not in (low, high) and not low <= 100 <= high <= low + 100:  # noqa: PLR2004 - percent
        raise _invalid(f"MaxHealthyPercentage {high} must be 100 to 200, and at most 100 above the minimum, {low}")
    subnets = ec2_backends[ACCOUNT_ID][call.region].subnets
    known = {subnet_id for by_zone in subnets.values() for subnet_id in by_zone}
    for subnet in str(call.params.get("VPCZoneIdentifier", "")).split(","):
        if subnet and subnet.strip() not in known:
            raise _invalid(f"The subnet ID '{subnet.strip()}' does not exist")
    for arn in call.params.get("TargetGroupARNs", []):
        if arn not in elbv2_backends[ACCOUNT_ID][call.region].target_groups:
            raise _invalid(f"Provided Target Groups may not be valid: {arn}")


@rule("autoscaling", "CreateAutoScalingGroup", "UpdateAutoScalingGroup")
def launch_template_exists(call: Call) -> None:
    policy = call.params.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    wanted = call.params.get("LaunchTemplate") or policy.get("LaunchTemplateSpecification")
    if wanted is None:
        return
    templates = ec2_backends[ACCOUNT_ID][call.region].launch_templates
    names = {template.name: template for template in templates.values()}
    template = templates.get(wanted.get("LaunchTemplateId")) or names.get(wanted.get("LaunchTemplateName"))
    if template is None:
        raise _invalid(f"The specified launch template does not exist: {wanted}")
    version = str(wanted.get("Version", "$Default"))
    if version.isdigit() and not 1 <= int(version) <= len(template.versions):
        raise _invalid(f"You must use a valid launch template version, {template.id} has no version {version}")


@rule("autoscaling", "CreateAutoScalingGroup", "UpdateAutoScalingGroup")
def mix_is_legal(call: Call) -> None:
    policy = call.params.get("MixedInstancesPolicy")
    if policy is None:
        return
    if call.params.get("LaunchTemplate"):
        raise _invalid(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or "
            "MixedInstancesPolicy parameter."
        )
    mix = policy.get("InstancesDistribution", {})
    percent = mix.get("OnDemandPercentageAboveBaseCapacity", 100)
    if not 0 <= percent <= 100:  # noqa: PLR2004 - percent
        raise _invalid(f"OnDemandPercentageAboveBaseCapacity must be between 0 and 100, got {percent}")
    for member, allowed in _STRATEGIES.items():
        if mix.get(member, allowed[0]) not in allowed:
            raise _invalid(f"{member} {mix[member]} is not supported: one of {', '.join(allowed)}")
    if "SpotInstancePools" in mix and mix.get("SpotAllocationStrategy", "lowest-price") != "lowest-price":
        raise _invalid("SpotInstancePools option is only available with the lowest-price allocation strategy.")


@rule("autoscaling", "DeleteAutoScalingGroup")
def group_is_empty(call: Call) -> None:
    group = _group(call)
    if group is not None and group.instance_states and not call.params.get("ForceDelete"):
        raise AwsError(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
            "still in the group.",
        )


def _group(call: Call) -> Any:
    return autoscaling_backends[ACCOUNT_ID][call.region].autoscaling_groups.get(call.params["AutoScalingGroupName"])


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
