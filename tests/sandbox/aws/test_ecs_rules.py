"""What ECS refuses and moto alone would accept: one thing is broken in a deployment that works."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import SimpleNamespace


@pytest.fixture(scope="module")
def chat(shared_aws, deploy) -> SimpleNamespace:
    """The ids of a deployed service; no test of this module changes it."""
    return deploy(shared_aws)


def edited(task: dict, container: int | None = None, **changes: object) -> dict:
    """A copy of a task definition with changed members, of one container when it is given."""
    copied = copy.deepcopy(task)
    (copied if container is None else copied["containerDefinitions"][container]).update(changes)
    return copied


TASKS = {
    "duplicate container": (
        lambda t: edited(t, 2, name="vllm", dependsOn=[]),
        "containerDefinitions[2].name: 'vllm' is the name of two containers",
    ),
    "dependency on nothing": (
        lambda t: edited(t, 2, dependsOn=[{"containerName": "vlm", "condition": "START"}]),
        "containerDefinitions[2].dependsOn[0].containerName: 'vlm' is no other container of this task",
    ),
    "success of an essential container": (
        lambda t: edited(t, 0, essential=True),
        (
            "containerDefinitions[1].dependsOn[0].condition: "
            "SUCCESS, but 'weights' is essential, so its exit stops the task"
        ),
    ),
    "healthy without a check": (
        lambda t: edited(t, 2, dependsOn=[{"containerName": "weights", "condition": "HEALTHY"}]),
        "containerDefinitions[2].dependsOn[0].condition: HEALTHY, but 'weights' has no health check",
    ),
    "cycle": (
        lambda t: edited(t, 0, dependsOn=[{"containerName": "gateway", "condition": "START"}]),
        "containerDefinitions: there is a cycle in the dependencies of gateway, vllm, weights",
    ),
    "mount of nothing": (
        lambda t: edited(t, 0, mountPoints=[{"sourceVolume": "weights", "containerPath": "/models"}]),
        "containerDefinitions[0].mountPoints[0].sourceVolume: 'weights' is no volume of this task; it has models",
    ),
    "nothing essential": (
        lambda t: edited(t, containerDefinitions=t["containerDefinitions"][:1]),
        "containerDefinitions: needs at least one essential container",
    ),
    "no image": (lambda t: edited(t, 1, image=""), "containerDefinitions[1].image: required, but not given"),
    "no GPU": (
        lambda t: edited(t, 1, resourceRequirements=[{"type": "GPU", "value": "0"}]),
        "containerDefinitions[1].resourceRequirements[0].value: the GPU count '0' is no positive number",
    ),
    "too little memory": (
        lambda t: edited(t, memory="4096"),
        "memory: the containers need 8768 MiB, the task has 4096 MiB",
    ),
    "another host port": (
        lambda t: edited(t, 2, portMappings=[{"containerPort": 8080, "hostPort": 80}]),
        "containerDefinitions[2].portMappings[0].hostPort: must equal containerPort, 8080, when networkMode is awsvpc",
    ),
    "no execution role": (
        lambda t: {name: value for name, value in t.items() if name != "executionRoleArn"},
        "executionRoleArn: must be given when a container has secrets",
    ),
    "family": (
        lambda t: edited(t, family="chat.v2"),
        "Family contains invalid characters: it takes 1-255 letters, digits, hyphens and underscores.",
    ),
    "role that does not exist": (
        lambda t: edited(t, taskRoleArn="arn:aws:iam::123456789012:role/none"),
        "Role is not valid: taskRoleArn arn:aws:iam::123456789012:role/none",
    ),
}


@pytest.mark.parametrize("case", TASKS)
def test_a_broken_task_definition_is_refused(shared_aws, chat, case):
    """Containers, volumes and dependencies that do not fit together are refused, and no revision is made."""
    change, message = TASKS[case]
    revisions = shared_aws.client("ecs").list_task_definitions()["taskDefinitionArns"]
    assert shared_aws.refused("ecs", "register_task_definition", **change(chat.task)) == ("ClientException", message)
    assert shared_aws.client("ecs").list_task_definitions()["taskDefinitionArns"] == revisions


def efs_volume(task: dict, **changes: object) -> dict:
    copied = copy.deepcopy(task)
    copied["volumes"][0]["efsVolumeConfiguration"].update(changes)
    return copied


def test_a_volume_of_a_missing_file_system_is_refused(shared_aws, chat):
    """A task definition cannot refer to a file system that does not exist."""
    task = efs_volume(chat.task, fileSystemId="fs-0123456789abcdef0")
    message = "Volume models: file system fs-0123456789abcdef0 does not exist."
    assert shared_aws.refused("ecs", "register_task_definition", **task) == ("ClientException", message)


def test_an_access_point_of_another_file_system_is_refused(shared_aws, chat):
    """The access point has to belong to the volume's file system."""
    other = shared_aws.client("efs").create_file_system(CreationToken="other")["FileSystemId"]
    task = efs_volume(chat.task, fileSystemId=other)
    message = f"Volume models: {chat.access_point} is not an access point of {other}."
    assert shared_aws.refused("ecs", "register_task_definition", **task) == ("ClientException", message)


def test_an_access_point_with_a_root_directory_is_refused(shared_aws, chat):
    """An access point brings its own root directory, and needs encryption on the way."""
    task = efs_volume(chat.task, rootDirectory="/models")
    message = "Volume models: with an access point the root directory must be omitted or '/'."
    assert shared_aws.refused("ecs", "register_task_definition", **task) == ("ClientException", message)
    task = efs_volume(chat.task, transitEncryption="DISABLED")
    message = "Volume models: an access point needs transitEncryption ENABLED."
    assert shared_aws.refused("ecs", "register_task_definition", **task) == ("ClientException", message)


SERVICES = {
    "existing name": ({"serviceName": "chat"}, "Creation of service was not idempotent."),
    "launch type and strategy": (
        {"launchType": "EC2"},
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    ),
    "provider of no cluster": (
        {"capacityProviderStrategy": [{"capacityProvider": "other", "weight": 1}]},
        "The capacity provider 'other' is not associated with the cluster.",
    ),
    "blocked deployment": (
        {"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}},
        "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
    ),
    "percentages in the wrong order": (
        {"deploymentConfiguration": {"minimumHealthyPercent": 150, "maximumPercent": 100}},
        "The minimumHealthyPercent must not exceed the maximumPercent.",
    ),
    "rebalancing without room": (
        {"deploymentConfiguration": {"minimumHealthyPercent": 0, "maximumPercent": 100}},
        "availabilityZoneRebalancing needs a maximumPercent above 100.",
    ),
    "unknown target group": (
        {"loadBalancers": [{"targetGroupArn": "arn:none", "containerName": "gateway", "containerPort": 8080}]},
        "Unable to find the target group arn:none.",
    ),
    "bad name": (
        {"serviceName": "a b"},
        "The service name must have 1-255 letters, digits, hyphens and underscores.",
    ),
    "provider twice": (
        {"capacityProviderStrategy": [{"capacityProvider": "chat", "weight": 1}] * 2},
        "The capacity provider 'chat' is more than once in the strategy.",
    ),
    "canary without its block": (
        {"deploymentConfiguration": {"strategy": "CANARY"}},
        "The deployment strategy CANARY needs canaryConfiguration.",
    ),
    "alarm that does not exist": (
        {"deploymentConfiguration": {"alarms": {"alarmNames": ["none"], "enable": True, "rollback": True}}},
        "The alarm none does not exist.",
    ),
    "security group that does not exist": (
        {"networkConfiguration": {"awsvpcConfiguration": {"subnets": [], "securityGroups": ["sg-404"]}}},
        "Error retrieving security group information for ['sg-404']: it does not exist",
    ),
    "subnet that does not exist": (
        {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-404"]}}},
        "Error retrieving subnet information for ['subnet-404']: it does not exist",
    ),
    "no network": (
        {"networkConfiguration": None},
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ),
    "grace period without a load balancer": (
        {"loadBalancers": []},
        "Health check grace period is only valid for services configured to use load balancers",
    ),
}


@pytest.mark.parametrize("case", SERVICES)
def test_a_broken_service_is_refused(shared_aws, chat, case):
    """A service that ECS would not take is refused with its words."""
    changes, message = SERVICES[case]
    params = {k: v for k, v in (chat.service | {"serviceName": "new"} | changes).items() if v is not None}
    assert shared_aws.refused("ecs", "create_service", **params) == ("InvalidParameterException", message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"containerName": "proxy"}, "The container proxy does not exist in the task definition."),
        ({"containerPort": 80}, "The container gateway did not have a container port 80 defined."),
    ],
)
def test_a_load_balancer_needs_a_container_and_its_port(shared_aws, chat, changes, message):
    """The container and port that get the traffic have to be in the task definition."""
    balancer = chat.service["loadBalancers"][0] | changes
    params = chat.service | {"serviceName": "new", "loadBalancers": [balancer]}
    assert shared_aws.refused("ecs", "create_service", **params) == ("InvalidParameterException", message)


def test_a_target_group_without_a_load_balancer_is_refused(shared_aws, chat):
    """A service cannot be reached through a target group that no listener forwards to."""
    arn = shared_aws.client("elbv2").create_target_group(
        Name="loose", Protocol="HTTP", Port=8080, VpcId=chat.vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    balancer = chat.service["loadBalancers"][0] | {"targetGroupArn": arn}
    params = chat.service | {"serviceName": "new", "loadBalancers": [balancer]}
    message = f"The target group with targetGroupArn {arn} does not have an associated load balancer."
    assert shared_aws.refused("ecs", "create_service", **params) == ("InvalidParameterException", message)


def test_a_service_in_a_missing_cluster_is_refused(shared_aws, chat):
    """The cluster has to exist and be active."""
    params = chat.service | {"cluster": "none"}
    assert shared_aws.refused("ecs", "create_service", **params) == ("ClusterNotFoundException", "Cluster not found.")


def test_tasks_that_could_not_start_are_refused(shared_aws, chat):
    """Secret, log group and mount target are looked at when the service is made, since no task will run to find out."""
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-AbCdEf"
    task = edited(chat.task, 0, secrets=[{"name": "HF_TOKEN", "valueFrom": secret}])
    task["family"] = "broken"
    task["containerDefinitions"][1]["logConfiguration"]["options"]["awslogs-group"] = "/none"
    shared_aws.client("ecs").register_task_definition(**task)
    third = shared_aws.client("ec2").create_subnet(
        VpcId=chat.vpc, CidrBlock="10.0.9.0/24", AvailabilityZone="us-east-1c"
    )["Subnet"]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [third], "securityGroups": [chat.task_group]}}
    params = chat.service | {"serviceName": "new", "taskDefinition": "broken", "networkConfiguration": network}
    code, message = shared_aws.refused("ecs", "create_service", **params)
    assert code == "InvalidParameterException"
    assert message == (
        f"tasks could not start: container weights: secret HF_TOKEN refers to {secret}, which does not exist; "
        "container vllm: log group /none does not exist; "
        f"volume models: file system {chat.file_system} has no mount target in us-east-1c"
    )


def test_a_deleted_service_cannot_be_updated_and_its_name_is_free(shared_aws, chat):
    """A deleted service stays visible as INACTIVE, refuses updates, and can be made again."""
    ecs = shared_aws.client("ecs")
    params = chat.service | {"serviceName": "brief"}
    ecs.create_service(**params)
    ecs.delete_service(cluster="berth", service="brief", force=True)
    refusal = ("ServiceNotActiveException", "Service was not ACTIVE.")
    assert shared_aws.refused("ecs", "update_service", cluster="berth", service="brief", desiredCount=1) == refusal
    ecs.create_service(**params)
    described = ecs.describe_services(cluster="berth", services=["brief"])["services"][0]
    assert (described["status"], described["runningCount"]) == ("ACTIVE", 1)
    ecs.delete_service(cluster="berth", service="brief", force=True)
