"""Cases of a service itself: cluster, task, balancer, scaling."""

from __future__ import annotations

from provider_case import TAGS, Case, containers

TEMPLATE = {"id": "${template.id}", "version": "${template.latestVersion}"}
SPOT = {
    "instancesDistribution": {
        "onDemandBaseCapacity": 0,
        "onDemandPercentageAboveBaseCapacity": 50,
        "spotAllocationStrategy": "price-capacity-optimized",
    },
    "launchTemplate": {
        "launchTemplateSpecification": {
            "launchTemplateId": "${template.id}",
            "version": "${template.latestVersion}",
        },
        "overrides": [{"instanceType": "g6.xlarge"}],
    },
}

CASES = (
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
        "spot",
        "aws:autoscaling/group:Group",
        {
            "minSize": 0,
            "maxSize": 2,
            "vpcZoneIdentifiers": ["${b.id}", "${a.id}"],
            "mixedInstancesPolicy": SPOT,
            "forceDelete": True,
            "waitForCapacityTimeout": "0",
        },
        {
            "mixedInstancesPolicy": {
                **SPOT,
                "instancesDistribution": {**SPOT["instancesDistribution"], "onDemandPercentageAboveBaseCapacity": 0},
            }
        },
        "spot-[0-9a-f]{7}",
        importable=False,
    ),
    Case(
        "spot_later",
        "aws:autoscaling/group:Group",
        {"minSize": 0, "maxSize": 1, "vpcZoneIdentifiers": ["${a.id}"], "launchTemplate": TEMPLATE},
        {"launchTemplate": None, "mixedInstancesPolicy": SPOT},
        importable=False,
    ),
    Case(
        "spot_no_more",
        "aws:autoscaling/group:Group",
        {"minSize": 0, "maxSize": 1, "vpcZoneIdentifiers": ["${a.id}"], "mixedInstancesPolicy": SPOT},
        {"launchTemplate": TEMPLATE, "mixedInstancesPolicy": None},
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
)
