"""What may the keeper do to a service? One function for each target, with the names of what it starts and stops.

What AWS lets nobody narrow to a resource is told apart by a condition, or only reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.contracts import METRIC_NAMESPACE, parameter_name
from components.keeper.runtime.config import KeeperConfig
from components.keeper.runtime.targets import ecs
from components.keeper.runtime.targets.ecs import EcsDetails
from components.sagemaker import scaling
from components.sagemaker.wanted import wanted_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.account import Account
    from components.contracts import ParameterKind
    from components.statements import Statement

_READ: tuple[ParameterKind, ...] = ("config", "state", "awake_until", "wake")
_WRITTEN: tuple[ParameterKind, ...] = ("state", "wake")
_TRACKING_ALARMS = "alarm:TargetTracking-"
"""How Application Auto Scaling names the alarms of its policies."""


def shared(account: Account, stack: str) -> list[Statement]:
    """Let the keeper read and write the documents of a stack's services, and publish what it sees."""
    return [
        {
            "Sid": "ReadDocuments",
            "Effect": "Allow",
            "Action": ["ssm:GetParameter", "ssm:GetParameters"],
            "Resource": [_parameter(account, stack, kind) for kind in _READ],
        },
        {
            "Sid": "WriteDocuments",
            "Effect": "Allow",
            "Action": "ssm:PutParameter",
            "Resource": [_parameter(account, stack, kind) for kind in _WRITTEN],
        },
        {
            "Sid": "PublishFigures",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": METRIC_NAMESPACE}},
        },
    ]


def target_statements(account: Account, document: str) -> list[Statement]:
    """Return what the service of a keeper's document needs; raises DocumentError where that is none."""
    config = KeeperConfig.parse(document)
    if config.target == "ecs":
        return of_ecs(account, EcsDetails.parse(config.details))
    if config.target == "sagemaker":
        return of_sagemaker(account, config.details)
    return of_runpod(config.details)


def of_ecs(account: Account, names: EcsDetails) -> list[Statement]:
    """Let the keeper start and stop the tasks of one service, and end its empty instances."""
    reads = ["application-autoscaling:DescribeScalableTargets", "cloudwatch:GetMetricData"]
    statements: list[Statement] = [
        {
            "Sid": "StartAndStop",
            "Effect": "Allow",
            "Action": ["ecs:DescribeServices", "ecs:UpdateService"],
            "Resource": account.arn("ecs", f"service/{names.cluster}/{names.service}"),
        },
        _scale(account, ["RegisterScalableTarget"], ecs.NAMESPACE, ecs.DIMENSION),
    ]
    if names.target_group is not None:
        reads.append("elasticloadbalancing:DescribeTargetHealth")
    if names.asleep_rule is not None:
        reads.append("elasticloadbalancing:DescribeRules")
        statements.append(
            {
                "Sid": "SwitchListener",
                "Effect": "Allow",
                "Action": "elasticloadbalancing:SetRulePriorities",
                "Resource": names.asleep_rule,
            }
        )
    if names.group is not None:
        reads += ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities"]
        statements += _instances(account, names.cluster, names.group)
    return [*statements, _look(*reads)]


def of_sagemaker(account: Account, details: Mapping[str, Any]) -> list[Statement]:
    """Let the keeper make one endpoint from the configurations of the stack, scale it and delete it."""
    wanted = wanted_of(details)
    name = wanted.endpoint_name
    # SageMaker has names in lower case in its ARNs.
    endpoint = sorted({account.arn("sagemaker", f"endpoint/{one}") for one in (name, name.lower())})
    configurations = [account.arn("sagemaker", f"endpoint-config/{one.name}") for one in wanted.configurations]
    own_scaling = "sagemaker.application-autoscaling.amazonaws.com"
    log_group = account.arn("logs", f"log-group:{wanted.log_group}")
    return [
        {
            "Sid": "StartEndpoint",
            "Effect": "Allow",
            "Action": ["sagemaker:AddTags", "sagemaker:CreateEndpoint"],
            "Resource": [*endpoint, *configurations],
        },
        {
            "Sid": "KeepEndpoint",
            "Effect": "Allow",
            "Action": [
                "sagemaker:DeleteEndpoint",
                "sagemaker:DescribeEndpoint",
                "sagemaker:ListTags",
                "sagemaker:UpdateEndpointWeightsAndCapacities",
            ],
            "Resource": endpoint,
        },
        {
            "Sid": "ReadConfiguration",
            "Effect": "Allow",
            "Action": "sagemaker:DescribeEndpointConfig",
            # An endpoint may still be on one of an earlier deployment, whose name nobody knows any more.
            "Resource": account.arn("sagemaker", "endpoint-config/*"),
        },
        _scale(
            account,
            ["DeregisterScalableTarget", "PutScalingPolicy", "RegisterScalableTarget"],
            scaling.NAMESPACE,
            scaling.DIMENSION,
        ),
        {
            "Sid": "AlarmsOfScaling",
            "Effect": "Allow",
            "Action": ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"],
            "Resource": account.arn("cloudwatch", f"{_TRACKING_ALARMS}endpoint/{name}/*"),
        },
        {
            "Sid": "RoleOfScaling",
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            # The first endpoint of an account that is scaled makes it.
            "Resource": f"arn:{account.partition}:iam::{account.id}:role/aws-service-role/{own_scaling}/*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": own_scaling}},
        },
        {
            "Sid": "ExplainFailures",
            "Effect": "Allow",
            "Action": "logs:DescribeLogStreams",
            "Resource": [log_group, f"{log_group}:*"],
        },
        _look(
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData",
        ),
    ]


def of_runpod(details: Mapping[str, Any]) -> list[Statement]:
    """Let the keeper see what a front counts; all else is up to RunPod's key."""
    return [_look("cloudwatch:GetMetricData")] if details.get("front") else []


def _instances(account: Account, cluster: str, group: str) -> list[Statement]:
    cluster_arn = account.arn("ecs", f"cluster/{cluster}")
    return [
        {
            "Sid": "FindInstances",
            "Effect": "Allow",
            "Action": "ecs:ListContainerInstances",
            "Resource": cluster_arn,
        },
        {
            "Sid": "LookAtInstances",
            "Effect": "Allow",
            "Action": ["ecs:DescribeContainerInstances", "ecs:DescribeTasks", "ecs:ListTasks"],
            "Resource": [
                account.arn("ecs", f"container-instance/{cluster}/*"),
                account.arn("ecs", f"task/{cluster}/*"),
            ],
            "Condition": {"ArnEquals": {"ecs:cluster": cluster_arn}},
        },
        {
            "Sid": "EndInstances",
            "Effect": "Allow",
            "Action": "autoscaling:TerminateInstanceInAutoScalingGroup",
            "Resource": account.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{group}"),
        },
    ]


def _scale(account: Account, actions: list[str], namespace: str, dimension: str) -> Statement:
    """Let the keeper register one kind of scalable target; AWS chooses their ids."""
    return {
        "Sid": "Scale",
        "Effect": "Allow",
        "Action": [f"application-autoscaling:{action}" for action in actions],
        "Resource": account.arn("application-autoscaling", "scalable-target/*"),
        "Condition": {
            "StringEquals": {
                "application-autoscaling:service-namespace": namespace,
                "application-autoscaling:scalable-dimension": dimension,
            }
        },
    }


def _look(*actions: str) -> Statement:
    """Let the keeper read what has no resources in IAM."""
    return {"Sid": "Look", "Effect": "Allow", "Action": sorted(actions), "Resource": "*"}


def _parameter(account: Account, stack: str, kind: ParameterKind) -> str:
    return account.arn("ssm", f"parameter{parameter_name(stack, '*', kind)}")
