"""What is made for a front: its tasks, their rights, and what they are told."""

from __future__ import annotations

import pytest

from tests.components.conftest import ACCOUNT, REGION
from tests.components.front_plan import config, container, counting, endpoint_plan, recorded_of, statements, untagged

ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
KEYS = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:berth/client-keys-AbCdEf"


@pytest.fixture(scope="module")
def before_sagemaker():
    """Return what a service on SageMaker with a front registers."""
    return recorded_of(endpoint_plan())


def test_a_front_is_made_of_these_parts_and_no_others(before_sagemaker):
    """Load balancer, task, roles, log and the network that the stack did not have; no table where none counts money."""
    front = [
        (kind.rpartition("/")[2], name) for kind, name in before_sagemaker.names() if name.startswith("chat-front")
    ]
    assert front == [
        ("logGroup:LogGroup", "chat-front-logs"),
        ("securityGroup:SecurityGroup", "chat-front-alb"),
        ("securityGroup:SecurityGroup", "chat-front-task"),
        ("cluster:Cluster", "chat-front-cluster"),
        ("service:Service", "chat-front-service"),
        ("taskDefinition:TaskDefinition", "chat-front-task"),
        ("role:Role", "chat-front-execution"),
        ("role:Role", "chat-front-task"),
        ("rolePolicy:RolePolicy", "chat-front-execution"),
        ("rolePolicy:RolePolicy", "chat-front-task"),
        ("listener:Listener", "chat-front-http"),
        ("listenerRule:ListenerRule", "chat-front-v1"),
        ("loadBalancer:LoadBalancer", "chat-front-alb"),
        ("targetGroup:TargetGroup", "chat-front-tg"),
        ("securityGroupEgressRule:SecurityGroupEgressRule", "chat-front-alb-8080-to-task"),
        ("securityGroupEgressRule:SecurityGroupEgressRule", "chat-front-task-443-to-anywhere"),
        ("securityGroupIngressRule:SecurityGroupIngressRule", "chat-front-alb-80-from-10-0-0-0-8"),
        ("securityGroupIngressRule:SecurityGroupIngressRule", "chat-front-task-8080-from-alb"),
    ]
    assert ("berth:index:Network", "network") in before_sagemaker.names()


def test_the_service_runs_on_fargate_and_never_below_what_it_should(before_sagemaker):
    """New tasks come up first; a revision that does not is taken back."""
    service = before_sagemaker.of("ecs/service:Service", "chat-front-service")
    assert untagged(service) == {
        "name": "front",
        "cluster": ARN.format("cluster", "chat-front-cluster"),
        "taskDefinition": ARN.format("taskdefinition", "chat-front-task"),
        "desiredCount": 1,
        "launchType": "FARGATE",
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "availabilityZoneRebalancing": "ENABLED",
        "networkConfiguration": {
            "subnets": ["network-private-0-subnet-id", "network-private-1-subnet-id"],
            "securityGroups": ["chat-front-task-securitygroup-id"],
            "assignPublicIp": False,
        },
        "loadBalancers": [
            {
                "containerName": "front",
                "containerPort": 8080,
                "targetGroupArn": ARN.format("targetgroup", "chat-front-tg"),
            }
        ],
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "forceDelete": True,
        "waitForSteadyState": True,
    }
    assert service.ignore_changes == ()
    assert service.delete_timeout == f"{1200 + 600 + 120}s"


def test_a_task_has_the_size_of_the_plan(before_sagemaker):
    """Half a vCPU is 512 units; memory and network are those that Fargate takes."""
    task = untagged(before_sagemaker.of("TaskDefinition", "chat-front-task"))
    del task["containerDefinitions"]
    assert task == {
        "family": "berth_dev_chat_front",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": ARN.format("role", "chat-front-execution"),
        "taskRoleArn": ARN.format("role", "chat-front-task"),
    }


def test_the_container_is_the_gateway_as_it_runs_beside_engines(before_sagemaker):
    """One port, a root that cannot be written, a health check of the process alone, 120 s to end in."""
    one = container(before_sagemaker)
    variables = {each["name"]: each["value"] for each in one.pop("environment")}
    del variables["BERTH_CONFIG"]
    assert variables == {
        "BERTH_DRAIN_SECONDS": "110",
        "BERTH_MAX_REQUEST_SECONDS": "600",
        "BERTH_METRICS_NAMESPACE": "Berth",
        "BERTH_MODEL_NAME": "meta-llama/Llama-3.1-8B-Instruct",
        "BERTH_PORT": "8080",
        "BERTH_SERVICE": "chat",
        "BERTH_STACK": "dev",
    }
    del one["logConfiguration"]
    assert one == {
        "name": "front",
        "image": "berth/gateway:1",
        "essential": True,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "name": "http", "protocol": "tcp"}],
        "healthCheck": {
            "command": [
                "CMD",
                "python3",
                "-c",
                "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=5)",
            ],
            "interval": 10,
            "retries": 3,
            "startPeriod": 30,
            "timeout": 5,
        },
        "linuxParameters": {"initProcessEnabled": True},
        "readonlyRootFilesystem": True,
        "stopTimeout": 120,
        "ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
    }


def test_before_sagemaker_the_role_is_the_key(before_sagemaker):
    """The front knows the endpoint by its fixed name, may invoke that one, reads the client keys, and nothing else."""
    assert config(before_sagemaker) == {
        "keys": {"secret": KEYS},
        "region": REGION,
        "upstreams": [
            {
                "name": "target",
                "kind": "sagemaker",
                "endpoint": "dev-chat",
                "region": REGION,
                "price": {"usd_per_hour": 0.9776, "requests_per_replica": 8},
            }
        ],
    }
    assert "secrets" not in container(before_sagemaker)
    assert statements(before_sagemaker, "chat-front-task") == [
        {
            "Sid": "ReadClientKeys",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": [KEYS],
        },
        {
            "Effect": "Allow",
            "Action": ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"],
            "Resource": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/dev-chat",
        },
        {
            "Sid": "StayWhileStreaming",
            "Effect": "Allow",
            "Action": ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
            "Resource": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/berth_dev_chat_front/*",
        },
    ]
    assert statements(before_sagemaker, "chat-front-execution") == [
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/berth/dev/chat/front:*"],
        }
    ]


def test_several_tasks_follow_the_processor():
    """Between the plan's limits; Pulumi leaves the count alone then."""
    made = recorded_of(endpoint_plan(replicas_min=2, replicas_max=4))
    target = untagged(made.of("appautoscaling/target:Target", "chat-front-replicas"))
    assert target == {
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": "service/berth_dev_chat_front/front",
        "minCapacity": 2,
        "maxCapacity": 4,
    }
    policy = made.of("appautoscaling/policy:Policy", "chat-front-scaling").inputs
    assert policy["targetTrackingScalingPolicyConfiguration"] == {
        "targetValue": 60,
        "scaleOutCooldown": 60,
        "scaleInCooldown": 600,
        "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    service = made.of("ecs/service:Service", "chat-front-service")
    assert (service.inputs["desiredCount"], service.ignore_changes) == (2, ("desiredCount",))


def test_a_task_never_starts_without_its_rights_and_its_way(before_sagemaker):
    """Roles, log, rules and the network exist before it, and outlive it."""
    service = before_sagemaker.of("ecs/service:Service", "chat-front-service")
    names = {one.urn: one.name for one in before_sagemaker.resources}
    depended = {names[urn] for urn in service.dependencies}
    assert {
        "chat-front-logs",
        "chat-front-execution",
        "chat-front-task",
        "chat-front-v1",
        "chat-front-task-443-to-anywhere",
        "chat-front-alb-8080-to-task",
        "network-private",
    } <= depended


def test_a_parked_service_is_known_to_sleep():
    """The front answers at once, and holds nobody in vain; its fallbacks do not sleep."""
    asleep = recorded_of(endpoint_plan(parked=True, hold_seconds=30))
    assert config(asleep)["sleep"] == {"upstreams": ["target"], "state": "asleep", "hold_seconds": 30}


def test_what_keys_spend_is_kept_in_a_table_of_the_service():
    """On demand, forgotten after its time, protected in prod, and leased from by nobody else."""
    made = recorded_of(counting(endpoint_plan(), protect=True))
    table = made.of("dynamodb/table:Table", "chat-front-spending")
    assert untagged(table) == {
        "name": "berth_dev_chat_front-spending",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}],
        "ttl": {"attributeName": "expires", "enabled": True},
    }
    assert (table.protect, table.delete_before_replace) == (True, True)
    assert config(made)["budget"] == {"table": "berth_dev_chat_front-spending"}
    assert config(made)["keys"]["defaults"] == {"usd_per_month": 20.0}
    [lease] = [one for one in statements(made, "chat-front-task") if one.get("Sid") == "LeaseBudgets"]
    assert (lease["Action"], lease["Resource"]) == (
        "dynamodb:UpdateItem",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/berth_dev_chat_front-spending",
    )
    service = made.of("ecs/service:Service", "chat-front-service")
    assert table.urn in service.dependencies
    assert not recorded_of(counting(endpoint_plan())).of("dynamodb/table:Table", "chat-front-spending").protect
