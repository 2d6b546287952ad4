"""May the keeper do what it does, and nothing else?"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import botocore.session
import pytest

from components.account import Account
from components.keeper import permissions
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.targets.ecs import EcsDetails
from tests.components.sagemaker_api import CAPACITY, START_SECONDS
from tests.components.sagemaker_endpoint import INPUTS, L4, NAME
from tests.keeper.runtime.ecs_account import CLUSTER, DETAILS, GROUP, NOW, RULE, SERVICE, EcsAccount, Instance
from tests.keeper.runtime.test_sagemaker import Kept
from tests.keeper.situation import config

ACCOUNT = Account("aws", "123456789012", "us-east-1")
OF_ECS = ("application-autoscaling", "autoscaling", "cloudwatch", "ecs", "elbv2")
OF_SAGEMAKER = ("application-autoscaling", "cloudwatch", "logs", "sagemaker")
SCALABLE = "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/*"


def actions(statements: list[dict[str, Any]]) -> set[str]:
    """Return everything that some statements allow."""
    found = [one["Action"] for one in statements]
    return {action for one in found for action in ([one] if isinstance(one, str) else one)}


@cache
def owners(services: tuple[str, ...]) -> dict[str, str]:
    """Return the action in IAM of each operation of some services; of what two have, that of the later one."""
    session = botocore.session.get_session()
    return {
        operation: f"{'elasticloadbalancing' if service == 'elbv2' else service}:{operation}"
        for service in services
        for operation in session.get_service_model(service).operation_names
    }


def asked(calls: list[tuple[str, dict[str, Any]]], services: tuple[str, ...]) -> set[str]:
    """Return the actions that some calls took."""
    return {owners(services)[name] for name, _ in calls}


def all_of_ecs() -> set[str]:
    """Return every action that keeping a service on ECS took, from evening to a morning without capacity."""
    stopped = Instance(tasks=("STOPPED/STOPPED",))
    account = EcsAccount(desired=1, running=1, limits=(1, 4), priority=20, instances={"i-1": stopped})
    account.activity = {"StatusCode": "Failed", "StartTime": NOW - timedelta(minutes=1), "StatusMessage": "no"}
    target = account.target()
    target.traffic(NOW - timedelta(minutes=30), NOW)
    for _ in range(2):
        target.sleep(target.capacity(), "hard")
        account.running = 0
        account.instances.setdefault("i-2", Instance())
    account.instances.clear()
    target.wake(target.capacity(), 0)
    with pytest.raises(KeeperError):
        target.wake(target.capacity(), 0)
    return asked(account.calls, OF_ECS)


def all_of_sagemaker() -> set[str]:
    """Return every action that keeping an endpoint took."""
    kept = Kept(inputs={"configurations": [L4]})
    kept.aws.starts["ml.g6.2xlarge"] = "The container did not start."
    kept.wake()
    with pytest.raises(KeeperError):
        kept.passes(START_SECONDS).wake()
    kept.aws.starts.clear()
    kept.passes(60).wake()
    kept.passes(START_SECONDS).wake()
    kept.inputs = {"minReplicas": 2, "maxReplicas": 2}
    kept.wake()
    kept.passes(120)
    kept.aws.endpoints[NAME].config = "chat-config-l4-2"
    kept.sleep()
    return asked(kept.aws.calls, OF_SAGEMAKER)


def test_a_service_on_ecs():
    """Its own service, rule, cluster and group; what has no resources is read alone, or told apart by a condition."""
    here = "arn:aws:%s:us-east-1:123456789012:%s"
    cluster = here % ("ecs", f"cluster/{CLUSTER}")
    statements = permissions.of_ecs(ACCOUNT, EcsDetails.parse(DETAILS))
    assert statements == [
        {
            "Sid": "StartAndStop",
            "Effect": "Allow",
            "Action": ["ecs:DescribeServices", "ecs:UpdateService"],
            "Resource": here % ("ecs", f"service/{CLUSTER}/{SERVICE}"),
        },
        {
            "Sid": "Scale",
            "Effect": "Allow",
            "Action": ["application-autoscaling:RegisterScalableTarget"],
            "Resource": SCALABLE,
            "Condition": {
                "StringEquals": {
                    "application-autoscaling:service-namespace": "ecs",
                    "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
                }
            },
        },
        {
            "Sid": "SwitchListener",
            "Effect": "Allow",
            "Action": "elasticloadbalancing:SetRulePriorities",
            "Resource": RULE,
        },
        {
            "Sid": "FindInstances",
            "Effect": "Allow",
            "Action": "ecs:ListContainerInstances",
            "Resource": cluster,
        },
        {
            "Sid": "LookAtInstances",
            "Effect": "Allow",
            "Action": ["ecs:DescribeContainerInstances", "ecs:DescribeTasks", "ecs:ListTasks"],
            "Resource": [
                here % ("ecs", f"container-instance/{CLUSTER}/*"),
                here % ("ecs", f"task/{CLUSTER}/*"),
            ],
            "Condition": {"ArnEquals": {"ecs:cluster": cluster}},
        },
        {
            "Sid": "EndInstances",
            "Effect": "Allow",
            "Action": "autoscaling:TerminateInstanceInAutoScalingGroup",
            "Resource": here % ("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{GROUP}"),
        },
        {
            "Sid": "Look",
            "Effect": "Allow",
            "Action": [
                "application-autoscaling:DescribeScalableTargets",
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeScalingActivities",
                "cloudwatch:GetMetricData",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            "Resource": "*",
        },
    ]


def test_what_keeping_a_service_on_ecs_takes():
    """Each action that is allowed is used, and each that is used is allowed."""
    assert actions(permissions.of_ecs(ACCOUNT, EcsDetails.parse(DETAILS))) == all_of_ecs()


def test_a_service_on_somebody_else_s_instances():
    """Nothing is allowed that is not there."""
    names = EcsDetails.parse({**DETAILS, "group": None, "target_group": None, "asleep_rule": None})
    assert actions(permissions.of_ecs(ACCOUNT, names)) == {
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:RegisterScalableTarget",
        "cloudwatch:GetMetricData",
        "ecs:DescribeServices",
        "ecs:UpdateService",
    }


def test_what_keeping_an_endpoint_takes():
    """And what AWS asks for besides: tags of what is made, the alarms and the role of its scaling, its figures."""
    statements = permissions.of_sagemaker(ACCOUNT, INPUTS)
    besides = {
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "cloudwatch:PutMetricAlarm",
        "iam:CreateServiceLinkedRole",
        "sagemaker:AddTags",
    }
    assert actions(statements) == all_of_sagemaker() | besides


def test_an_endpoint():
    """Its own, on the configurations of the stack, and nothing of another service's."""
    here = "arn:aws:%s:us-east-1:123456789012:%s"
    endpoint = here % ("sagemaker", f"endpoint/{NAME}")
    by_sid = {one["Sid"]: one for one in permissions.of_sagemaker(ACCOUNT, INPUTS)}
    assert {sid: one["Resource"] for sid, one in by_sid.items()} == {
        "StartEndpoint": [
            endpoint,
            here % ("sagemaker", "endpoint-config/chat-config-l4-1"),
            here % ("sagemaker", "endpoint-config/chat-config-a10g-1"),
        ],
        "KeepEndpoint": [endpoint],
        "ReadConfiguration": here % ("sagemaker", "endpoint-config/*"),
        "Scale": SCALABLE,
        "AlarmsOfScaling": here % ("cloudwatch", f"alarm:TargetTracking-endpoint/{NAME}/*"),
        "RoleOfScaling": "arn:aws:iam::123456789012:role/aws-service-role/"
        "sagemaker.application-autoscaling.amazonaws.com/*",
        "ExplainFailures": [
            here % ("logs", f"log-group:/aws/sagemaker/Endpoints/{NAME}"),
            here % ("logs", f"log-group:/aws/sagemaker/Endpoints/{NAME}:*"),
        ],
        "Look": "*",
    }
    assert by_sid["Scale"]["Condition"]["StringEquals"] == {
        "application-autoscaling:service-namespace": "sagemaker",
        "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
    }
    assert by_sid["RoleOfScaling"]["Condition"]["StringEquals"] == {
        "iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"
    }
    assert all(action.split(":")[1].startswith(("Describe", "Get")) for action in by_sid["Look"]["Action"])


def test_an_endpoint_with_capitals_in_its_name():
    """SageMaker has it in lower case in its ARN."""
    statements = permissions.of_sagemaker(ACCOUNT, {**INPUTS, "endpointName": "Chat"})
    own = next(one["Resource"] for one in statements if one["Sid"] == "KeepEndpoint")
    assert own == [f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{name}" for name in ("Chat", "chat")]


def test_an_endpoint_on_runpod():
    """AWS is asked for nothing but what a front counts."""
    assert permissions.of_runpod({"endpoint_id": "x"}) == []
    assert actions(permissions.of_runpod({"endpoint_id": "x", "front": True})) == {"cloudwatch:GetMetricData"}


def test_what_all_services_share():
    """Their stack's documents, of which it writes two, and one namespace of figures."""
    assert permissions.shared(ACCOUNT, "prod") == [
        {
            "Sid": "ReadDocuments",
            "Effect": "Allow",
            "Action": ["ssm:GetParameter", "ssm:GetParameters"],
            "Resource": [
                f"arn:aws:ssm:us-east-1:123456789012:parameter/berth/prod/*/{kind}"
                for kind in ("config", "state", "awake_until", "wake")
            ],
        },
        {
            "Sid": "WriteDocuments",
            "Effect": "Allow",
            "Action": "ssm:PutParameter",
            "Resource": [
                f"arn:aws:ssm:us-east-1:123456789012:parameter/berth/prod/*/{kind}" for kind in ("state", "wake")
            ],
        },
        {
            "Sid": "PublishFigures",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "Berth"}},
        },
    ]


@pytest.mark.parametrize(
    ("target", "details", "sids"),
    [
        ("ecs", DETAILS, 7),
        ("sagemaker", INPUTS, 8),
        ("runpod", {"endpoint_id": "x", "pools": ["AMPERE_24"]}, 0),
    ],
)
def test_from_a_document(target, details, sids):
    """As the stack has written it."""
    statements = permissions.target_statements(ACCOUNT, config(target=target, details=details).to_json())
    assert len(statements) == len({one["Sid"] for one in statements}) == sids


def test_a_shortage_is_looked_into_without_further_rights():
    """What failed for want of capacity is deleted, and nothing is read of its logs."""
    kept = Kept()
    kept.aws.starts["ml.g6.2xlarge"] = CAPACITY
    kept.wake()
    with pytest.raises(KeeperError):
        kept.passes(START_SECONDS).wake()
    assert asked(kept.aws.calls, OF_SAGEMAKER) <= actions(permissions.of_sagemaker(ACCOUNT, INPUTS))
