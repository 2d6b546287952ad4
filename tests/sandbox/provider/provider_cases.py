"""One case per resource type: inputs, and a change that must be an update in place.

A string `${case.property}` stands for an output of an earlier case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
TAGS = {"owner": "ml-platform", "cost_center": "4711"}


def _policy(action: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}]}
    )


def containers(image: str) -> str:
    """Container definitions as the ECS component writes them, shortened."""
    return json.dumps(
        [
            {
                "name": "weights",
                "image": "weights:1",
                "essential": False,
                "memory": 1024,
                "memoryReservation": 512,
                "mountPoints": [{"sourceVolume": "models", "containerPath": "/models"}],
            },
            {
                "name": "vllm",
                "image": image,
                "memory": 14000,
                "dependsOn": [{"containerName": "weights", "condition": "SUCCESS"}],
                "resourceRequirements": [{"type": "GPU", "value": "1"}],
                "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
                "portMappings": [{"containerPort": 8080}],
                "healthCheck": {"command": ["CMD", "true"], "interval": 10, "timeout": 5, "retries": 3},
            },
        ]
    )


def dashboard(metric: str) -> str:
    """A dashboard of one widget."""
    properties = {
        "metrics": [["Berth", metric]],
        "region": "us-east-1",
        "title": metric,
        "view": "timeSeries",
        "stat": "Sum",
        "period": 60,
    }
    return json.dumps(
        {"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 6, "height": 6, "properties": properties}]}
    )


@dataclass(frozen=True)
class Case:
    """A resource, the change that updates it, and how its id looks."""

    key: str
    token: str
    inputs: dict[str, Any]
    change: dict[str, Any] = field(default_factory=dict)
    id: str = ".+"
    importable: bool = True
    """Its id alone leads to every input."""
    vanishes: bool = True
    """A read after the delete finds nothing."""


CASES = (
    Case(
        "vpc",
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.42.0.0/16", "enableDnsHostnames": True, "tags": TAGS},
        {"enableDnsHostnames": False, "tags": {"owner": "you"}},
        "vpc-[0-9a-f]+",
    ),
    Case(
        "a",
        "aws:ec2/subnet:Subnet",
        {"vpcId": "${vpc.id}", "cidrBlock": "10.42.0.0/20", "availabilityZone": "us-east-1a", "tags": TAGS},
        {"mapPublicIpOnLaunch": True},
        "subnet-[0-9a-f]+",
    ),
    Case(
        "b",
        "aws:ec2/subnet:Subnet",
        {
            "vpcId": "${vpc.id}",
            "cidrBlock": "10.42.16.0/20",
            "availabilityZone": "us-east-1b",
            "mapPublicIpOnLaunch": True,
        },
        {"tags": TAGS},
        "subnet-[0-9a-f]+",
    ),
    Case(
        "gateway",
        "aws:ec2/internetGateway:InternetGateway",
        {"vpcId": "${vpc.id}", "tags": TAGS},
        {"tags": {}},
        "igw-[0-9a-f]+",
    ),
    Case(
        "table",
        "aws:ec2/routeTable:RouteTable",
        {"vpcId": "${vpc.id}", "tags": TAGS},
        {"tags": {"a": "b"}},
        "rtb-[0-9a-f]+",
    ),
    Case(
        "inline_table",
        "aws:ec2/routeTable:RouteTable",
        {"vpcId": "${vpc.id}", "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "${gateway.id}"}]},
        {"routes": [{"cidrBlock": "10.99.0.0/16", "gatewayId": "${gateway.id}"}]},
        "rtb-[0-9a-f]+",
        importable=False,
    ),
    Case(
        "association",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        {"routeTableId": "${table.id}", "subnetId": "${a.id}"},
        {"routeTableId": "${inline_table.id}"},
        "rtbassoc-[0-9a-f]+",
        importable=False,
    ),
    Case(
        "eip",
        "aws:ec2/eip:Eip",
        {"domain": "vpc", "tags": TAGS},
        {"tags": {"x": "y"}},
        "eipalloc-[0-9a-f]+",
        importable=False,
    ),
    Case(
        "nat",
        "aws:ec2/natGateway:NatGateway",
        {"allocationId": "${eip.id}", "subnetId": "${a.id}", "tags": TAGS},
        {"tags": {"x": "y"}},
        "nat-[0-9a-f]+",
    ),
    Case(
        "route",
        "aws:ec2/route:Route",
        {"routeTableId": "${table.id}", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "${gateway.id}"},
        {"gatewayId": None, "natGatewayId": "${nat.id}"},
        "r-rtb-[0-9a-f]+[0-9]+",
        importable=False,
    ),
    Case(
        "group",
        "aws:ec2/securityGroup:SecurityGroup",
        {"description": "gateway", "vpcId": "${vpc.id}", "tags": TAGS},
        {"tags": {"x": "y"}},
        "sg-[0-9a-f]+",
    ),
    Case(
        "inline_group",
        "aws:ec2/securityGroup:SecurityGroup",
        {
            "description": "open",
            "vpcId": "${vpc.id}",
            "ingress": [
                {
                    "protocol": "tcp",
                    "fromPort": 80,
                    "toPort": 80,
                    "cidrBlocks": ["10.0.0.0/8", "192.168.0.0/16"],
                    "description": "web",
                }
            ],
            "egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}],
        },
        {"ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "securityGroups": ["${group.id}"]}]},
        importable=False,
    ),
    Case(
        "ingress",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {
            "securityGroupId": "${group.id}",
            "ipProtocol": "tcp",
            "fromPort": 8080,
            "toPort": 8080,
            "referencedSecurityGroupId": "${inline_group.id}",
            "description": "from the balancer",
            "tags": TAGS,
        },
        {"description": "changed", "fromPort": 8000},
        "sgr-[0-9a-f]+",
    ),
    Case(
        "egress",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        {"securityGroupId": "${group.id}", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
        {"cidrIpv4": "10.0.0.0/8"},
        "sgr-[0-9a-f]+",
    ),
    Case(
        "endpoint",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpcId": "${vpc.id}",
            "serviceName": "com.amazonaws.us-east-1.s3",
            "routeTableIds": ["${table.id}"],
            "tags": TAGS,
        },
        {"tags": {"x": "y"}},
        "vpce-[0-9a-f]+",
    ),
    Case(
        "role",
        "aws:iam/role:Role",
        {
            "assumeRolePolicy": TRUST,
            "description": "tasks",
            "managedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"],
            "inlinePolicies": [{"name": "logs", "policy": _policy("logs:PutLogEvents")}],
            "tags": TAGS,
        },
        {
            "description": "changed",
            "managedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"],
            "maxSessionDuration": 7200,
            "tags": {"owner": "you"},
        },
        "role-[0-9a-f]{7}",
    ),
    Case(
        "plain_role",
        "aws:iam/role:Role",
        {"assumeRolePolicy": TRUST, "namePrefix": "berth-"},
        {"assumeRolePolicy": TRUST.replace("ec2.", "ecs-tasks.")},
        "berth-[0-9a-f]{26}",
        importable=False,
    ),
    Case(
        "role_policy",
        "aws:iam/rolePolicy:RolePolicy",
        {"role": "${plain_role.id}", "policy": _policy("s3:GetObject")},
        {"policy": _policy("s3:PutObject")},
        "berth-[0-9a-f]+:role_policy-[0-9a-f]{7}",
    ),
    Case(
        "attachment",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {
            "role": "${plain_role.name}",
            "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        },
    ),
    Case(
        "profile",
        "aws:iam/instanceProfile:InstanceProfile",
        {"role": "${role.name}", "tags": TAGS},
        {"role": "${plain_role.name}"},
        "profile-[0-9a-f]{7}",
    ),
    Case(
        "template",
        "aws:ec2/launchTemplate:LaunchTemplate",
        {
            "imageId": "ami-12c6146b",
            "instanceType": "g6.xlarge",
            "userData": "ZWNobw==",
            "namePrefix": "gpu-",
            "updateDefaultVersion": True,
            "vpcSecurityGroupIds": ["${group.id}"],
            "iamInstanceProfile": {"arn": "${profile.arn}"},
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {
                        "volumeSize": 200,
                        "volumeType": "gp3",
                        "encrypted": "true",
                        "deleteOnTermination": "true",
                        "throughput": 500,
                    },
                }
            ],
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
            "monitoring": {"enabled": True},
            "tagSpecifications": [{"resourceType": "instance", "tags": TAGS}, {"resourceType": "volume", "tags": TAGS}],
            "tags": TAGS,
        },
        {"instanceType": "g6.2xlarge", "userData": "ZWNobyAx"},
        "lt-[0-9a-f]+",
        importable=False,
    ),
    Case(
        "files",
        "aws:efs/fileSystem:FileSystem",
        {
            "encrypted": True,
            "throughputMode": "elastic",
            "lifecyclePolicies": [{"transitionToIa": "AFTER_30_DAYS"}],
            "tags": TAGS,
        },
        {"throughputMode": "bursting", "lifecyclePolicies": [{"transitionToIa": "AFTER_7_DAYS"}]},
        "fs-[0-9a-f]+",
    ),
    Case(
        "mount",
        "aws:efs/mountTarget:MountTarget",
        {"fileSystemId": "${files.id}", "subnetId": "${a.id}", "securityGroups": ["${group.id}"]},
        {"securityGroups": ["${inline_group.id}"]},
        "fsmt-[0-9a-f]+",
    ),
    Case("mount_b", "aws:efs/mountTarget:MountTarget", {"fileSystemId": "${files.id}", "subnetId": "${b.id}"}),
    Case(
        "access",
        "aws:efs/accessPoint:AccessPoint",
        {
            "fileSystemId": "${files.id}",
            "posixUser": {"uid": 2000, "gid": 0},
            "rootDirectory": {
                "path": "/models",
                "creationInfo": {"ownerUid": 2000, "ownerGid": 0, "permissions": "0750"},
            },
            "tags": TAGS,
        },
        {"tags": {"a": "b"}},
        "fsap-[0-9a-f]+",
    ),
    Case(
        "files_policy",
        "aws:efs/fileSystemPolicy:FileSystemPolicy",
        {"fileSystemId": "${files.id}", "policy": _policy("elasticfilesystem:ClientMount")},
        {"policy": _policy("elasticfilesystem:ClientWrite")},
        "fs-[0-9a-f]+",
    ),
    Case(
        "cluster",
        "aws:ecs/cluster:Cluster",
        {"settings": [{"name": "containerInsights", "value": "disabled"}], "tags": TAGS},
        {"settings": [{"name": "containerInsights", "value": "enabled"}]},
        "arn:aws:ecs:us-east-1:123456789012:cluster/cluster-[0-9a-f]{7}",
    ),
    Case(
        "asg",
        "aws:autoscaling/group:Group",
        {
            "minSize": 0,
            "maxSize": 2,
            "desiredCapacity": 0,
            "vpcZoneIdentifiers": ["${b.id}", "${a.id}"],
            "launchTemplate": {"id": "${template.id}", "version": "${template.latestVersion}"},
            "protectFromScaleIn": True,
            "forceDelete": True,
            "healthCheckType": "EC2",
            "maxInstanceLifetime": 86400,
            "defaultInstanceWarmup": 120,
            "instanceMaintenancePolicy": {"minHealthyPercentage": 0, "maxHealthyPercentage": 100},
            "enabledMetrics": ["GroupInServiceInstances"],
            "waitForCapacityTimeout": "0",
            "tags": [{"key": "AmazonECSManaged", "value": "true", "propagateAtLaunch": True}],
        },
        {
            "maxSize": 3,
            "tags": [
                {"key": "AmazonECSManaged", "value": "true", "propagateAtLaunch": True},
                {"key": "x", "value": "y", "propagateAtLaunch": False},
            ],
            "enabledMetrics": ["GroupInServiceInstances", "GroupTotalInstances"],
        },
        "asg-[0-9a-f]{7}",
        importable=False,
    ),
    Case(
        "capacity",
        "aws:ecs/capacityProvider:CapacityProvider",
        {
            "autoScalingGroupProvider": {
                "autoScalingGroupArn": "${asg.arn}",
                "managedTerminationProtection": "ENABLED",
                "managedDraining": "ENABLED",
                "managedScaling": {
                    "status": "ENABLED",
                    "targetCapacity": 100,
                    "minimumScalingStepSize": 1,
                    "maximumScalingStepSize": 1,
                    "instanceWarmupPeriod": 120,
                },
            },
            "tags": TAGS,
        },
        {
            "autoScalingGroupProvider": {
                "autoScalingGroupArn": "${asg.arn}",
                "managedTerminationProtection": "ENABLED",
                "managedDraining": "ENABLED",
                "managedScaling": {
                    "status": "ENABLED",
                    "targetCapacity": 90,
                    "minimumScalingStepSize": 1,
                    "maximumScalingStepSize": 1,
                    "instanceWarmupPeriod": 120,
                },
            }
        },
        "arn:aws:ecs:.*:capacity-provider/capacity-[0-9a-f]{7}",
    ),
    Case(
        "providers",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        {
            "clusterName": "${cluster.name}",
            "capacityProviders": ["${capacity.name}"],
            "defaultCapacityProviderStrategies": [{"capacityProvider": "${capacity.name}", "weight": 1}],
        },
        {"defaultCapacityProviderStrategies": [{"capacityProvider": "${capacity.name}", "weight": 2}]},
        "cluster-[0-9a-f]{7}",
        vanishes=False,
    ),
    Case(
        "task",
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "family": "berth-llama",
            "containerDefinitions": containers("vllm:1"),
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["EC2"],
            "taskRoleArn": "${role.arn}",
            "executionRoleArn": "${role.arn}",
            "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
            "volumes": [
                {
                    "name": "models",
                    "efsVolumeConfiguration": {
                        "fileSystemId": "${files.id}",
                        "transitEncryption": "ENABLED",
                        "authorizationConfig": {"accessPointId": "${access.id}", "iam": "ENABLED"},
                    },
                }
            ],
            "tags": TAGS,
        },
        {"tags": {"a": "b"}},
        "berth-llama",
        importable=False,
    ),
    Case(
        "balancer",
        "aws:lb/loadBalancer:LoadBalancer",
        {
            "internal": True,
            "subnets": ["${b.id}", "${a.id}"],
            "securityGroups": ["${group.id}"],
            "idleTimeout": 600,
            "dropInvalidHeaderFields": True,
            "tags": TAGS,
        },
        {"idleTimeout": 900, "securityGroups": ["${inline_group.id}"]},
        "arn:aws:elasticloadbalancing:.*loadbalancer/app/balancer-[0-9a-f]{7}/.*",
    ),
    Case(
        "targets",
        "aws:lb/targetGroup:TargetGroup",
        {
            "port": 8080,
            "protocol": "HTTP",
            "vpcId": "${vpc.id}",
            "targetType": "ip",
            "deregistrationDelay": 120,
            "loadBalancingAlgorithmType": "least_outstanding_requests",
            "healthCheck": {
                "path": "/readyz",
                "interval": 10,
                "timeout": 5,
                "healthyThreshold": 2,
                "unhealthyThreshold": 3,
                "matcher": "200",
            },
            "tags": TAGS,
        },
        {
            "deregistrationDelay": 60,
            "healthCheck": {
                "path": "/healthz",
                "interval": 15,
                "timeout": 5,
                "healthyThreshold": 2,
                "unhealthyThreshold": 3,
                "matcher": "200",
            },
        },
        "arn:aws:elasticloadbalancing:.*targetgroup/targets-.*",
    ),
    Case(
        "listener",
        "aws:lb/listener:Listener",
        {
            "loadBalancerArn": "${balancer.arn}",
            "port": 80,
            "protocol": "HTTP",
            "defaultActions": [
                {
                    "type": "fixed-response",
                    "fixedResponse": {"contentType": "application/json", "messageBody": "{}", "statusCode": "503"},
                }
            ],
            "tags": TAGS,
        },
        {"defaultActions": [{"type": "forward", "targetGroupArn": "${targets.arn}"}]},
        "arn:aws:elasticloadbalancing:.*listener/app/.*",
    ),
    Case(
        "rule",
        "aws:lb/listenerRule:ListenerRule",
        {
            "listenerArn": "${listener.arn}",
            "priority": 10,
            "conditions": [
                {"pathPattern": {"values": ["/v1/*", "/healthz"]}},
                {"httpHeader": {"httpHeaderName": "X-Model", "values": ["llama"]}},
            ],
            "actions": [{"type": "forward", "forward": {"targetGroups": [{"arn": "${targets.arn}", "weight": 1}]}}],
            "tags": TAGS,
        },
        {"priority": 20, "conditions": [{"hostHeader": {"values": ["a.example.com"]}}]},
        "arn:aws:elasticloadbalancing:.*listener-rule/app/.*",
    ),
    Case(
        "service",
        "aws:ecs/service:Service",
        {
            "cluster": "${cluster.id}",
            "taskDefinition": "${task.arn}",
            "desiredCount": 1,
            "capacityProviderStrategies": [{"capacityProvider": "${capacity.name}", "weight": 1, "base": 0}],
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "deploymentMinimumHealthyPercent": 0,
            "deploymentMaximumPercent": 100,
            "availabilityZoneRebalancing": "DISABLED",
            "healthCheckGracePeriodSeconds": 1800,
            "enableEcsManagedTags": True,
            "propagateTags": "SERVICE",
            "networkConfiguration": {"subnets": ["${b.id}", "${a.id}"], "securityGroups": ["${group.id}"]},
            "loadBalancers": [{"targetGroupArn": "${targets.arn}", "containerName": "vllm", "containerPort": 8080}],
            "forceDelete": True,
            "tags": TAGS,
        },
        {
            "desiredCount": 2,
            "healthCheckGracePeriodSeconds": 900,
            "deploymentCircuitBreaker": {"enable": True, "rollback": False},
        },
        "arn:aws:ecs:.*:service/cluster-[0-9a-f]{7}/service-[0-9a-f]{7}",
        importable=False,
    ),
    Case(
        "scalable",
        "aws:appautoscaling/target:Target",
        {
            "serviceNamespace": "ecs",
            "scalableDimension": "ecs:service:DesiredCount",
            "resourceId": "service/${cluster.name}/${service.name}",
            "minCapacity": 1,
            "maxCapacity": 3,
            "tags": TAGS,
        },
        {"maxCapacity": 5},
        "service/cluster-[0-9a-f]{7}/service-[0-9a-f]{7}",
        importable=False,
    ),
    Case(
        "tracking",
        "aws:appautoscaling/policy:Policy",
        {
            "policyType": "TargetTrackingScaling",
            "serviceNamespace": "${scalable.serviceNamespace}",
            "scalableDimension": "${scalable.scalableDimension}",
            "resourceId": "${scalable.resourceId}",
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 8,
                "scaleInCooldown": 600,
                "scaleOutCooldown": 60,
                "customizedMetricSpecification": {
                    "metricName": "InFlight",
                    "namespace": "Berth",
                    "statistic": "Average",
                    "dimensions": [{"name": "Stack", "value": "s"}, {"name": "Service", "value": "t"}],
                },
            },
        },
        {
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 4.5,
                "customizedMetricSpecification": {
                    "metricName": "InFlight",
                    "namespace": "Berth",
                    "statistic": "Average",
                },
            }
        },
        "tracking-[0-9a-f]{7}",
        importable=False,
    ),
    Case(
        "stepping",
        "aws:appautoscaling/policy:Policy",
        {
            "serviceNamespace": "${scalable.serviceNamespace}",
            "scalableDimension": "${scalable.scalableDimension}",
            "resourceId": "${scalable.resourceId}",
            "stepScalingPolicyConfiguration": {
                "adjustmentType": "ExactCapacity",
                "cooldown": 60,
                "metricAggregationType": "Maximum",
                "stepAdjustments": [{"metricIntervalLowerBound": "0", "scalingAdjustment": 1}],
            },
        },
        {
            "stepScalingPolicyConfiguration": {
                "adjustmentType": "ExactCapacity",
                "cooldown": 120,
                "metricAggregationType": "Maximum",
                "stepAdjustments": [{"metricIntervalLowerBound": "0", "scalingAdjustment": 2}],
            }
        },
        importable=False,
    ),
    Case(
        "logs",
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/berth/test/gateway", "retentionInDays": 30, "tags": TAGS},
        {"retentionInDays": 90, "tags": {"a": "b"}},
        "/berth/test/gateway",
    ),
    Case(
        "board",
        "aws:cloudwatch/dashboard:Dashboard",
        {"dashboardName": "berth-test", "dashboardBody": dashboard("InFlight")},
        {"dashboardBody": dashboard("Queued")},
        "berth-test",
    ),
    Case(
        "alarm",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 2,
            "metricName": "InFlight",
            "namespace": "Berth",
            "period": 60,
            "statistic": "Maximum",
            "threshold": 1.5,
            "dimensions": {"Stack": "s", "Service": "t"},
            "alarmDescription": "queue",
            "treatMissingData": "notBreaching",
            "alarmActions": ["arn:aws:sns:us-east-1:123456789012:topic"],
            "tags": TAGS,
        },
        {"threshold": 3, "dimensions": {"Stack": "s"}},
        "alarm-[0-9a-f]{7}",
    ),
    Case(
        "query_alarm",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 1,
            "threshold": 1,
            "metricQueries": [
                {"id": "e1", "expression": "m1*2", "label": "twice", "returnData": True},
                {
                    "id": "m1",
                    "metric": {
                        "metricName": "InFlight",
                        "namespace": "Berth",
                        "period": 60,
                        "stat": "Sum",
                        "dimensions": {"Stack": "s"},
                    },
                },
            ],
        },
        {"evaluationPeriods": 2},
    ),
    Case(
        "parameter",
        "aws:ssm/parameter:Parameter",
        {
            "name": "/berth/test/llama/config",
            "type": "String",
            "value": '{"a":1}',
            "description": "keeper",
            "tags": TAGS,
        },
        {"value": '{"a":2}'},
        "/berth/test/llama/config",
    ),
    Case(
        "secret_parameter",
        "aws:ssm/parameter:Parameter",
        {"type": "SecureString", "value": "s3cr3t"},
        {"value": "0th3r"},
    ),
    Case(
        "secret",
        "aws:secretsmanager/secret:Secret",
        {"name": "berth/test", "description": "keys", "recoveryWindowInDays": 0, "tags": TAGS},
        {"description": "client keys", "tags": {"a": "b"}},
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:berth/test-[A-Za-z0-9]{6}",
        importable=False,
    ),
)
