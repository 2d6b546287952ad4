"""What AWS refuses and moto alone would accept: duplicates, missing parts, deletions in the wrong order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import SimpleNamespace


@pytest.fixture(scope="module")
def chat(shared_aws, deploy) -> SimpleNamespace:
    """The ids of a deployed service; no test of this module changes it."""
    return deploy(shared_aws)


def trust(statement: str) -> dict[str, str]:
    return {"RoleName": "new", "AssumeRolePolicyDocument": statement}


def scheduled(made: SimpleNamespace, expression: str) -> dict:
    action = {"ScheduledActionName": "a", "ScalableTargetAction": {"MinCapacity": 0}}
    return made.target | action | {"Schedule": expression}


OTHERS = {
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
    "load balancer exists": (
        ("elbv2", "create_load_balancer", lambda m: {"Name": "chat", "Subnets": m.subnets}),
        "DuplicateLoadBalancerName",
        "A load balancer with the same name 'chat' exists, but with different settings",
    ),
    "load balancer in one zone": (
        ("elbv2", "create_load_balancer", lambda m: {"Name": "new", "Subnets": m.subnets[:1]}),
        "ValidationError",
        "At least two subnets in two different Availability Zones must be specified",
    ),
    "listener on a taken port": (
        (
            "elbv2",
            "create_listener",
            lambda m: {"LoadBalancerArn": m.balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": []},
        ),
        "DuplicateListener",
        "A listener already exists on this port for this load balancer ",
    ),
    "TLS without a certificate": (
        (
            "elbv2",
            "create_listener",
            lambda m: {"LoadBalancerArn": m.balancer, "Protocol": "HTTPS", "Port": 443, "DefaultActions": []},
        ),
        "ValidationError",
        "A certificate must be specified for HTTPS listeners",
    ),
    "referenced security group": (
        ("ec2", "delete_security_group", lambda m: {"GroupId": m.alb_group}),
        "DependencyViolation",
        "resource sg-",
    ),
    "duplicate rule": (
        (
            "ec2",
            "authorize_security_group_ingress",
            lambda m: {
                "GroupId": m.task_group,
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 8080,
                        "ToPort": 8080,
                        "UserIdGroupPairs": [{"GroupId": m.alb_group}],
                    }
                ],
            },
        ),
        "InvalidPermission.Duplicate",
        "The specified rule already exists",
    ),
    "subnet in use": (
        ("ec2", "delete_subnet", lambda m: {"SubnetId": m.subnets[0]}),
        "DependencyViolation",
        "The subnet '",
    ),
    "odd retention": (
        ("logs", "put_retention_policy", lambda _: {"logGroupName": "/berth/chat", "retentionInDays": 15}),
        "InvalidParameterException",
        "Value '15' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5",
    ),
    "odd alarm period": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {
                "AlarmName": "a",
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "Period": 17,
            },
        ),
        "ValidationError",
        "Period 17 must be 10, 20, 30 or a multiple of 60",
    ),
    "trust policy that is no JSON": (
        ("iam", "create_role", lambda _: trust("{")),
        "MalformedPolicyDocument",
        "This policy contains invalid Json",
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
    "public load balancer without a gateway": (
        ("elbv2", "create_load_balancer", lambda m: {"Name": "new", "Subnets": m.subnets}),
        "InvalidSubnet",
        "VPC vpc-",
    ),
    "load balancer with a group that is none": (
        (
            "elbv2",
            "create_load_balancer",
            lambda m: {"Name": "new", "Subnets": m.subnets, "Scheme": "internal", "SecurityGroups": ["sg-404"]},
        ),
        "InvalidSecurityGroup",
        "The security group 'sg-404' does not exist",
    ),
    "idle timeout out of range": (
        (
            "elbv2",
            "modify_load_balancer_attributes",
            lambda m: {
                "LoadBalancerArn": m.balancer,
                "Attributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "5000"}],
            },
        ),
        "InvalidConfigurationRequest",
        "idle_timeout.timeout_seconds must be between 1 and 4000, got '5000'",
    ),
    "slow start of least outstanding requests": (
        (
            "elbv2",
            "modify_target_group_attributes",
            lambda m: {
                "TargetGroupArn": m.target_group,
                "Attributes": [
                    {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"},
                    {"Key": "slow_start.duration_seconds", "Value": "60"},
                ],
            },
        ),
        "InvalidConfigurationRequest",
        "Slow start does not go with least_outstanding_requests",
    ),
    "health check slower than its interval": (
        (
            "elbv2",
            "modify_target_group",
            lambda m: {"TargetGroupArn": m.target_group, "HealthCheckTimeoutSeconds": 60},
        ),
        "ValidationError",
        "Health check timeout '60' must be smaller than the interval '30'",
    ),
    "listener without an action": (
        (
            "elbv2",
            "create_listener",
            lambda m: {"LoadBalancerArn": m.balancer, "Protocol": "HTTP", "Port": 81, "DefaultActions": []},
        ),
        "ValidationError",
        "A listener or rule must have an action",
    ),
    "rule without a condition": (
        (
            "elbv2",
            "create_rule",
            lambda m: {
                "ListenerArn": m.listener,
                "Priority": 1,
                "Conditions": [],
                "Actions": [{"Type": "forward", "TargetGroupArn": m.target_group}],
            },
        ),
        "ValidationError",
        "A condition must be specified",
    ),
    "NAT gateway without an internet gateway": (
        ("ec2", "create_nat_gateway", lambda m: {"SubnetId": m.subnets[0], "AllocationId": "eipalloc-1"}),
        "Gateway.NotAttached",
        "Network vpc-",
    ),
    "description of a group that is no ASCII": (
        ("ec2", "create_security_group", lambda m: {"GroupName": "n", "Description": "für", "VpcId": m.vpc}),
        "InvalidParameterValue",
        "Invalid description 'für'",
    ),
    "ports in the wrong order": (
        (
            "ec2",
            "authorize_security_group_ingress",
            lambda m: {
                "GroupId": m.task_group,
                "IpPermissions": [
                    {"IpProtocol": "tcp", "FromPort": 90, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
                ],
            },
        ),
        "InvalidParameterValue",
        "Invalid port range: from 90 to 80",
    ),
    "tag of AWS": (
        ("ec2", "create_tags", lambda m: {"Resources": [m.vpc], "Tags": [{"Key": "aws:x", "Value": "y"}]}),
        "ValidationException",
        "Tag key 'aws:x' is reserved",
    ),
    "tag of AWS in a map": (
        ("logs", "create_log_group", lambda _: {"logGroupName": "new", "tags": {"aws:x": "y"}}),
        "ValidationException",
        "Tag key 'aws:x' is reserved",
    ),
    "parameter too large for its tier": (
        ("ssm", "put_parameter", lambda _: {"Name": "/large", "Type": "String", "Value": "x" * 5000}),
        "ValidationException",
        "Standard tier parameters support a maximum parameter value of 4096 characters.",
    ),
    "alarm without a threshold": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {
                "AlarmName": "a",
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "Statistic": "Sum",
            },
        ),
        "ValidationError",
        "One of Threshold, ThresholdMetricId must be specified",
    ),
    "elastic file system of maxIO": (
        (
            "efs",
            "create_file_system",
            lambda _: {"CreationToken": "a", "PerformanceMode": "maxIO", "ThroughputMode": "elastic"},
        ),
        "BadRequest",
        "Performance mode maxIO does not go with throughput mode elastic",
    ),
    "access point of a missing file system": (
        ("efs", "create_access_point", lambda _: {"ClientToken": "a", "FileSystemId": "fs-0123456789abcdef0"}),
        "FileSystemNotFound",
        "File system 'fs-0123456789abcdef0' does not exist.",
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_aws_refuses_is_refused(shared_aws, chat, case):
    """Duplicate names, missing parts, deletions under something that stands: AWS's code, and nothing changes."""
    (service, operation, params), code, message = OTHERS[case]
    inventory = shared_aws.get("inventory")
    answered_code, answered_message = shared_aws.refused(service, operation, **params(chat))
    assert answered_code == code
    assert answered_message.startswith(message)
    assert shared_aws.get("inventory") == inventory


def test_an_attached_policy_cannot_be_deleted(shared_aws, chat):
    """A customer's policy has to be detached before it is deleted."""
    iam = shared_aws.client("iam")
    document = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
    )
    arn = iam.create_policy(PolicyName="read", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="chat", PolicyArn=arn)
    refusal = ("DeleteConflict", "Cannot delete a policy attached to entities.")
    assert shared_aws.refused("iam", "delete_policy", PolicyArn=arn) == refusal
    iam.detach_role_policy(RoleName="chat", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_removed_leftovers_can_be_deleted(shared_aws, chat):
    """A rule that refers to the group is what keeps it: without the rule only the load balancer does."""
    code, message = shared_aws.refused("ec2", "delete_security_group", GroupId=chat.alb_group)
    assert (code, message) == (
        "DependencyViolation",
        f"resource {chat.alb_group} has a dependent object: a rule of {chat.task_group}",
    )
