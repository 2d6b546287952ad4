"""What is a change, and which change replaces?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from provider_case import TRUST, containers, dashboard
from provider_engine import Deployed, Diff, Engine

from sandbox.provider.values import UNKNOWN

ASG_ARN = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:x:autoScalingGroupName/"
TASK = {"family": "f", "containerDefinitions": containers("vllm:1"), "volumes": [{"name": "models"}]}


def _diff(
    engine: Engine, token: str, old: dict[str, Any], new: dict[str, Any], state: dict[str, Any] | None = None
) -> Diff:
    checked = engine.check(token, "x", old)
    return engine.diff(Deployed(token, "x", "id", checked, {**checked, **(state or {})}), new)


LEAVES = [
    ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, {"cidrBlock": "UPDATE_REPLACE"}),
    (
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1", "b": "2"}},
        {"cidrBlock": "10.0.0.0/16", "tags": {"a": "3", "c.d": "4"}},
        {"tags.a": "UPDATE", "tags.b": "DELETE", 'tags["c.d"]': "ADD"},
    ),
    (
        "aws:ecs/capacityProvider:CapacityProvider",
        {"autoScalingGroupProvider": {"autoScalingGroupArn": f"{ASG_ARN}a", "managedScaling": {"targetCapacity": 90}}},
        {"autoScalingGroupProvider": {"autoScalingGroupArn": f"{ASG_ARN}b", "managedScaling": {"targetCapacity": 100}}},
        {
            "autoScalingGroupProvider.autoScalingGroupArn": "UPDATE_REPLACE",
            "autoScalingGroupProvider.managedScaling.targetCapacity": "UPDATE",
        },
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        TASK,
        {**TASK, "containerDefinitions": containers("vllm:2")},
        {"containerDefinitions": "UPDATE_REPLACE"},
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {"description": "a"},
        {"description": "b"},
        {"description": "UPDATE_REPLACE"},
    ),
    (
        "aws:lb/targetGroup:TargetGroup",
        {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1", "healthCheck": {"path": "/a"}},
        {"port": 81, "protocol": "HTTP", "vpcId": "vpc-1", "healthCheck": {"path": "/b"}},
        {"port": "UPDATE_REPLACE", "healthCheck.path": "UPDATE"},
    ),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        {"retentionInDays": 30},
        {},
        {"retentionInDays": "UPDATE"},
    ),
    (
        "aws:autoscaling/group:Group",
        {"minSize": 0, "maxSize": 1, "launchTemplate": {"id": "lt-1"}, "vpcZoneIdentifiers": ["subnet-a", "subnet-b"]},
        {"minSize": 0, "maxSize": 1, "launchTemplate": {"id": "lt-1"}, "vpcZoneIdentifiers": ["subnet-c", "subnet-a"]},
        {"vpcZoneIdentifiers[0]": "UPDATE"},
    ),
    (
        "aws:autoscaling/group:Group",
        {"minSize": 0, "maxSize": 1, "launchTemplate": {"id": "lt-1"}},
        {
            "minSize": 0,
            "maxSize": 1,
            "mixedInstancesPolicy": {"launchTemplate": {"launchTemplateSpecification": {"launchTemplateId": "lt-1"}}},
        },
        {"mixedInstancesPolicy": "ADD", "launchTemplate": "DELETE"},
    ),
]


@pytest.mark.parametrize(("token", "old", "new", "kinds"), LEAVES)
def test_a_change_is_found_at_its_leaf(
    engine: Engine, token: str, old: dict[str, Any], new: dict[str, Any], kinds: dict[str, str]
) -> None:
    """Each changed leaf has its own path and kind, and only a flagged leaf replaces."""
    diff = _diff(engine, token, old, new)
    assert diff.kinds == kinds
    assert diff.replaces == sorted(path for path, kind in kinds.items() if kind.endswith("_REPLACE"))


def _rewritten(document: str) -> str:
    return json.dumps(json.loads(document), indent=3, sort_keys=True)


def _loosely(document: str) -> str:
    definitions = json.loads(document)
    for container in definitions:
        container |= {"cpu": 0, "volumesFrom": [], "privileged": None, "essential": container.get("essential", True)}
        container["environment"] = list(reversed(container.get("environment", [])))
        for port in container.get("portMappings", []):
            port |= {"protocol": "tcp", "hostPort": port["containerPort"]}
    return json.dumps(list(reversed(definitions)))


ONE_ACTION = json.loads(TRUST)
ONE_ACTION["Statement"][0]["Action"] = ["sts:AssumeRole"]

EQUAL = [
    ("aws:iam/role:Role", "assumeRolePolicy", {}, TRUST, _rewritten(TRUST)),
    ("aws:iam/role:Role", "assumeRolePolicy", {}, TRUST, json.dumps(ONE_ACTION)),
    (
        "aws:cloudwatch/dashboard:Dashboard",
        "dashboardBody",
        {"dashboardName": "d"},
        dashboard("m"),
        _rewritten(dashboard("m")),
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        "containerDefinitions",
        TASK,
        containers("v:1"),
        _rewritten(containers("v:1")),
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        "containerDefinitions",
        TASK,
        containers("v:1"),
        _loosely(containers("v:1")),
    ),
]


@pytest.mark.parametrize(("token", "name", "inputs", "old", "new"), EQUAL)
def test_equal_documents_are_no_change(
    engine: Engine, token: str, name: str, inputs: dict[str, Any], old: str, new: str
) -> None:
    """A JSON text that says the same in another form makes no diff."""
    assert _diff(engine, token, {**inputs, name: old}, {**inputs, name: new}).kinds == {}


def test_the_order_of_mount_points_is_a_new_revision(engine: Engine) -> None:
    """As with the official provider, order counts in mount points."""
    definitions = json.loads(containers("v:1"))
    mounts = [{"sourceVolume": "models", "containerPath": "/a"}, {"sourceVolume": "models", "containerPath": "/b"}]
    documents = []
    for order in (mounts, list(reversed(mounts))):
        definitions[0]["mountPoints"] = order
        documents.append(json.dumps(definitions))
    old, new = ({**TASK, "containerDefinitions": document} for document in documents)
    assert _diff(engine, "aws:ecs/taskDefinition:TaskDefinition", old, new).replaces == ["containerDefinitions"]


@pytest.mark.parametrize(
    ("token", "name", "inputs", "value"),
    [
        ("aws:lb/loadBalancer:LoadBalancer", "subnets", {}, ["subnet-a", "subnet-b"]),
        (
            "aws:autoscaling/group:Group",
            "tags",
            {"minSize": 0, "maxSize": 1, "launchTemplate": {"id": "lt-1"}},
            [{"key": key, "value": "v", "propagateAtLaunch": True} for key in ("a", "b")],
        ),
        (
            "aws:lb/listenerRule:ListenerRule",
            "conditions",
            {
                "listenerArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/x/1/2",
                "priority": 1,
                "actions": [
                    {
                        "type": "forward",
                        "targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/1",
                    }
                ],
            },
            [{"pathPattern": {"values": ["/a"]}}, {"hostHeader": {"values": ["b.example.com"]}}],
        ),
    ],
)
def test_the_order_of_a_set_is_no_change(
    engine: Engine, token: str, name: str, inputs: dict[str, Any], value: Any
) -> None:
    """Lists that AWS keeps as sets may be written in any order."""
    new = {**inputs, name: list(reversed(value))}
    assert _diff(engine, token, {**inputs, name: value}, new).kinds == {}


def test_a_given_name_that_stays_is_deleted_before_replace(engine: Engine) -> None:
    """Two resources cannot have the same physical name; an automatic name changes with the replacement."""
    old = {"description": "a"}
    token = "aws:ec2/securityGroup:SecurityGroup"
    assert _diff(engine, token, old, {"description": "b"}).delete_before_replace is False
    named = _diff(engine, token, {**old, "name": "mine"}, {"description": "b", "name": "mine"})
    assert named.delete_before_replace is True
    renamed = _diff(engine, token, {**old, "name": "mine"}, {"description": "b", "name": "yours"})
    assert renamed.delete_before_replace is False


def test_writing_down_what_aws_chose_is_no_change(engine: Engine) -> None:
    """An input that now states what the state holds already changes nothing; another value does."""
    old, token = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/20"}, "aws:ec2/subnet:Subnet"
    state = {"availabilityZone": "us-east-1a"}
    assert _diff(engine, token, old, {**old, "availabilityZone": "us-east-1a"}, state).kinds == {}
    moved = _diff(engine, token, old, {**old, "availabilityZone": "us-east-1b"}, state)
    assert moved.replaces == ["availabilityZone"]


def test_leaving_out_what_aws_may_choose_is_no_change(engine: Engine) -> None:
    """A computed input that the program drops stays as it is."""
    old = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/20", "availabilityZone": "us-east-1a"}
    new = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/20"}
    assert _diff(engine, "aws:ec2/subnet:Subnet", old, new).kinds == {}


def test_an_unknown_value_is_a_change(engine: Engine) -> None:
    """A preview shows what may change; where the leaf replaces, it shows a replacement."""
    old = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/20", "tags": {"a": "1"}}
    diff = _diff(engine, "aws:ec2/subnet:Subnet", old, {**old, "vpcId": UNKNOWN, "tags": {"a": UNKNOWN}})
    assert diff.kinds == {"vpcId": "UPDATE_REPLACE", "tags.a": "UPDATE"}
