"""Task definition, service and autoscaling."""

from __future__ import annotations

from dataclasses import replace


def untagged(made):
    return {key: value for key, value in made.inputs.items() if key != "tags"}


def test_the_service_rolls_over_on_gpu_instances(chat):
    """A capacity provider and no launch type, the plan's percentages, and a way back when a deployment fails."""
    assert untagged(chat.of("ecs/service:Service", "chat-service")) == {
        "name": "chat_g6-2xlarge",
        "waitForSteadyState": True,
        "cluster": "arn:aws:cluster:us-east-1:123456789012:chat-cluster",
        "taskDefinition": "arn:aws:taskdefinition:us-east-1:123456789012:chat-task",
        "desiredCount": 1,
        "capacityProviderStrategies": [
            {"capacityProvider": "berth-chat-instances-1a2b3c4", "base": 0, "weight": 1},
        ],
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "availabilityZoneRebalancing": "DISABLED",
        "healthCheckGracePeriodSeconds": 1800,
        "networkConfiguration": {
            "subnets": ["network-private-0-subnet-id", "network-private-1-subnet-id"],
            "securityGroups": ["chat-task-securitygroup-id"],
            "assignPublicIp": False,
        },
        "loadBalancers": [
            {
                "containerName": "gateway",
                "containerPort": 8080,
                "targetGroupArn": "arn:aws:targetgroup:us-east-1:123456789012:chat-tg",
            }
        ],
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "forceDelete": True,
    }


def test_a_destroy_waits_until_the_last_request_is_answered(chat):
    """Deregistration, gateway and engine end one after the other, and may take longer than the provider waits."""
    assert chat.of("ecs/service:Service", "chat-service").delete_timeout == f"{1200 + 90 + 110 + 120}s"


def test_a_task_definition_has_the_roles_and_volumes_of_its_service(chat):
    """Both volumes are mounted over TLS, with the task's role, through their own access points."""
    task = untagged(chat.of("TaskDefinition", "chat-task"))
    del task["containerDefinitions"]
    assert task == {
        "family": "berth_dev_chat",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["EC2"],
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": "arn:aws:role:us-east-1:123456789012:chat-execution",
        "taskRoleArn": "arn:aws:role:us-east-1:123456789012:chat-task",
        "volumes": [
            {
                "name": name,
                "efsVolumeConfiguration": {
                    "fileSystemId": "chat-cache-filesystem-id",
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {
                        "accessPointId": f"chat-cache-{name}-accesspoint-id",
                        "iam": "ENABLED",
                    },
                },
            }
            for name in ("models", "vllm-cache")
        ],
    }


def test_logs_are_kept_as_long_as_the_plan_says(chat):
    """Each container has its group, under the name that other parts know."""
    group = untagged(chat.of("LogGroup", "chat-gateway-logs"))
    assert group == {"name": "/berth/dev/chat/gateway", "retentionInDays": 30}


def test_replicas_follow_the_requests_in_flight(chat):
    """The metric that the gateway publishes, averaged over the tasks."""
    assert untagged(chat.of("Target", "chat-replicas")) == {
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": "service/berth_dev_chat_g6-2xlarge/chat_g6-2xlarge",
        "minCapacity": 1,
        "maxCapacity": 3,
        "suspendedState": {
            "dynamicScalingInSuspended": False,
            "dynamicScalingOutSuspended": False,
            "scheduledScalingSuspended": False,
        },
    }
    assert chat.of("appautoscaling/policy:Policy", "chat-scaling").inputs == {
        "policyType": "TargetTrackingScaling",
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": "service/berth_dev_chat_g6-2xlarge/chat_g6-2xlarge",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 8,
            "scaleOutCooldown": 600,
            "scaleInCooldown": 600,
            "customizedMetricSpecification": {
                "namespace": "Berth",
                "metricName": "InFlight",
                "statistic": "Average",
                "dimensions": [{"name": "Stack", "value": "dev"}, {"name": "Service", "value": "chat"}],
            },
        },
    }


def test_replicas_follow_the_requests_per_minute(render, plan_of):
    """The load balancer's own count, for this load balancer and target group."""
    plan = plan_of()
    scaling = replace(plan.scaling, metric="requests_per_minute", target=120.0)
    policy = render(replace(plan, scaling=scaling)).of("appautoscaling/policy:Policy", "chat-scaling")
    assert policy.inputs["targetTrackingScalingPolicyConfiguration"] == {
        "targetValue": 120,
        "scaleOutCooldown": 600,
        "scaleInCooldown": 600,
        "predefinedMetricSpecification": {
            "predefinedMetricType": "ALBRequestCountPerTarget",
            "resourceLabel": "app/chat-alb/50dc6c495c0c9188/app/chat-tg/50dc6c495c0c9188",
        },
    }
