"""Which inputs does a preview refuse, and with which words?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from provider_case import TRUST, containers
from provider_cases import CASES
from provider_engine import CheckFailedError

from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from provider_engine import Engine

VPC = ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
SUBNET = ("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/20"})
ROLE = ("aws:iam/role:Role", {"assumeRolePolicy": TRUST})
LOGS = ("aws:cloudwatch/logGroup:LogGroup", {})
ALARM = (
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 1,
        "metricName": "m",
        "namespace": "Berth",
        "period": 60,
        "statistic": "Sum",
        "threshold": 1,
    },
)
TARGETS = ("aws:lb/targetGroup:TargetGroup", {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1", "targetType": "ip"})
BALANCER = ("aws:lb/loadBalancer:LoadBalancer", {"subnets": ["subnet-1", "subnet-2"]})
GROUP = ("aws:autoscaling/group:Group", {"minSize": 0, "maxSize": 1, "launchTemplate": {"id": "lt-1"}})
MIX = {"launchTemplate": {"launchTemplateSpecification": {"launchTemplateId": "lt-1"}}}
CAPACITY = (
    "aws:ecs/capacityProvider:CapacityProvider",
    {
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:x:name/g"
        }
    },
)
SERVICE = ("aws:ecs/service:Service", {"taskDefinition": "t:1"})
TASK = (
    "aws:ecs/taskDefinition:TaskDefinition",
    {"family": "f", "containerDefinitions": containers("vllm:1"), "volumes": [{"name": "models"}]},
)
TEMPLATE = ("aws:ec2/launchTemplate:LaunchTemplate", {})
SCALING = (
    "aws:appautoscaling/policy:Policy",
    {"resourceId": "service/c/s", "scalableDimension": "ecs:service:DesiredCount", "serviceNamespace": "ecs"},
)
SCALABLE = ("aws:appautoscaling/target:Target", {**SCALING[1], "minCapacity": 0, "maxCapacity": 1})
RULE = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 80, "toPort": 80},
)
SECRET = ("aws:secretsmanager/secret:Secret", {})
PARAMETER = ("aws:ssm/parameter:Parameter", {"type": "String", "value": "x"})
LISTENER_ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/x/1"
LISTENER = ("aws:lb/listener:Listener", {"loadBalancerArn": LISTENER_ARN, "port": 80, "protocol": "HTTP"})
SETTING = [{"name": "containerInsights", "value": "disabled"}]

REFUSED = [
    # the contract
    (VPC, {"cidrBlok": "10.0.0.0/16"}, "cidrBlok", "no property of this name"),
    (SUBNET, {"vpcId": None}, "vpcId", "required, but not given"),
    (VPC, {"enableDnsSupport": "true"}, "enableDnsSupport", 'must be a boolean, got the string "true"'),
    (LOGS, {"retentionInDays": "30"}, "retentionInDays", 'must be an integer, got the string "30"'),
    (VPC, {"tags": {"a": 1}}, "tags.a", "must be a string, got the number 1"),
    (TARGETS, {"healthCheck": {"pth": "/"}}, "healthCheck.pth", "no property of this name"),
    (GROUP, {"tags": [{"key": "a", "value": "b"}]}, "tags[0].propagateAtLaunch", "required, but not given"),
    (SECRET, {"type": "x"}, "type", "known to the SDK, but not to the provider version"),
    (VPC, {"region": "eu-west-1"}, "region", "the provider is configured for us-east-1"),
    # botocore's enums, ranges and patterns
    (ALARM, {"comparisonOperator": "Bigger"}, "comparisonOperator", "expected one of GreaterThanOrEqualToThreshold"),
    (SCALABLE, {"serviceNamespace": "ec3"}, "serviceNamespace", "expected one of"),
    (SERVICE, {"propagateTags": "service"}, "propagateTags", "expected one of SERVICE, TASK_DEFINITION, NONE"),
    (
        CAPACITY,
        {"autoScalingGroupProvider": {**CAPACITY[1]["autoScalingGroupProvider"], "managedDraining": "enabled"}},
        "autoScalingGroupProvider.managedDraining",
        "expected one of ENABLED, DISABLED",
    ),
    (TASK, {"networkMode": "vpc"}, "networkMode", "expected one of bridge, host, awsvpc, none"),
    # the official provider's own rules
    (ALARM, {"period": 45}, "period", "must be 10, 20, 30 or divisible by 60, got 45"),
    (ALARM, {"extendedStatistic": "p95"}, "statistic", "exactly one of statistic, extendedStatistic"),
    (ALARM, {"statistic": None, "extendedStatistic": "95"}, "extendedStatistic", "invalid statistic"),
    (ALARM, {"alarmActions": ["topic"]}, "alarmActions[0]", "invalid ARN"),
    (LOGS, {"retentionInDays": 15}, "retentionInDays", "expected one of 0, 1, 3, 5, 7, 14, 30"),
    (
        ("aws:cloudwatch/dashboard:Dashboard", {"dashboardName": "a b", "dashboardBody": "{}"}),
        {},
        "dashboardName",
        "must hold only letters",
    ),
    (("aws:ecs/cluster:Cluster", {"name": "bad name!"}), {}, "name", "must hold only letters"),
    (
        ("aws:ecs/cluster:Cluster", {"settings": [{**SETTING[0], "value": "yes"}]}),
        {},
        "settings[0].value",
        "expected one of enabled",
    ),
    (GROUP, {"mixedInstancesPolicy": MIX}, "launchTemplate", "exactly one of launchTemplate, mixedInstancesPolicy"),
    (
        GROUP,
        {
            "launchTemplate": None,
            "mixedInstancesPolicy": {**MIX, "instancesDistribution": {"onDemandPercentageAboveBaseCapacity": 101}},
        },
        "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity",
        "expected 0 to 100, got 101",
    ),
    (
        GROUP,
        {
            "launchTemplate": None,
            "mixedInstancesPolicy": {**MIX, "instancesDistribution": {"spotAllocationStrategy": "cheapest"}},
        },
        "mixedInstancesPolicy.instancesDistribution.spotAllocationStrategy",
        "expected one of lowest-price, capacity-optimized",
    ),
    (CAPACITY, {"cluster": "c"}, "cluster", "conflicts with autoScalingGroupProvider"),
    (
        CAPACITY,
        {"autoScalingGroupProvider": {"autoScalingGroupArn": "group"}},
        "autoScalingGroupProvider.autoScalingGroupArn",
        "invalid ARN",
    ),
    (CAPACITY, {"name": "ecs-gpu"}, "name", "must not start with aws, ecs or fargate"),
    (
        SERVICE,
        {"capacityProviderStrategies": [{"capacityProvider": "c", "weight": 2000}]},
        "capacityProviderStrategies[0].weight",
        "expected 0 to 1000, got 2000",
    ),
    (
        SERVICE,
        {"launchType": "EC2", "capacityProviderStrategies": [{"capacityProvider": "c"}]},
        "capacityProviderStrategies",
        "conflicts with launchType",
    ),
    (
        SERVICE,
        {"deploymentMinimumHealthyPercent": 150, "deploymentMaximumPercent": 100},
        "deploymentMaximumPercent",
        "leaves no room",
    ),
    (
        SERVICE,
        {
            "deploymentMinimumHealthyPercent": 0,
            "deploymentMaximumPercent": 100,
            "availabilityZoneRebalancing": "ENABLED",
        },
        "availabilityZoneRebalancing",
        "needs deploymentMaximumPercent above 100",
    ),
    (
        TEMPLATE,
        {"blockDeviceMappings": [{"ebs": {"encrypted": "yes"}}]},
        "blockDeviceMappings[0].ebs.encrypted",
        "expected one of , true, false; got 'yes'",
    ),
    (
        TEMPLATE,
        {"blockDeviceMappings": [{"ebs": {"throughput": 100}}]},
        "blockDeviceMappings[0].ebs.throughput",
        "expected 125 to 2000, got 100",
    ),
    (
        TEMPLATE,
        {"updateDefaultVersion": True, "defaultVersion": 1},
        "defaultVersion",
        "conflicts with updateDefaultVersion",
    ),
    (
        TEMPLATE,
        {"iamInstanceProfile": {"arn": "arn:aws:iam::123456789012:instance-profile/x", "name": "x"}},
        "iamInstanceProfile",
        "name conflicts with arn",
    ),
    (TEMPLATE, {"userData": "#!/bin/bash"}, "userData", "must be base64"),
    (TEMPLATE, {"instanceType": "z9.huge"}, "instanceType", "expected one of"),
    (GROUP, {"minSize": 2}, "minSize", "2 is more than maxSize, which is 1"),
    (GROUP, {"launchTemplate": None}, "launchTemplate", "exactly one of"),
    (
        GROUP,
        {"instanceMaintenancePolicy": {"minHealthyPercentage": 100, "maxHealthyPercentage": 250}},
        "instanceMaintenancePolicy",
        "expected 100 to 200 or -1",
    ),
    (GROUP, {"waitForCapacityTimeout": "0s1"}, "waitForCapacityTimeout", "invalid duration"),
    (GROUP, {"enabledMetrics": ["GroupSize"]}, "enabledMetrics[0]", "expected one of GroupMinSize"),
    (GROUP, {"healthCheckType": "ec2"}, "healthCheckType", "expected one of EC2"),
    (BALANCER, {"name": "internal-x"}, "name", "cannot begin with internal-"),
    (BALANCER, {"name": "a_b"}, "name", "must hold only letters"),
    (BALANCER, {"subnets": ["subnet-1"]}, "subnets", "needs subnets in two zones, got 1"),
    (BALANCER, {"idleTimeout": 5000}, "idleTimeout", "expected 1 to 4000, got 5000"),
    (TARGETS, {"healthCheck": {"path": "readyz"}}, "healthCheck.path", "must begin with /"),
    (TARGETS, {"healthCheck": {"interval": 1}}, "healthCheck.interval", "expected 5 to 300, got 1"),
    (TARGETS, {"healthCheck": {"interval": 10, "timeout": 10}}, "healthCheck.timeout", "must be less than interval"),
    (TARGETS, {"protocol": None}, "protocol", "must be given when targetType is 'ip'"),
    (TARGETS, {"slowStart": 10}, "slowStart", "expected 30 to 900 or 0, got 10"),
    (
        LISTENER,
        {"defaultActions": [{"type": "forward"}]},
        "defaultActions[0].forward",
        "targetGroupArn or forward must be given",
    ),
    (
        LISTENER,
        {"protocol": "HTTPS", "defaultActions": [{"type": "forward", "targetGroupArn": LISTENER_ARN}]},
        "certificateArn",
        "must be given when protocol is HTTPS",
    ),
    (
        LISTENER,
        {"defaultActions": [{"type": "fixed-response", "fixedResponse": {"contentType": "json", "statusCode": "503"}}]},
        "defaultActions[0].fixedResponse.contentType",
        "expected one of text/plain",
    ),
    (SCALING, {"policyType": "TargetTracking"}, "policyType", "expected one of"),
    (SCALING, {}, "stepScalingPolicyConfiguration", "must be given when policyType is 'StepScaling'"),
    (SCALABLE, {"minCapacity": 5}, "minCapacity", "5 is more than maxCapacity, which is 1"),
    (
        RULE,
        {},
        "cidrIpv4",
        "exactly one of cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId must be given, got none",
    ),
    (RULE, {"cidrIpv4": "10.0.0.1/8"}, "cidrIpv4", "has host bits set"),
    (("aws:ec2/securityGroup:SecurityGroup", {"name": "sg-x"}), {}, "name", "cannot begin with sg-"),
    (ROLE, {"assumeRolePolicy": "{"}, "assumeRolePolicy", "contains invalid JSON"),
    (ROLE, {"namePrefix": "x" * 39}, "namePrefix", "must hold at most 38"),
    (
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "r", "policyArn": "AdministratorAccess"}),
        {},
        "policyArn",
        "invalid ARN",
    ),
    (("aws:efs/fileSystem:FileSystem", {"kmsKeyId": "key"}), {}, "kmsKeyId", "invalid ARN"),
    (
        ("aws:efs/fileSystem:FileSystem", {"lifecyclePolicies": [{"transitionToIa": "AFTER_3_DAYS"}]}),
        {},
        "lifecyclePolicies[0].transitionToIa",
        "expected one of AFTER_1_DAY",
    ),
    (SECRET, {"recoveryWindowInDays": 3}, "recoveryWindowInDays", "expected 7 to 30 or 0, got 3"),
    (PARAMETER, {"insecureValue": "y"}, "value", "exactly one of value, insecureValue"),
    (PARAMETER, {"name": "/aws/x"}, "name", "must not begin with aws or ssm"),
    (PARAMETER, {"value": "x" * 5000}, "value", "has 5000 bytes; the Standard tier takes 4096"),
]


def _name(item: Any) -> str:
    return item if isinstance(item, str) and len(item) < 40 else ""


@pytest.mark.parametrize(("happy", "change", "path", "reason"), REFUSED, ids=_name)
def test_a_bad_value_is_refused_at_its_place(
    engine: Engine, happy: tuple[str, Any], change: dict[str, Any], path: str, reason: str
) -> None:
    """One bad value in a good resource is refused with its property path and the reason."""
    token, inputs = happy
    bad = {name: value for name, value in {**inputs, **change}.items() if value is not None}
    with pytest.raises(CheckFailedError) as caught:
        engine.check(token, "x", bad)
    assert path in caught.value.failures
    assert reason in caught.value.failures[path]


def test_all_failures_of_a_resource_are_reported_together(engine: Engine) -> None:
    """A preview names every bad property of a resource at once."""
    with pytest.raises(CheckFailedError) as caught:
        engine.check(SUBNET[0], "x", {"cidr": "10.0.0.0/20", "mapPublicIpOnLaunch": "yes"})
    assert set(caught.value.failures) == {"cidr", "mapPublicIpOnLaunch", "vpcId"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_any_input_may_be_unknown(engine: Engine, case: Any) -> None:
    """An input that a preview does not know yet passes, alone or with all the others."""
    tries = [{**case.inputs, name: UNKNOWN} for name in case.inputs]
    for inputs in [*tries, dict.fromkeys(case.inputs, UNKNOWN)]:
        known = {name: value for name, value in inputs.items() if "${" not in json.dumps(value, default=str)}
        unknown = dict.fromkeys(inputs.keys() - known.keys(), UNKNOWN)
        checked = engine.check(case.token, case.key, {**known, **unknown})
        assert set(inputs) <= set(checked)


@pytest.mark.parametrize(
    "happy",
    [
        VPC,
        SUBNET,
        ROLE,
        LOGS,
        ALARM,
        TARGETS,
        BALANCER,
        GROUP,
        CAPACITY,
        SERVICE,
        TASK,
        TEMPLATE,
        SCALABLE,
        SECRET,
        PARAMETER,
    ],
    ids=_name,
)
def test_the_happy_inputs_pass(engine: Engine, happy: tuple[str, Any]) -> None:
    """What the refusals above start from is good."""
    assert engine.check(happy[0], "x", happy[1]).items() >= happy[1].items()
