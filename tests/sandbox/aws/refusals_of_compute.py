"""What AWS refuses about clusters, instance groups and scaling: call, error code, message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import SimpleNamespace


def mix(made: SimpleNamespace, distribution: dict, template: str | None = None) -> dict:
    """A change of the group `chat` to a mix of purchase options."""
    launch = {"LaunchTemplateSpecification": {"LaunchTemplateId": template or made.template}}
    return {
        "AutoScalingGroupName": "chat",
        "MixedInstancesPolicy": {"InstancesDistribution": distribution, "LaunchTemplate": launch},
    }


COMPUTE = {
    "ecs cluster exists with other settings": (
        (
            "ecs",
            "create_cluster",
            lambda _: {"clusterName": "berth", "settings": [{"name": "containerInsights", "value": "enabled"}]},
        ),
        "InvalidParameterException",
        (
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s): "
            "cluster berth exists with other settings"
        ),
    ),
    "cluster with a setting that is none": (
        (
            "ecs",
            "create_cluster",
            lambda _: {"clusterName": "new", "settings": [{"name": "containerInsights", "value": "yes"}]},
        ),
        "InvalidParameterException",
        "containerInsights takes enabled, disabled or enhanced, got 'yes'.",
    ),
    "scaling steps in the wrong order": (
        (
            "ecs",
            "update_capacity_provider",
            lambda _: {
                "name": "chat",
                "autoScalingGroupProvider": {
                    "managedScaling": {"minimumScalingStepSize": 9, "maximumScalingStepSize": 2}
                },
            },
        ),
        "ClientException",
        "minimumScalingStepSize 9 exceeds maximumScalingStepSize 2.",
    ),
    "cluster with services": (
        ("ecs", "delete_cluster", lambda _: {"cluster": "berth"}),
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
    ),
    "capacity provider exists": (
        (
            "ecs",
            "create_capacity_provider",
            lambda m: {"name": "chat", "autoScalingGroupProvider": {"autoScalingGroupArn": m.group}},
        ),
        "ClientException",
        "The specified capacity provider already exists: chat. To change its configuration, ",
    ),
    "capacity provider with a reserved name": (
        (
            "ecs",
            "create_capacity_provider",
            lambda m: {"name": "ecs-gpu", "autoScalingGroupProvider": {"autoScalingGroupArn": m.group}},
        ),
        "ClientException",
        "The capacity provider name 'ecs-gpu' is invalid: it cannot begin with aws, ecs or fargate.",
    ),
    "capacity provider of a missing group": (
        (
            "ecs",
            "create_capacity_provider",
            lambda _: {"name": "b", "autoScalingGroupProvider": {"autoScalingGroupArn": "arn:x"}},
        ),
        "ClientException",
        "The specified Auto Scaling group ARN is not valid: arn:x",
    ),
    "capacity provider in use by a service": (
        (
            "ecs",
            "put_cluster_capacity_providers",
            lambda _: {"cluster": "berth", "capacityProviders": [], "defaultCapacityProviderStrategy": []},
        ),
        "ResourceInUseException",
        "The specified capacity provider is in use and cannot be removed.",
    ),
    "capacity provider of a cluster": (
        ("ecs", "delete_capacity_provider", lambda _: {"capacityProvider": "chat"}),
        "ResourceInUseException",
        "The capacity provider chat is associated with cluster berth: disassociate it first.",
    ),
    "group exists": (
        (
            "autoscaling",
            "create_auto_scaling_group",
            lambda m: {
                "AutoScalingGroupName": "chat",
                "MinSize": 0,
                "MaxSize": 1,
                "LaunchTemplate": {"LaunchTemplateId": m.template},
            },
        ),
        "AlreadyExists",
        "AutoScalingGroup by this name already exists - A group with the name chat already exists",
    ),
    "group with instances": (
        ("autoscaling", "delete_auto_scaling_group", lambda _: {"AutoScalingGroupName": "chat"}),
        "ResourceInUse",
        "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) ",
    ),
    "group sizes": (
        ("autoscaling", "update_auto_scaling_group", lambda _: {"AutoScalingGroupName": "chat", "MinSize": 4}),
        "ValidationError",
        "Max bound, min bound: min size must not be greater than max size",
    ),
    "group with a missing template version": (
        (
            "autoscaling",
            "update_auto_scaling_group",
            lambda m: {
                "AutoScalingGroupName": "chat",
                "LaunchTemplate": {"LaunchTemplateId": m.template, "Version": "7"},
            },
        ),
        "ValidationError",
        "You must use a valid launch template version, ",
    ),
    "a mix of more than all on demand": (
        (
            "autoscaling",
            "update_auto_scaling_group",
            lambda m: mix(m, {"OnDemandPercentageAboveBaseCapacity": 101}),
        ),
        "ValidationError",
        "OnDemandPercentageAboveBaseCapacity must be between 0 and 100, got 101",
    ),
    "a mix with a strategy that is none": (
        ("autoscaling", "update_auto_scaling_group", lambda m: mix(m, {"SpotAllocationStrategy": "cheapest"})),
        "ValidationError",
        "SpotAllocationStrategy cheapest is not supported: one of lowest-price, ",
    ),
    "a mix with pools beside another strategy": (
        (
            "autoscaling",
            "update_auto_scaling_group",
            lambda m: mix(m, {"SpotInstancePools": 2, "SpotAllocationStrategy": "capacity-optimized"}),
        ),
        "ValidationError",
        "SpotInstancePools option is only available with the lowest-price allocation strategy.",
    ),
    "a mix beside a launch template": (
        (
            "autoscaling",
            "update_auto_scaling_group",
            lambda m: mix(m, {}) | {"LaunchTemplate": {"LaunchTemplateId": m.template}},
        ),
        "ValidationError",
        "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or ",
    ),
    "a mix of a launch template that is not there": (
        (
            "autoscaling",
            "update_auto_scaling_group",
            lambda m: mix(m, {}, template="lt-0123456789abcdef0"),
        ),
        "ValidationError",
        "The specified launch template does not exist: ",
    ),
    "bounds in the wrong order": (
        (
            "application-autoscaling",
            "register_scalable_target",
            lambda m: m.target | {"MinCapacity": 5, "MaxCapacity": 1},
        ),
        "ValidationException",
        "Maximum capacity cannot be less than minimum capacity",
    ),
    "target of a missing service": (
        (
            "application-autoscaling",
            "register_scalable_target",
            lambda m: m.target | {"ResourceId": "service/berth/x", "MinCapacity": 0, "MaxCapacity": 1},
        ),
        "ValidationException",
        "ECS service doesn't exist: service/berth/x",
    ),
    "policy without a target": (
        (
            "application-autoscaling",
            "put_scaling_policy",
            lambda m: m.target | m.tracking | {"ResourceId": "service/berth/x", "PolicyName": "p"},
        ),
        "ObjectNotFoundException",
        "No scalable target registered for service namespace: ecs, resource ID: service/berth/x",
    ),
    "policy without its configuration": (
        (
            "application-autoscaling",
            "put_scaling_policy",
            lambda m: m.target | m.tracking | {"PolicyName": "p", "PolicyType": "StepScaling"},
        ),
        "ValidationException",
        "A policy of type StepScaling needs StepScalingPolicyConfiguration and no other configuration",
    ),
    "cron of another dialect": (
        (
            "application-autoscaling",
            "put_scheduled_action",
            lambda m: m.target | {"ScheduledActionName": "a", "Schedule": "cron(0 8 * * MON-FRI *)"},
        ),
        "ValidationException",
        "Invalid schedule expression: cron(0 8 * * MON-FRI *)",
    ),
    "time zone that is none": (
        (
            "application-autoscaling",
            "put_scheduled_action",
            lambda m: m.target | {"ScheduledActionName": "a", "Schedule": "rate(1 hour)", "Timezone": "Berlin"},
        ),
        "ValidationException",
        "Invalid time zone: Berlin",
    ),
    "cron of an hour that is none": (
        (
            "application-autoscaling",
            "put_scheduled_action",
            lambda m: (
                m.target
                | {
                    "ScheduledActionName": "a",
                    "Schedule": "cron(0 25 * * ? *)",
                    "ScalableTargetAction": {"MinCapacity": 0},
                }
            ),
        ),
        "ValidationException",
        "Invalid schedule expression: cron(0 25 * * ? *)",
    ),
    "rate of one in the plural": (
        (
            "application-autoscaling",
            "put_scheduled_action",
            lambda m: (
                m.target
                | {
                    "ScheduledActionName": "a",
                    "Schedule": "rate(1 minutes)",
                    "ScalableTargetAction": {"MinCapacity": 0},
                }
            ),
        ),
        "ValidationException",
        "Invalid schedule expression: rate(1 minutes)",
    ),
    "moment that is none": (
        (
            "application-autoscaling",
            "put_scheduled_action",
            lambda m: (
                m.target
                | {"ScheduledActionName": "a", "Schedule": "at(tomorrow)", "ScalableTargetAction": {"MinCapacity": 0}}
            ),
        ),
        "ValidationException",
        "Invalid schedule expression: at(tomorrow)",
    ),
    "action that does nothing": (
        (
            "application-autoscaling",
            "put_scheduled_action",
            lambda m: m.target | {"ScheduledActionName": "a", "Schedule": "rate(1 hour)"},
        ),
        "ValidationException",
        "ScalableTargetAction must name MinCapacity, MaxCapacity or both",
    ),
    "metric without a statistic": (
        (
            "application-autoscaling",
            "put_scaling_policy",
            lambda m: (
                m.target
                | {
                    "PolicyName": "p",
                    "PolicyType": "TargetTrackingScaling",
                    "TargetTrackingScalingPolicyConfiguration": {
                        "TargetValue": 1,
                        "CustomizedMetricSpecification": {"MetricName": "m", "Namespace": "n"},
                    },
                }
            ),
        ),
        "ValidationException",
        "A customized metric needs MetricName, Namespace and Statistic, or Metrics",
    ),
    "policy that is not there": (
        ("application-autoscaling", "delete_scaling_policy", lambda m: m.target | {"PolicyName": "none"}),
        "ObjectNotFoundException",
        "No scaling policy found for service namespace: ecs",
    ),
    "scheduled action that is not there": (
        ("application-autoscaling", "delete_scheduled_action", lambda m: m.target | {"ScheduledActionName": "none"}),
        "ObjectNotFoundException",
        "No scheduled action found for service namespace: ecs",
    ),
    "target that is not there": (
        (
            "application-autoscaling",
            "deregister_scalable_target",
            lambda m: m.target | {"ResourceId": "service/berth/none"},
        ),
        "ObjectNotFoundException",
        "No scalable target found for service namespace: ecs",
    ),
    "maintenance without room": (
        (
            "autoscaling",
            "update_auto_scaling_group",
            lambda _: {
                "AutoScalingGroupName": "chat",
                "InstanceMaintenancePolicy": {"MinHealthyPercentage": 50, "MaxHealthyPercentage": 200},
            },
        ),
        "ValidationError",
        "MaxHealthyPercentage 200 must be 100 to 200, and at most 100 above the minimum, 50",
    ),
}
