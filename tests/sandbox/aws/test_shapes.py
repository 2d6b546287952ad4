"""Requests that do not fit the service's model are refused before anything happens."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

TRACKING = {"ServiceNamespace": "ecs", "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:DesiredCount"}

REFUSED = {
    "enum of a JSON service": (
        ("ecs", "register_task_definition", {"family": "f", "containerDefinitions": [], "networkMode": "zzz"}),
        "InvalidParameterException",
        (
            "1 validation error detected: Value 'zzz' at 'networkMode' failed to satisfy constraint: "
            "Member must satisfy enum value set: [bridge, host, awsvpc, none]"
        ),
    ),
    "enum deep in a list": (
        (
            "ecs",
            "register_task_definition",
            {
                "family": "f",
                "containerDefinitions": [{"name": "a", "dependsOn": [{"containerName": "b", "condition": "DONE"}]}],
            },
        ),
        "InvalidParameterException",
        (
            "1 validation error detected: Value 'DONE' at 'containerDefinitions.1.member.dependsOn.1.member.condition' "
            "failed to satisfy constraint: Member must satisfy enum value set: [START, COMPLETE, SUCCESS, HEALTHY]"
        ),
    ),
    "enum of a REST service": (
        ("efs", "create_file_system", {"CreationToken": "t", "ThroughputMode": "warp"}),
        "BadRequest",
        (
            "1 validation error detected: Value 'warp' at 'ThroughputMode' failed to satisfy constraint: "
            "Member must satisfy enum value set: [bursting, provisioned, elastic]"
        ),
    ),
    "enum of a query service": (
        ("elbv2", "create_load_balancer", {"Name": "a", "Scheme": "public"}),
        "ValidationError",
        (
            "1 validation error detected: Value 'public' at 'Scheme' failed to satisfy constraint: "
            "Member must satisfy enum value set: [internet-facing, internal]"
        ),
    ),
    "enum of EC2": (
        ("ec2", "create_vpc_endpoint", {"VpcId": "vpc-1", "ServiceName": "s", "VpcEndpointType": "Bridge"}),
        "InvalidParameterValue",
        (
            "1 validation error detected: Value 'Bridge' at 'VpcEndpointType' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Interface, Gateway, "
        ),
    ),
    "enum of CloudWatch, sent as CBOR": (
        ("cloudwatch", "put_metric_alarm", {"AlarmName": "a", "EvaluationPeriods": 1, "ComparisonOperator": "Bigger"}),
        "ValidationError",
        (
            "1 validation error detected: Value 'Bigger' at 'ComparisonOperator' failed to satisfy constraint: "
            "Member must satisfy enum value set: [GreaterThanOrEqualToThreshold, "
            "GreaterThanThreshold, LessThanThreshold, "
            "LessThanOrEqualToThreshold, LessThanLowerOrGreaterThanUpperThreshold, LessThanLowerThreshold, "
            "GreaterThanUpperThreshold]"
        ),
    ),
    "required member": (
        ("ecs", "register_task_definition", {"containerDefinitions": []}),
        "InvalidParameterException",
        '1 validation error detected: Missing required parameter in input: "family"',
    ),
    "pattern": (
        ("logs", "create_log_group", {"logGroupName": "a b"}),
        "InvalidParameterException",
        (
            r"1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+"
        ),
    ),
    "maximum length": (
        ("iam", "create_role", {"RoleName": "r" * 65, "AssumeRolePolicyDocument": "{}"}),
        "ValidationError",
        (
            f"1 validation error detected: Value '{'r' * 65}' at 'RoleName' failed to satisfy constraint: "
            "Member must have length less than or equal to 64"
        ),
    ),
    "several at once": (
        (
            "application-autoscaling",
            "put_scaling_policy",
            TRACKING | {"PolicyName": "p", "PolicyType": "Tracking", "ServiceNamespace": "ecss"},
        ),
        "ValidationException",
        "2 validation errors detected: ",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(shared_aws, case):
    """Enums, patterns, lengths and required members hold for every protocol; the message names the member."""
    (service, operation, params), code, message = REFUSED[case]
    recorded = shared_aws.get("health")["journal_length"]
    answered_code, answered_message = shared_aws.refused(service, operation, **params)
    assert answered_code == code
    assert answered_message.startswith(message)
    assert shared_aws.get("health")["journal_length"] == recorded


def post(aws, service: str, body: str, headers: dict[str, str]) -> str:
    """The answer's body to a request that boto3 itself would not send."""
    credential = f"AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-east-1/{service}/aws4_request, Signature=0"
    request = urllib.request.Request(aws.url, body.encode(), headers | {"Authorization": credential})  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def test_an_unknown_member_of_a_json_request_is_refused(shared_aws):
    """A misspelt member, however deep, is an error and not silently dropped."""
    body = {"family": "f", "containerDefinitions": [{"name": "a", "image": "i", "envronment": []}]}
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition",
    }
    answer = post(shared_aws, "ecs", json.dumps(body), headers)
    assert "The parameter containerDefinitions.1.member.envronment is not recognized" in answer


def test_an_unknown_parameter_of_a_query_request_is_refused(shared_aws):
    """The same for form fields."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = post(shared_aws, "ec2", "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0/16&Tenancy=x", headers)
    assert "The parameter Tenancy is not recognized" in answer
