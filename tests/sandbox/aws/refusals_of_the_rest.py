"""What AWS refuses about load balancers, networks, alarms and storage: call, error code, message."""

from __future__ import annotations


def trust(statement: str) -> dict[str, str]:
    return {"RoleName": "new", "AssumeRolePolicyDocument": statement}


REST = {
    "load balancer exists": (
        ("elbv2", "create_load_balancer", lambda m: {"Name": "chat", "Subnets": m.subnets}),
        "DuplicateLoadBalancerName",
        "A load balancer with the same name 'chat' exists, but with different settings",
    ),
    "load balancer in one zone": (
        ("elbv2", "create_load_balancer", lambda m: {"Name": "new", "Subnets": m.subnets[:1]}),
        "ValidationError",
        "At least two subnets in two different Availability Zones must be specified",
    ),
    "listener on a taken port": (
        (
            "elbv2",
            "create_listener",
            lambda m: {"LoadBalancerArn": m.balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": []},
        ),
        "DuplicateListener",
        "A listener already exists on this port for this load balancer ",
    ),
    "TLS without a certificate": (
        (
            "elbv2",
            "create_listener",
            lambda m: {"LoadBalancerArn": m.balancer, "Protocol": "HTTPS", "Port": 443, "DefaultActions": []},
        ),
        "ValidationError",
        "A certificate must be specified for HTTPS listeners",
    ),
    "referenced security group": (
        ("ec2", "delete_security_group", lambda m: {"GroupId": m.alb_group}),
        "DependencyViolation",
        "resource sg-",
    ),
    "duplicate rule": (
        (
            "ec2",
            "authorize_security_group_ingress",
            lambda m: {
                "GroupId": m.task_group,
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 8080,
                        "ToPort": 8080,
                        "UserIdGroupPairs": [{"GroupId": m.alb_group}],
                    }
                ],
            },
        ),
        "InvalidPermission.Duplicate",
        "The specified rule already exists",
    ),
    "subnet in use": (
        ("ec2", "delete_subnet", lambda m: {"SubnetId": m.subnets[0]}),
        "DependencyViolation",
        "The subnet '",
    ),
    "odd retention": (
        ("logs", "put_retention_policy", lambda _: {"logGroupName": "/berth/chat", "retentionInDays": 15}),
        "InvalidParameterException",
        "Value '15' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5",
    ),
    "odd alarm period": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {
                "AlarmName": "a",
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "Period": 17,
            },
        ),
        "ValidationError",
        "Period 17 must be 10, 20, 30 or a multiple of 60",
    ),
    "trust policy that is no JSON": (
        ("iam", "create_role", lambda _: trust("{")),
        "MalformedPolicyDocument",
        "This policy contains invalid Json",
    ),
    "public load balancer without a gateway": (
        ("elbv2", "create_load_balancer", lambda m: {"Name": "new", "Subnets": m.subnets}),
        "InvalidSubnet",
        "VPC vpc-",
    ),
    "load balancer with a group that is none": (
        (
            "elbv2",
            "create_load_balancer",
            lambda m: {"Name": "new", "Subnets": m.subnets, "Scheme": "internal", "SecurityGroups": ["sg-404"]},
        ),
        "InvalidSecurityGroup",
        "The security group 'sg-404' does not exist",
    ),
    "idle timeout out of range": (
        (
            "elbv2",
            "modify_load_balancer_attributes",
            lambda m: {
                "LoadBalancerArn": m.balancer,
                "Attributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "5000"}],
            },
        ),
        "InvalidConfigurationRequest",
        "idle_timeout.timeout_seconds must be between 1 and 4000, got '5000'",
    ),
    "slow start of least outstanding requests": (
        (
            "elbv2",
            "modify_target_group_attributes",
            lambda m: {
                "TargetGroupArn": m.target_group,
                "Attributes": [
                    {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"},
                    {"Key": "slow_start.duration_seconds", "Value": "60"},
                ],
            },
        ),
        "InvalidConfigurationRequest",
        "Slow start does not go with least_outstanding_requests",
    ),
    "health check slower than its interval": (
        (
            "elbv2",
            "modify_target_group",
            lambda m: {"TargetGroupArn": m.target_group, "HealthCheckTimeoutSeconds": 60},
        ),
        "ValidationError",
        "Health check timeout '60' must be smaller than the interval '30'",
    ),
    "listener without an action": (
        (
            "elbv2",
            "create_listener",
            lambda m: {"LoadBalancerArn": m.balancer, "Protocol": "HTTP", "Port": 81, "DefaultActions": []},
        ),
        "ValidationError",
        "A listener or rule must have an action",
    ),
    "rule without a condition": (
        (
            "elbv2",
            "create_rule",
            lambda m: {
                "ListenerArn": m.listener,
                "Priority": 1,
                "Conditions": [],
                "Actions": [{"Type": "forward", "TargetGroupArn": m.target_group}],
            },
        ),
        "ValidationError",
        "A condition must be specified",
    ),
    "NAT gateway without an internet gateway": (
        ("ec2", "create_nat_gateway", lambda m: {"SubnetId": m.subnets[0], "AllocationId": "eipalloc-1"}),
        "Gateway.NotAttached",
        "Network vpc-",
    ),
    "description of a group that is no ASCII": (
        ("ec2", "create_security_group", lambda m: {"GroupName": "n", "Description": "für", "VpcId": m.vpc}),
        "InvalidParameterValue",
        "Invalid description 'für'",
    ),
    "ports in the wrong order": (
        (
            "ec2",
            "authorize_security_group_ingress",
            lambda m: {
                "GroupId": m.task_group,
                "IpPermissions": [
                    {"IpProtocol": "tcp", "FromPort": 90, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
                ],
            },
        ),
        "InvalidParameterValue",
        "Invalid port range: from 90 to 80",
    ),
    "tag of AWS": (
        ("ec2", "create_tags", lambda m: {"Resources": [m.vpc], "Tags": [{"Key": "aws:x", "Value": "y"}]}),
        "ValidationException",
        "Tag key 'aws:x' is reserved",
    ),
    "tag of AWS in a map": (
        ("logs", "create_log_group", lambda _: {"logGroupName": "new", "tags": {"aws:x": "y"}}),
        "ValidationException",
        "Tag key 'aws:x' is reserved",
    ),
    "parameter too large for its tier": (
        ("ssm", "put_parameter", lambda _: {"Name": "/large", "Type": "String", "Value": "x" * 5000}),
        "ValidationException",
        "Standard tier parameters support a maximum parameter value of 4096 characters.",
    ),
    "alarm without a threshold": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {
                "AlarmName": "a",
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "Statistic": "Sum",
            },
        ),
        "ValidationError",
        "One of Threshold, ThresholdMetricId must be specified",
    ),
    "elastic file system of maxIO": (
        (
            "efs",
            "create_file_system",
            lambda _: {"CreationToken": "a", "PerformanceMode": "maxIO", "ThroughputMode": "elastic"},
        ),
        "BadRequest",
        "Performance mode maxIO does not go with throughput mode elastic",
    ),
    "access point of a missing file system": (
        ("efs", "create_access_point", lambda _: {"ClientToken": "a", "FileSystemId": "fs-0123456789abcdef0"}),
        "FileSystemNotFound",
        "File system 'fs-0123456789abcdef0' does not exist.",
    ),
}
