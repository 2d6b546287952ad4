"""What must whoever previews a stack be able to look at? Settings and states; never what a secret holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.foundation.owned import Owned, allow, of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.account import Account
    from components.statements import Statement

# fmt: off
_SETTINGS = (
    *of("application-autoscaling", "DescribeScalableTargets DescribeScalingPolicies ListTagsForResource"),
    *of("autoscaling", "DescribeAutoScalingGroups DescribeScalingActivities DescribeTags DescribeLifecycleHooks"),
    *of("cloudwatch", "DescribeAlarms GetMetricData ListTagsForResource"),
    *of("dynamodb", "DescribeContinuousBackups DescribeTable DescribeTimeToLive ListTagsOfResource"),
    *of("ec2", "DescribeAddresses DescribeAddressesAttribute DescribeAvailabilityZones DescribeInstanceTypeOfferings "
               "DescribeInstanceTypes DescribeInternetGateways DescribeLaunchTemplateVersions DescribeLaunchTemplates "
               "DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces DescribePrefixLists "
               "DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets DescribeTags "
               "DescribeVpcAttribute DescribeVpcEndpoints DescribeVpcs GetSecurityGroupsForVpc"),
    *of("ecs", "DescribeCapacityProviders DescribeClusters DescribeServices DescribeTaskDefinition DescribeTasks "
               "ListTagsForResource ListTasks"),
    *of("elasticfilesystem", "DescribeAccessPoints DescribeBackupPolicy DescribeFileSystemPolicy DescribeFileSystems "
                             "DescribeLifecycleConfiguration DescribeMountTargetSecurityGroups DescribeMountTargets "
                             "ListTagsForResource"),
    *of("elasticloadbalancing", "DescribeCapacityReservation DescribeListenerAttributes DescribeListeners "
                                "DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeRules DescribeTags "
                                "DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth"),
    *of("iam", "GetInstanceProfile GetPolicy GetPolicyVersion GetRole GetRolePolicy ListAttachedRolePolicies "
               "ListEntitiesForPolicy ListInstanceProfilesForRole ListPolicyVersions ListRolePolicies"),
    *of("kms", "DescribeKey GetKeyPolicy GetKeyRotationStatus ListAliases ListResourceTags"),
    *of("logs", "DescribeLogGroups ListTagsForResource"),
    *of("sagemaker", "DescribeEndpoint DescribeEndpointConfig DescribeModel ListTags"),
    *of("secretsmanager", "DescribeSecret GetResourcePolicy ListSecrets"),
    *of("servicequotas", "GetServiceQuota"),
    *of("ssm", "DescribeParameters ListTagsForResource"),
    *of("tag", "GetResources"),
)
# fmt: on
_AMIS = "arn:{partition}:ssm:{region}::parameter/aws/service/ecs/*"


def read_settings() -> list[Statement]:
    """Let a role look at what AWS narrows to no resource, or what has no name of ours."""
    return [allow("ReadSettings", _SETTINGS)]


def read_named(account: Account, stacks: Iterable[str]) -> list[Statement]:
    """Let a role look at what carries the names of some stacks."""
    owned = [Owned(account, stack) for stack in stacks]

    def named(service: str, *patterns: str) -> list[str]:
        return [arn for one in owned for arn in one.arn(service, *(text.format(stack=one.stack) for text in patterns))]

    parameters = [*named("ssm", "parameter/berth/{stack}/*"), _AMIS.format(**_place(account))]
    function = (
        "GetFunction GetFunctionCodeSigningConfig GetFunctionConfiguration GetFunctionEventInvokeConfig "
        "GetFunctionUrlConfig GetPolicy ListTags ListVersionsByFunction"
    )
    budgets = [f"arn:{account.partition}:budgets::{account.id}:budget/berth/{one.stack}/*" for one in owned]
    return [
        allow("ReadParameters", of("ssm", "GetParameter GetParameters"), parameters),
        allow("ReadFunctions", of("lambda", function), named("lambda", "function:berth-{stack}-*")),
        allow(
            "ReadTopics",
            of("sns", "GetTopicAttributes ListTagsForResource ListSubscriptionsByTopic GetSubscriptionAttributes"),
            named("sns", "berth-{stack}-*", "berth-{stack}-*:*"),
        ),
        allow("ReadQueues", of("sqs", "GetQueueAttributes GetQueueUrl ListQueueTags"), named("sqs", "berth-{stack}-*")),
        allow(
            "ReadSchedules",
            of("scheduler", "GetSchedule GetScheduleGroup ListTagsForResource"),
            named("scheduler", "schedule/berth-{stack}/*", "schedule-group/berth-{stack}"),
        ),
        allow("ReadBudgets", of("budgets", "ListTagsForResource ViewBudget"), budgets),
    ]


def _place(account: Account) -> dict[str, str]:
    return {"partition": account.partition, "region": account.region}
