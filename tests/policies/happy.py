"""One resource of each type that rules read, as it should be, and settings under which all of them are kept."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from policies.rules import RULES
from policies.value import SENTINELS

GONE = object()
"""What removes a property."""
UNKNOWN = SENTINELS[2]
SERVICE = "berth:index:ModelService"
COMMIT, DIGEST = "a" * 40, f"sha256:{'b' * 64}"
SERVICE_URN = f"urn:pulumi:dev::berth::{SERVICE}::chat"

SETTINGS: dict[str, dict[str, Any]] = {
    "cost-ceiling-service": {"maxExpectedUsdPerMonth": 1500},
    "cost-ceiling-worst-case": {"maxUsdPerMonth": 2500},
    "cost-ceiling-stack": {"maxExpectedUsdPerMonth": 3000},
    "gpu-family-per-env": {"allowedFamilies": ["g6", "g6e", "ADA_48_PRO"], "maxGpusPerReplica": 1},
    "max-replicas": {"maxReplicas": 4, "maxInstances": 6},
    "budget-required": {"maxMonthlyUsd": 2000},
    "schedule-sane": {"maxHoursPerWeek": 60},
    "spot-share": {"minSpotPercent": 20, "maxSpotPercent": 50},
    "region-premium": {"allowedRegions": ["us-east-1", "eu-west-1"], "maxPremiumPercent": 5},
    "tags-required": {"requiredOfService": ["owner"], "allowedValues": {"environment": ["dev", "prod"]}},
    "encryption": {"ownKeys": True},
    "image-pinned": {"requireDigest": True},
    "efs-throughput": {"infrequentAccess": True},
}
CONFIG = {rule.name: {"enforcementLevel": "mandatory", **SETTINGS.get(rule.name, {})} for rule in RULES}

TAGS = {"stack": "dev", "environment": "dev", "managed-by": "berth"}
LOAD = {"requests_per_hour": 300, "input_tokens": 500, "output_tokens": 200}
_STATEMENT = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::weights/*"}
POLICY = {"Version": "2012-10-17", "Statement": [_STATEMENT]}
CONTAINERS = [
    {
        "name": "weights",
        "image": f"weight-cache@{DIGEST}",
        "environment": [
            {"name": "BERTH_MODEL_ID", "value": "acme/chat-8b"},
            {"name": "BERTH_MODEL_REVISION", "value": COMMIT},
            {"name": "BERTH_MODEL_TOKEN_SECRET", "value": "huggingface/token"},
        ],
    }
]
NOTIFICATIONS = [
    {"notificationType": "ACTUAL", "subscriberEmailAddresses": ["ml@example.com"]},
    {"notificationType": "FORECASTED", "subscriberSnsTopicArns": ["arn:aws:sns:us-east-1:123456789012:spend"]},
]

HAPPY: dict[str, dict[str, Any]] = {
    SERVICE: {
        "target": "ecs",
        "spec": {
            "power": "on",
            "environment": "dev",
            "load": LOAD,
            "model": {"revision": COMMIT},
            "pricing": {"commitment": "1y_no_upfront", "spot_percent": 30},
            "schedule": {"hours": "Mon-Fri 08:00-20:00 Europe/Berlin"},
            "gateway": {"keys_secret": "berth/keys"},
            "network": {"exposure": "public"},
            "ecs": {"log_retention": "30d"},
            "policy_exemptions": [],
        },
        "plan": {
            "environment": "dev",
            "region": "us-east-1",
            "hardware": ["g6.2xlarge"],
            "gpusPerReplica": 1,
            "memory": {"budgetGib": 20.0, "weightsGib": 13.0, "runtimeGib": 1.5},
            "replicas": {"min": 2, "max": 3},
            "awakeHoursPerMonth": 260.7,
            "images": {"engine": f"vllm/vllm-openai@{DIGEST}"},
            "keeperOwnsCapacity": True,
            "tags": {"owner": "ml-platform"},
        },
        "costEstimate": {
            "floor": 600,
            "expected": 700,
            "max": 1400,
            "usdPerMillionTokens": 2.5,
            "lines": [{"name": "GPU", "expected": 700, "shared": False}],
            "priceTableDate": "2026-07-06",
            "unknowns": [],
        },
    },
    "aws:appautoscaling/target:Target": {"minCapacity": 2, "maxCapacity": 3, "tags": TAGS},
    "aws:appautoscaling/scheduledAction:ScheduledAction": {
        "resourceId": "service/chat",
        "schedule": "cron(0 20 ? * MON-FRI *)",
        "timezone": "Europe/Berlin",
        "scalableTargetAction": {"minCapacity": 0, "maxCapacity": 0},
    },
    "aws:autoscaling/group:Group": {
        "maxSize": 6,
        "vpcZoneIdentifiers": ["subnet-a", "subnet-b"],
        "mixedInstancesPolicy": {
            "launchTemplate": {"overrides": [{"instanceType": "g6.2xlarge"}, {"instanceType": "g6.4xlarge"}]},
            "instancesDistribution": {"onDemandBaseCapacity": 1, "onDemandPercentageAboveBaseCapacity": 0},
        },
        "tags": [{"key": key, "value": value, "propagateAtLaunch": True} for key, value in TAGS.items()],
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {
        "instanceType": "g6.2xlarge",
        "blockDeviceMappings": [{"ebs": {"encrypted": "true"}}, {"ebs": {"encrypted": True}}],
        "tags": TAGS,
    },
    "aws:ecs/service:Service": {"desiredCount": 1, "propagateTags": "SERVICE", "tags": TAGS},
    "aws:ecs/taskDefinition:TaskDefinition": {"containerDefinitions": json.dumps(CONTAINERS), "tags": TAGS},
    "aws:cloudwatch/logGroup:LogGroup": {"retentionInDays": 30, "kmsKeyId": "key", "tags": TAGS},
    "aws:sagemaker/model:Model": {
        "primaryContainer": {
            "image": f"vllm@{DIGEST}",
            "environment": {"HF_MODEL_ID": "acme/chat-8b", "HF_MODEL_REVISION": COMMIT, "MAX_TOTAL_TOKENS": "4096"},
        },
        "tags": TAGS,
    },
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": {
        "productionVariants": [
            {"instanceType": "ml.g6.xlarge", "initialInstanceCount": 2},
            {"instanceType": "ml.g6e.xlarge", "initialInstanceCount": 1},
        ],
        "tags": TAGS,
    },
    "pulumi-python:dynamic/sagemaker:Endpoint": {
        "configurations": [{"instanceType": "ml.g6.xlarge"}, {"instanceType": "ml.g6e.xlarge"}],
        "minReplicas": 2,
        "maxReplicas": 3,
        "keeperManaged": True,
        "tags": TAGS,
    },
    "pulumi-python:dynamic/runpod:Endpoint": {
        "type": "QUEUE",
        "image": f"worker@{DIGEST}",
        "env": {"MODEL_NAME": "acme/chat-8b", "MODEL_REVISION": COMMIT, "HF_TOKEN": "{{ RUNPOD_SECRET_hf }}"},
        "gpu": {"pools": ["ADA_48_PRO"], "count": 1},
        "workers": {"min": 0, "max": 3, "idleTimeout": 60},
        "scaling": {"type": "QUEUE_DELAY", "queueDelay": 4},
        "scheduleManaged": True,
    },
    "aws:lb/loadBalancer:LoadBalancer": {"internal": False, "tags": TAGS},
    "aws:lb/listener:Listener": {
        "protocol": "HTTPS",
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "defaultActions": [{"type": "fixed-response"}],
        "tags": TAGS,
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "cidrIpv4": "0.0.0.0/0",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
    },
    "aws:ec2/securityGroup:SecurityGroup": {
        "ingress": [{"protocol": "tcp", "fromPort": 8080, "toPort": 8080, "cidrBlocks": ["10.0.0.0/8"]}],
        "tags": TAGS,
    },
    "aws:apigatewayv2/route:Route": {"authorizationType": "AWS_IAM"},
    "aws:apigateway/method:Method": {"authorization": "NONE", "apiKeyRequired": True},
    "aws:efs/fileSystem:FileSystem": {
        "encrypted": True,
        "kmsKeyId": "key",
        "throughputMode": "elastic",
        "lifecyclePolicies": [{"transitionToIa": "AFTER_30_DAYS"}],
        "tags": TAGS,
    },
    "aws:sns/topic:Topic": {"kmsMasterKeyId": "alias/spend", "tags": TAGS},
    "aws:lambda/function:Function": {
        "environment": {"variables": {"TABLE": "spending", "KEY_SECRET_ARN": "arn:aws:secretsmanager:x"}},
        "tags": TAGS,
    },
    "aws:iam/rolePolicy:RolePolicy": {"policy": json.dumps(POLICY)},
    "aws:iam/policy:Policy": {"policy": json.dumps(POLICY)},
    "aws:iam/role:Role": {"inlinePolicies": [{"policy": json.dumps(POLICY)}], "tags": TAGS},
    "aws:budgets/budget:Budget": {
        "limitAmount": "2000",
        "limitUnit": "USD",
        "costFilters": [{"name": "TagKeyValue", "values": ["user:stack$dev"]}],
        "notifications": NOTIFICATIONS,
        "tags": TAGS,
    },
    "aws:scheduler/schedule:Schedule": {
        "scheduleExpression": "cron(0 8 ? * MON-FRI *)",
        "scheduleExpressionTimezone": "Europe/Berlin",
    },
    "aws:ec2/natGateway:NatGateway": {"tags": TAGS},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"serviceName": "com.amazonaws.us-east-1.s3", "tags": TAGS},
}
IGNORED = {
    "aws:appautoscaling/target:Target": ["minCapacity", "maxCapacity"],
    "aws:ecs/service:Service": ["desiredCount"],
    "aws:autoscaling/group:Group": ["desiredCapacity"],
}


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """Return the happy properties of a type with one of them another; `a|b` reaches into JSON in a text."""
    props = deepcopy(HAPPY[kind])
    outer, bar, inner = path.partition("|")
    if bar:
        holder, last = _holder(props, outer)
        document = json.loads(holder[last])
        _put(document, inner, value)
        holder[last] = json.dumps(document)
    else:
        _put(props, path, value)
    return props


def _put(document: Any, path: str, value: Any) -> None:
    holder, last = _holder(document, path)
    if value is GONE:
        del holder[last]
    else:
        holder[last] = value


def _holder(document: Any, path: str) -> tuple[Any, Any]:
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for part in parents:
        document = document[part]
    return document, last


def urn_of(kind: str, name: str = "chat-part") -> str:
    return SERVICE_URN if kind == SERVICE else f"urn:pulumi:dev::berth::{SERVICE}${kind}::{name}"


def state_of(kind: str, props: dict[str, Any], *, name: str = "chat-part", **more: Any) -> dict[str, Any]:
    """Return a resource of the service as a state has it."""
    own = kind == SERVICE
    urn = f"urn:pulumi:dev::berth::{SERVICE}::{name}" if own and name != "chat-part" else urn_of(kind, name)
    return {"type": kind, "urn": urn, "inputs": props, **({} if own else {"parent": SERVICE_URN}), **more}
