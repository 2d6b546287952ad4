"""What is the most that any role of a stack may ever do, whatever policy it is given?

Everything that Berth's own roles do, and nothing on identities: whoever deploys cannot make a role that is more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.foundation.identity_rights import LINKED
from components.foundation.owned import allow, of

if TYPE_CHECKING:
    from components.statements import Statement

# fmt: off
ALLOWED = (
    *of("application-autoscaling", "DeregisterScalableTarget DescribeScalableTargets DescribeScalingPolicies "
                                   "PutScalingPolicy RegisterScalableTarget"),
    *of("autoscaling", "DescribeAutoScalingGroups DescribeScalingActivities TerminateInstanceInAutoScalingGroup"),
    *of("cloudwatch", "DeleteAlarms DescribeAlarms GetMetricData PutMetricAlarm PutMetricData"),
    *of("dynamodb", "DescribeTable GetItem PutItem Query UpdateItem"),
    *of("ec2", "CreateNetworkInterface CreateNetworkInterfacePermission DeleteNetworkInterface "
               "DeleteNetworkInterfacePermission DescribeDhcpOptions DescribeNetworkInterfaces DescribeSecurityGroups "
               "DescribeSubnets DescribeVpcs"),
    *of("ecr", "BatchCheckLayerAvailability BatchGetImage GetAuthorizationToken GetDownloadUrlForLayer"),
    *of("ecs", "DeregisterContainerInstance DescribeContainerInstances DescribeServices DescribeTasks "
               "DiscoverPollEndpoint GetTaskProtection ListContainerInstances ListTasks Poll "
               "RegisterContainerInstance StartTelemetrySession SubmitAttachmentStateChanges "
               "SubmitContainerStateChange SubmitTaskStateChange TagResource UpdateContainerInstancesState "
               "UpdateService UpdateTaskProtection"),
    *of("elasticfilesystem", "ClientMount ClientRootAccess ClientWrite DescribeMountTargets"),
    *of("elasticloadbalancing", "DescribeRules DescribeTargetHealth SetRulePriorities"),
    *of("kms", "Decrypt GenerateDataKey"),
    *of("lambda", "InvokeFunction InvokeFunctionUrl"),
    *of("logs", "CreateLogGroup CreateLogStream DescribeLogStreams PutLogEvents"),
    *of("s3", "GetObject ListBucket"),
    *of("sagemaker", "AddTags CallWithBearerToken CreateEndpoint DeleteEndpoint DescribeEndpoint "
                     "DescribeEndpointConfig InvokeEndpoint InvokeEndpointWithResponseStream ListTags UpdateEndpoint "
                     "UpdateEndpointWeightsAndCapacities"),
    *of("secretsmanager", "GetSecretValue"),
    *of("sns", "Publish"),
    *of("sqs", "SendMessage"),
    *of("ssm", "GetParameter GetParameters PutParameter"),
)
# fmt: on


def boundary(state_bucket_arn: str) -> list[Statement]:
    """Return what roles of stacks may do at most; the states of Pulumi are not theirs."""
    linked = {"StringEquals": {"iam:AWSServiceName": [f"{one}.amazonaws.com" for one in LINKED]}}
    return [
        allow("MostOfAll", ALLOWED),
        allow("LetServicesBegin", of("iam", "CreateServiceLinkedRole"), "*", **linked),
        {
            "Sid": "NoStates",
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": [state_bucket_arn, f"{state_bucket_arn}/*"],
        },
    ]
