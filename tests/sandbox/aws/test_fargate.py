"""Services on Fargate: tasks made for it, on a cluster without instances, steady at once and after a restart."""

from __future__ import annotations

import pytest

FRONT = {"name": "front", "image": "gateway", "portMappings": [{"containerPort": 8080}]}


def task(made, **changes):
    return {
        "family": "front",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "executionRoleArn": made.role,
        "containerDefinitions": [FRONT],
        **changes,
    }


def service(made, definition, **changes):
    return {
        "cluster": "front",
        "serviceName": "front",
        "taskDefinition": definition,
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": made.subnets,
                "securityGroups": [made.task_group],
                "assignPublicIp": "DISABLED",
            }
        },
        "loadBalancers": [{"targetGroupArn": made.target_group, "containerName": "front", "containerPort": 8080}],
        **changes,
    }


def registered(aws, made, **changes):
    answer = aws.client("ecs").register_task_definition(**task(made, **changes))
    return answer["taskDefinition"]["taskDefinitionArn"]


def test_a_service_runs_without_a_capacity_provider(tmp_path, serve, deploy):
    """Its tasks count as running at once; after a restart they do so still, with the same launch type."""

    def described(aws):
        [found] = aws.client("ecs").describe_services(cluster="front", services=["front"])["services"]
        return found["launchType"], found["desiredCount"], found["runningCount"], found["serviceArn"]

    with serve(tmp_path) as aws:
        made = deploy(aws)
        aws.client("ecs").create_cluster(clusterName="front")
        aws.client("ecs").create_service(**service(made, registered(aws, made)))
        before = described(aws)
        assert before[:3] == ("FARGATE", 1, 1)
    with serve(tmp_path) as aws:
        assert described(aws) == before
        assert aws.get("health")["replay_differences"] == 0


def test_a_task_for_instances_is_no_task_for_fargate(aws, deploy):
    """Nor the other way round; the message names the launch type."""
    made = deploy(aws)
    aws.client("ecs").create_cluster(clusterName="front")
    for launch, definition in (("FARGATE", made.task_definition), ("EC2", registered(aws, made))):
        container = "gateway" if launch == "FARGATE" else "front"
        balancers = [{"targetGroupArn": made.target_group, "containerName": container, "containerPort": 8080}]
        asked = service(made, definition, launchType=launch, loadBalancers=balancers)
        assert aws.refused("ecs", "create_service", **asked) == (
            "InvalidParameterException",
            f"Task definition does not support launch_type {launch}.",
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"containerDefinitions": [{**FRONT, "stopTimeout": 300}]},
            "containerDefinitions[0].stopTimeout: Fargate waits 120 s at most, got 300",
        ),
        (
            {"memory": "4096", "cpu": "256"},
            "memory: with 256 units Fargate takes 512 to 2048 MiB in steps of 512, got 4096",
        ),
        ({"networkMode": "bridge"}, "networkMode: must be awsvpc on Fargate"),
    ],
)
def test_what_fargate_does_not_have_is_refused(aws, deploy, changes, message):
    """Before a task fails to start for it."""
    made = deploy(aws)
    assert aws.refused("ecs", "register_task_definition", **task(made, **changes)) == ("ClientException", message)
