"""A night and a morning of a service on ECS, through the function, boto3 and moto: answers have AWS' own shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.ec2.utils import generate_instance_identity_document

from components.keeper.runtime import handler
from components.keeper.runtime.targets.listener import BEHIND, IN_FRONT
from tests.keeper.situation import config

CLUSTER, SERVICE, GROUP, REGION = "prod-chat", "chat", "prod-chat-group", "us-east-1"


@dataclass
class Deployed:
    """What a stack has made, and what runs of it."""

    target_group: str
    rule: str
    instance: Any

    def write(self, kind: str, text: str) -> None:
        boto3.client("ssm").put_parameter(Name=f"/berth/prod/chat/{kind}", Value=text, Type="String", Overwrite=True)

    def read(self, kind: str) -> dict[str, Any]:
        return json.loads(boto3.client("ssm").get_parameter(Name=f"/berth/prod/chat/{kind}")["Parameter"]["Value"])

    def has_hours(self, hours: str) -> None:
        details = {
            "cluster": CLUSTER,
            "service": SERVICE,
            "group": GROUP,
            "instance_type": "g5.xlarge",
            "target_group": self.target_group,
            "asleep_rule": self.rule,
        }
        text = config(hours=hours, usd_per_hour={"g5.xlarge": 1.0}, details=details).to_json()
        self.write("config", text)

    def service(self) -> dict[str, Any]:
        return boto3.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]

    def limits(self) -> tuple[int, int]:
        scaling = boto3.client("application-autoscaling")
        [found] = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        return found["MinCapacity"], found["MaxCapacity"]

    def priority(self) -> str:
        return boto3.client("elbv2").describe_rules(RuleArns=[self.rule])["Rules"][0]["Priority"]

    def instances(self) -> list[str]:
        groups = boto3.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])
        return [one["InstanceId"] for one in groups["AutoScalingGroups"][0]["Instances"]]


@pytest.fixture
def deployed(monkeypatch) -> Iterator[Deployed]:
    """An account of this test alone, and the function in it, cold."""
    environment = {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": REGION}
    for name, value in environment.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("BERTH_STACK", "prod")
    monkeypatch.setenv("BERTH_SERVICES", '["chat"]')
    handler._made.cache_clear()
    with mock_aws():
        yield _deployed()
    handler._made.cache_clear()


def _deployed() -> Deployed:
    ec2, elb, ecs = boto3.client("ec2"), boto3.client("elbv2"), boto3.client("ecs")
    subnets = ec2.describe_subnets()["Subnets"][:2]
    vpc, subnet_ids = subnets[0]["VpcId"], [one["SubnetId"] for one in subnets]
    balancer = elb.create_load_balancer(Name="chat", Subnets=subnet_ids)["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        elb.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")["TargetGroups"][0]
        for name in ("chat", "asleep")
    ]
    serves, answers = (one["TargetGroupArn"] for one in groups)
    forward = [{"Type": "forward", "TargetGroupArn": serves}]
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    rules = [
        elb.create_rule(
            ListenerArn=listener["Listeners"][0]["ListenerArn"],
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": ["/v1/*"]}],
            Actions=[{"Type": "forward", "TargetGroupArn": group}],
        )["Rules"][0]["RuleArn"]
        for priority, group in ((10, serves), (BEHIND, answers))
    ]
    elb.register_targets(TargetGroupArn=serves, Targets=[{"Id": "10.0.0.5", "Port": 8080}])
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    template = ec2.create_launch_template(
        LaunchTemplateName="chat", LaunchTemplateData={"ImageId": image, "InstanceType": "g5.xlarge"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    autoscaling = boto3.client("autoscaling")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=GROUP,
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=1,
        LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
        VPCZoneIdentifier=subnet_ids[0],
        NewInstancesProtectedFromScaleIn=True,
    )
    ecs.create_cluster(clusterName=CLUSTER)
    ecs.register_task_definition(family="chat", containerDefinitions=[{"name": "vllm", "image": "x", "memory": 64}])
    ecs.create_service(cluster=CLUSTER, serviceName=SERVICE, taskDefinition="chat", desiredCount=1)
    ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/{SERVICE}",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=4,
    )
    group = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0]
    instance = boto3.resource("ec2").Instance(group["Instances"][0]["InstanceId"])
    ecs.register_container_instance(
        cluster=CLUSTER, instanceIdentityDocument=json.dumps(generate_instance_identity_document(instance))
    )
    made = Deployed(serves, rules[1], instance)
    for kind in ("state", "awake_until", "wake"):
        made.write(kind, "{}")
    return made


def test_a_night_and_a_morning(deployed):
    """Nothing to do while it is awake; then tasks, then instances go; then limits and tasks come back."""
    deployed.has_hours("always UTC")
    [awake] = handler.handle({}).values()
    assert (awake["state"], awake["did"], awake["running"]) == ("awake", "", {"g5.xlarge": 1})

    deployed.has_hours("never UTC")
    [evening] = handler.handle({"services": ["chat"]}).values()
    assert (evening["state"], evening["problems"]) == ("asleep", [])
    instance = deployed.instance.id
    assert evening["did"] == f"asleep is answered; limits 0 to 0; 0 tasks, not 1; ended {instance}"
    assert (deployed.service()["desiredCount"], deployed.limits(), deployed.priority()) == (0, (0, 0), str(IN_FRONT))
    assert deployed.instances() == []
    assert handler.handle({})["chat"]["did"] == ""
    assert deployed.read("state")["state"] == "asleep"

    deployed.has_hours("always UTC")
    [morning] = handler.handle({}).values()
    assert (morning["state"], morning["did"]) == ("waking", "limits 1 to 4; 1 tasks, not 0")
    assert (deployed.service()["desiredCount"], deployed.limits()) == (1, (1, 4))
    [served] = handler.handle({}).values()
    assert (served["state"], served["did"]) == ("awake", "the service is asked again")
    assert deployed.priority() == str(BEHIND)


def test_what_is_published(deployed):
    """The figures that the alarms of the stack look at."""
    deployed.has_hours("always UTC")
    handler.handle({})
    listed = boto3.client("cloudwatch").list_metrics(Namespace="Berth")["Metrics"]
    assert {one["MetricName"] for one in listed} == {
        "BurnRateUsdPerHour",
        "IdleMinutes",
        "ProjectedMonthEnd",
        "SpendMonthToDate",
        "State",
    }
    assert all(
        one["Dimensions"] == [{"Name": "Stack", "Value": "prod"}, {"Name": "Service", "Value": "chat"}]
        for one in listed
    )
    assert deployed.read("state")["spend"]["month"] == f"{datetime.now(UTC):%Y-%m}"
