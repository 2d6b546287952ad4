"""What the components send, against the provider's contract and botocore's own shapes."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace

import boto3
import pulumi_aws as aws
import pytest
from botocore.validate import ParamValidator

from sandbox.provider.contract import contract_of, type_problems

PUBLIC = {
    "vpc_id": None,
    "exposure": "public",
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "domain": "llm.example.com",
    "allowed_cidrs": (),
}
UNTAGGABLE = {
    "aws:appautoscaling/policy:Policy",
    "aws:ec2/route:Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    "aws:efs/fileSystemPolicy:FileSystemPolicy",
    "aws:efs/mountTarget:MountTarget",
    "aws:iam/rolePolicy:RolePolicy",
}


@pytest.fixture
def made(render, plan_of):
    """Everything that an internal and a public service register."""
    plan = plan_of()
    public = plan_of(service="open", network=replace(plan.network, **PUBLIC))
    by_rate = replace(plan.scaling, metric="requests_per_minute", target=120.0)
    return [one for one in render(plan, replace(public, scaling=by_rate)).resources if one.type.startswith("aws:")]


def test_every_input_has_the_name_and_type_of_the_provider(made):
    """No unknown, missing or mistyped property is sent."""
    wrong = {
        f"{one.type} {one.name}": problems
        for one in made
        if (problems := [str(problem) for problem in type_problems(contract_of(one.type).inputs, whole(one.inputs))])
    }
    assert wrong == {}


def test_everything_that_can_carry_tags_does(made):
    """Each taggable resource names its service or, when shared, its stack; the others are exactly these types."""
    untagged = {one.type for one in made if "tags" not in one.inputs}
    assert untagged == UNTAGGABLE
    for one in made:
        if isinstance(one.inputs.get("tags"), dict):
            shared = one.name.startswith("network-")
            assert one.inputs["tags"]["Name"] == f"dev/{one.name}"
            assert one.inputs["tags"]["managed-by"] == "berth"
            assert ("service" in one.inputs["tags"]) is not shared
            assert ("berth" in one.inputs["tags"]) is not shared


def test_nothing_that_is_left_untagged_could_be_tagged():
    """The SDK's own signatures agree that these types have no tags."""
    classes = [
        aws.appautoscaling.Policy,
        aws.ec2.Route,
        aws.ec2.RouteTableAssociation,
        aws.ecs.ClusterCapacityProviders,
        aws.efs.FileSystemPolicy,
        aws.efs.MountTarget,
        aws.iam.RolePolicy,
    ]
    assert len(classes) == len(UNTAGGABLE)
    assert not any("tags" in inspect.signature(one._internal_init).parameters for one in classes)


def test_containers_are_what_the_api_accepts(made):
    """The JSON has no key that ECS would drop in silence, and no value of a wrong type."""
    shape = boto3.client("ecs", region_name="us-east-1").meta.service_model.operation_model("RegisterTaskDefinition")
    for one in made:
        if one.type.endswith(":TaskDefinition"):
            request = {
                "family": one.inputs["family"],
                "containerDefinitions": json.loads(one.inputs["containerDefinitions"]),
            }
            report = ParamValidator().validate(request, shape.input_shape)
            assert report.generate_report() == ""


def test_containers_refer_only_to_what_the_task_has(made):
    """Mounts name volumes of the task, dependencies name its containers, the load balancer names its port."""
    for one in made:
        if one.type.endswith(":TaskDefinition"):
            containers = json.loads(one.inputs["containerDefinitions"])
            names = {container["name"] for container in containers}
            volumes = {volume["name"] for volume in one.inputs["volumes"]}
            for container in containers:
                assert {mount["sourceVolume"] for mount in container.get("mountPoints", [])} <= volumes
                assert {before["containerName"] for before in container.get("dependsOn", [])} < names


def whole(value):
    """Return a value with the numbers that protobuf made floats as integers again."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
