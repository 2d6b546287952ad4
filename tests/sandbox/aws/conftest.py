"""A local AWS per test, served by threads of this process, and a small ECS deployment to put into it."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import time_machine
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws.app import LocalAws
from sandbox.aws.http import listen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REGION = "us-east-1"
GPU_AMI = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"


@dataclass
class Endpoint:
    """A served LocalAws and the ways to talk to it."""

    url: str
    state: Path
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str = REGION) -> Any:
        """A client that checks nothing itself: what is refused, the sandbox refuses."""
        if (service, region) not in self._clients:
            self._clients[service, region] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",
                config=Config(retries={"max_attempts": 1}, parameter_validation=False),
            )
        return self._clients[service, region]

    def refused(self, service: str, operation: str, /, **params: Any) -> tuple[str, str]:
        """Code and message with which a call is refused; it is an error when the call succeeds."""
        with pytest.raises(ClientError) as refusal:
            getattr(self.client(service), operation)(**params)
        error = refusal.value.response["Error"]
        return error["Code"], error["Message"]

    def get(self, route: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_berth/{route}") as answer:  # noqa: S310 (http)
            return json.load(answer)

    @property
    def journal(self) -> Path:
        return self.state / "journal.jsonl"

    def close_clients(self) -> None:
        for client in self._clients.values():
            client.close()


@contextmanager
def served(state: Path) -> Iterator[Endpoint]:
    server = listen(0)
    try:
        server.app = aws = LocalAws(state)
    except BaseException:
        server.server_close()
        raise
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}", state)
    try:
        yield endpoint
    finally:
        endpoint.close_clients()
        server.shutdown()
        thread.join()
        server.server_close()
        aws.close()


@pytest.fixture
def serve() -> Callable[[Path], Any]:
    """A context manager that serves a state folder; one at a time, since moto's state is global."""
    return served


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Endpoint]:
    """An untouched account."""
    with served(tmp_path) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def shared_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """An account for the tests of one module, which use names of their own."""
    with served(tmp_path_factory.mktemp("aws")) as endpoint:
        yield endpoint


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until the test moves it on."""
    with time_machine.travel(round(time.time()), tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def deploy() -> Callable[[Endpoint], SimpleNamespace]:
    """Deploy a vLLM-like ECS service named `chat`; the ids of its parts."""
    return _deploy


def _deploy(aws: Endpoint) -> SimpleNamespace:
    made = SimpleNamespace()
    _network(aws, made)
    _load_balancer(aws, made)
    _file_system(aws, made)
    _capacity(aws, made)
    _task(aws, made)
    _service(aws, made)
    return made


def _network(aws: Endpoint, made: SimpleNamespace) -> None:
    ec2 = aws.client("ec2")
    made.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made.subnets = [
        ec2.create_subnet(VpcId=made.vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for i, zone in enumerate("ab")
    ]
    made.alb_group, made.task_group = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=made.vpc)["GroupId"]
        for name in ("alb", "task")
    )
    from_alb = [{"GroupId": made.alb_group, "Description": "from the load balancer"}]
    permission = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": from_alb}
    made.rule = ec2.authorize_security_group_ingress(GroupId=made.task_group, IpPermissions=[permission])[
        "SecurityGroupRules"
    ][0]["SecurityGroupRuleId"]


def _load_balancer(aws: Endpoint, made: SimpleNamespace) -> None:
    elb = aws.client("elbv2")
    made.balancer = elb.create_load_balancer(
        Name="chat", Subnets=made.subnets, SecurityGroups=[made.alb_group], Type="application", Scheme="internal"
    )["LoadBalancers"][0]["LoadBalancerArn"]
    made.target_group = elb.create_target_group(
        Name="chat", Protocol="HTTP", Port=8080, VpcId=made.vpc, TargetType="ip", HealthCheckPath="/readyz"
    )["TargetGroups"][0]["TargetGroupArn"]
    made.listener = elb.create_listener(
        LoadBalancerArn=made.balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": made.target_group}],
    )["Listeners"][0]["ListenerArn"]


def _file_system(aws: Endpoint, made: SimpleNamespace) -> None:
    efs = aws.client("efs")
    made.file_system = efs.create_file_system(CreationToken="chat", Encrypted=True)["FileSystemId"]
    made.mount_targets = [
        efs.create_mount_target(FileSystemId=made.file_system, SubnetId=subnet, SecurityGroups=[made.task_group])[
            "MountTargetId"
        ]
        for subnet in made.subnets
    ]
    made.access_point = efs.create_access_point(
        ClientToken="chat", FileSystemId=made.file_system, PosixUser={"Uid": 2000, "Gid": 0}
    )["AccessPointId"]


def _capacity(aws: Endpoint, made: SimpleNamespace) -> None:
    image = aws.client("ssm").get_parameter(Name=GPU_AMI)["Parameter"]["Value"]
    made.template = aws.client("ec2").create_launch_template(
        LaunchTemplateName="chat", LaunchTemplateData={"ImageId": image, "InstanceType": "g6.xlarge"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    groups = aws.client("autoscaling")
    groups.create_auto_scaling_group(
        AutoScalingGroupName="chat",
        MinSize=0,
        MaxSize=3,
        DesiredCapacity=1,
        VPCZoneIdentifier=",".join(made.subnets),
        LaunchTemplate={"LaunchTemplateId": made.template, "Version": "1"},
        NewInstancesProtectedFromScaleIn=True,
    )
    made.group = groups.describe_auto_scaling_groups()["AutoScalingGroups"][0]["AutoScalingGroupARN"]
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="berth")
    ecs.create_capacity_provider(
        name="chat",
        autoScalingGroupProvider={"autoScalingGroupArn": made.group, "managedScaling": {"status": "ENABLED"}},
        tags=[{"key": "owner", "value": "ml"}],
    )
    ecs.put_cluster_capacity_providers(cluster="berth", capacityProviders=["chat"], defaultCapacityProviderStrategy=[])


def _task(aws: Endpoint, made: SimpleNamespace) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made.role = aws.client("iam").create_role(RoleName="chat", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    aws.client("logs").create_log_group(logGroupName="/berth/chat")
    token = aws.client("secretsmanager").describe_secret(SecretId="huggingface/token")["ARN"]
    made.task = {
        "family": "chat",
        "networkMode": "awsvpc",
        "executionRoleArn": made.role,
        "volumes": [
            {
                "name": "models",
                "efsVolumeConfiguration": {
                    "fileSystemId": made.file_system,
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"accessPointId": made.access_point},
                },
            }
        ],
        "containerDefinitions": [
            {
                "name": "weights",
                "image": "weights",
                "essential": False,
                "memory": 512,
                "secrets": [{"name": "HF_TOKEN", "valueFrom": token}],
                "mountPoints": [{"sourceVolume": "models", "containerPath": "/models"}],
            },
            {
                "name": "vllm",
                "image": "vllm",
                "memory": 8000,
                "resourceRequirements": [{"type": "GPU", "value": "1"}],
                "dependsOn": [{"containerName": "weights", "condition": "SUCCESS"}],
                "healthCheck": {"command": ["CMD", "true"]},
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {"awslogs-group": "/berth/chat", "awslogs-region": REGION},
                },
            },
            {
                "name": "gateway",
                "image": "gateway",
                "memory": 256,
                "portMappings": [{"containerPort": 8080}],
                "dependsOn": [{"containerName": "vllm", "condition": "HEALTHY"}],
            },
        ],
    }
    registered = aws.client("ecs").register_task_definition(**made.task)
    made.task_definition = registered["taskDefinition"]["taskDefinitionArn"]


def _service(aws: Endpoint, made: SimpleNamespace) -> None:
    made.service = {
        "cluster": "berth",
        "serviceName": "chat",
        "taskDefinition": made.task_definition,
        "desiredCount": 1,
        "capacityProviderStrategy": [{"capacityProvider": "chat", "weight": 1, "base": 0}],
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
        },
        "healthCheckGracePeriodSeconds": 900,
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": made.subnets,
                "securityGroups": [made.task_group],
                "assignPublicIp": "DISABLED",
            }
        },
        "loadBalancers": [{"targetGroupArn": made.target_group, "containerName": "gateway", "containerPort": 8080}],
        "enableECSManagedTags": True,
        "enableExecuteCommand": True,
        "availabilityZoneRebalancing": "ENABLED",
    }
    aws.client("ecs").create_service(**made.service)
    made.target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/berth/chat",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**made.target, MinCapacity=1, MaxCapacity=3)
    made.tracking = {
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 8.0,
            "CustomizedMetricSpecification": {"MetricName": "InFlight", "Namespace": "Berth", "Statistic": "Average"},
        },
    }
    scaling.put_scaling_policy(**made.target, PolicyName="in-flight", **made.tracking)
