"""Cases of what keeps a service: its function with schedules and messages, and what watches the bill."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

from provider_case import TAGS, Case, policy

from sandbox.provider.archives import ARCHIVE, ASSET
from sandbox.provider.values import SIGNATURE_KEY

ACCOUNT = "123456789012"


def trust(service: str) -> str:
    """A trust policy for one service of AWS."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def asset(text: str) -> dict[str, Any]:
    """A text as the engine sends it."""
    return {SIGNATURE_KEY: ASSET, "hash": hashlib.sha256(text.encode()).hexdigest(), "text": text}


def archive(**files: str) -> dict[str, Any]:
    """Modules by name as the engine sends them."""
    assets = {f"{name}.py": asset(text) for name, text in files.items()}
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    return {SIGNATURE_KEY: ARCHIVE, "hash": digest, "assets": assets}


def sha256_of(content: bytes) -> str:
    """The digest of a zip as Lambda tells it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def names_in(content: bytes) -> list[str]:
    """The files of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return found.namelist()


def topic_policy(service: str) -> str:
    """Who may publish."""
    statement = {
        "Sid": service.split(".", maxsplit=1)[0],
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sns:Publish",
        "Resource": f"arn:aws:sns:us-east-1:{ACCOUNT}:berth-notices",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def queue_policy(action: str) -> str:
    """Who may send."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": action,
        "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:berth-dead",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def key_policy(*services: str) -> str:
    """The account rules the key, and services of AWS use it."""
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    use = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [root, use]})


HANDLER = "def handle(event, context):\n    return {'asked': event}\n"

CASES = (
    Case(
        "notice_key",
        "aws:kms/key:Key",
        {
            "description": "notices",
            "policy": key_policy("sns.amazonaws.com"),
            "enableKeyRotation": True,
            "deletionWindowInDays": 7,
            "tags": TAGS,
        },
        {
            "policy": key_policy("sns.amazonaws.com", "budgets.amazonaws.com"),
            "description": "notices of the keeper",
            "rotationPeriodInDays": 180,
            "tags": {"a": "b"},
        },
        "[0-9a-f-]{36}",
        importable=False,
    ),
    Case(
        "notice_alias",
        "aws:kms/alias:Alias",
        {"name": "alias/berth-notices", "targetKeyId": "${notice_key.keyId}"},
        {},
        "alias/berth-notices",
    ),
    Case(
        "notices",
        "aws:sns/topic:Topic",
        {"name": "berth-notices", "kmsMasterKeyId": "${notice_key.arn}", "displayName": "Berth", "tags": TAGS},
        {"displayName": "Berth prod", "tags": {"a": "b"}},
        f"arn:aws:sns:us-east-1:{ACCOUNT}:berth-notices",
    ),
    Case(
        "notices_policy",
        "aws:sns/topicPolicy:TopicPolicy",
        {"arn": "${notices.arn}", "policy": topic_policy("cloudwatch.amazonaws.com")},
        {"policy": topic_policy("budgets.amazonaws.com")},
        f"arn:aws:sns:us-east-1:{ACCOUNT}:berth-notices",
    ),
    Case(
        "dead",
        "aws:sqs/queue:Queue",
        {
            "name": "berth-dead",
            "messageRetentionSeconds": 1209600,
            "sqsManagedSseEnabled": True,
            "tags": TAGS,
        },
        {"messageRetentionSeconds": 86400, "visibilityTimeoutSeconds": 60, "tags": {"a": "b"}},
        r"http://127\.0\.0\.1:\d+/123456789012/berth-dead",
    ),
    Case(
        "dead_policy",
        "aws:sqs/queuePolicy:QueuePolicy",
        {"queueUrl": "${dead.id}", "policy": queue_policy("sqs:SendMessage")},
        {"policy": queue_policy("sqs:*")},
    ),
    Case(
        "keeper_role",
        "aws:iam/role:Role",
        {"name": "berth-keeper", "assumeRolePolicy": trust("lambda.amazonaws.com")},
    ),
    Case(
        "keeper_sends",
        "aws:iam/rolePolicy:RolePolicy",
        {"name": "send", "role": "${keeper_role.name}", "policy": policy("sqs:SendMessage")},
    ),
    Case(
        "keeper",
        "aws:lambda/function:Function",
        {
            "name": "berth-test-keeper",
            "code": archive(keeper=HANDLER),
            "handler": "keeper.handle",
            "runtime": "python3.13",
            "architectures": ["arm64"],
            "role": "${keeper_role.arn}",
            "memorySize": 256,
            "timeout": 60,
            "environment": {"variables": {"BERTH_STACK": "test"}},
            "loggingConfig": {"logFormat": "JSON", "logGroup": "/aws/lambda/berth-test-keeper"},
            "tags": TAGS,
        },
        {
            "code": archive(keeper=HANDLER.replace("asked", "heard")),
            "timeout": 120,
            "environment": {"variables": {"BERTH_STACK": "other"}},
            "deadLetterConfig": {"targetArn": "${dead.arn}"},
            "ephemeralStorage": {"size": 1024},
            "reservedConcurrentExecutions": 1,
            "tags": {"a": "b"},
        },
        "berth-test-keeper",
        importable=False,
    ),
    Case(
        "keeper_permission",
        "aws:lambda/permission:Permission",
        {
            "function": "${keeper.name}",
            "action": "lambda:InvokeFunction",
            "principal": "sns.amazonaws.com",
            "sourceArn": "${notices.arn}",
            "sourceAccount": ACCOUNT,
        },
        {},
        "terraform-[0-9a-f]{26}",
        importable=False,
    ),
    Case(
        "keeper_url",
        "aws:lambda/functionUrl:FunctionUrl",
        {"functionName": "${keeper.name}", "authorizationType": "AWS_IAM"},
        {"cors": {"allowOrigins": ["https://example.com"], "maxAge": 60}},
        "berth-test-keeper",
    ),
    Case(
        "keeper_events",
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        {"functionName": "${keeper.name}", "maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 300},
        {"maximumRetryAttempts": 1, "destinationConfig": {"onFailure": {"destination": "${dead.arn}"}}},
        "berth-test-keeper",
    ),
    Case(
        "keeper_run",
        "aws:lambda/invocation:Invocation",
        {"functionName": "${keeper.name}", "input": '{"services":[]}', "triggers": {"config": "1"}},
        {},
        r"berth-test-keeper_\$LATEST_[0-9a-f]{32}",
        importable=False,
        vanishes=False,
    ),
    Case(
        "mails",
        "aws:sns/topicSubscription:TopicSubscription",
        {"topic": "${notices.arn}", "protocol": "email", "endpoint": "ops@example.com"},
        {},
        f"arn:aws:sns:us-east-1:{ACCOUNT}:berth-notices:[0-9a-f-]{{36}}",
        vanishes=False,
        importable=False,
    ),
    Case(
        "keeper_hears",
        "aws:sns/topicSubscription:TopicSubscription",
        {
            "topic": "${notices.arn}",
            "protocol": "lambda",
            "endpoint": "${keeper.arn}",
            "filterPolicy": '{"kind": ["alarm"]}',
        },
        {"filterPolicy": '{"kind": ["alarm", "notice"]}'},
        f"arn:aws:sns:us-east-1:{ACCOUNT}:berth-notices:[0-9a-f-]{{36}}",
        importable=False,
    ),
    Case(
        "schedule_role",
        "aws:iam/role:Role",
        {"name": "berth-schedules", "assumeRolePolicy": trust("scheduler.amazonaws.com")},
    ),
    Case(
        "schedules",
        "aws:scheduler/scheduleGroup:ScheduleGroup",
        {"name": "berth-test", "tags": TAGS},
        {"tags": {"a": "b"}},
        "berth-test",
    ),
    Case(
        "every_ten_minutes",
        "aws:scheduler/schedule:Schedule",
        {
            "name": "keep",
            "groupName": "${schedules.name}",
            "scheduleExpression": "rate(10 minutes)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "target": {
                "arn": "${keeper.arn}",
                "roleArn": "${schedule_role.arn}",
                "input": "{}",
                "retryPolicy": {"maximumEventAgeInSeconds": 300, "maximumRetryAttempts": 2},
                "deadLetterConfig": {"arn": "${dead.arn}"},
            },
        },
        {
            "scheduleExpression": "cron(0 8 ? * MON-FRI *)",
            "scheduleExpressionTimezone": "Europe/Berlin",
            "state": "DISABLED",
        },
        "berth-test/keep",
    ),
    Case(
        "monthly",
        "aws:budgets/budget:Budget",
        {
            "name": "berth-test-chat",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "1500",
            "limitUnit": "USD",
            "costFilters": [{"name": "TagKeyValue", "values": ["user:berth$test/chat"]}],
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "notificationType": "ACTUAL",
                    "subscriberSnsTopicArns": ["${notices.arn}"],
                }
            ],
            "tags": TAGS,
        },
        {
            "limitAmount": "2000.00",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "notificationType": "ACTUAL",
                    "subscriberSnsTopicArns": ["${notices.arn}"],
                    "subscriberEmailAddresses": ["ops@example.com"],
                },
                {
                    "comparisonOperator": "GREATER_THAN",
                    "threshold": 100,
                    "thresholdType": "PERCENTAGE",
                    "notificationType": "FORECASTED",
                    "subscriberSnsTopicArns": ["${notices.arn}"],
                },
            ],
            "tags": {"a": "b"},
        },
        f"{ACCOUNT}:berth-test-chat",
    ),
    Case(
        "asleep_role",
        "aws:iam/role:Role",
        {"name": "berth-asleep", "assumeRolePolicy": trust("lambda.amazonaws.com")},
    ),
    Case(
        "asleep",
        "aws:lambda/function:Function",
        {
            "code": archive(asleep=HANDLER),
            "handler": "asleep.handle",
            "runtime": "python3.13",
            "role": "${asleep_role.arn}",
        },
        {"description": "answers while the service is asleep"},
        "asleep-[0-9a-f]{7}",
        importable=False,
    ),
    Case(
        "asleep_group",
        "aws:lb/targetGroup:TargetGroup",
        {"name": "berth-asleep", "targetType": "lambda", "tags": TAGS},
        {"lambdaMultiValueHeadersEnabled": True},
        f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:targetgroup/berth-asleep/[0-9a-f]{{16}}",
    ),
    Case(
        "asleep_permission",
        "aws:lambda/permission:Permission",
        {
            "statementId": "balancer",
            "function": "${asleep.arn}",
            "action": "lambda:InvokeFunction",
            "principal": "elasticloadbalancing.amazonaws.com",
            "sourceArn": "${asleep_group.arn}",
        },
        {},
        "balancer",
        importable=False,
    ),
    Case(
        "asleep_target",
        "aws:lb/targetGroupAttachment:TargetGroupAttachment",
        {"targetGroupArn": "${asleep_group.arn}", "targetId": "${asleep.arn}"},
        {},
        f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:targetgroup/berth-asleep/[0-9a-f]{{16}}-[0-9a-f]{{26}}",
        importable=False,
    ),
    Case(
        "cost_tag",
        "aws:costexplorer/costAllocationTag:CostAllocationTag",
        {"tagKey": "owner", "status": "Active"},
        {},
        "owner",
    ),
    Case(
        "anomalies",
        "aws:costexplorer/anomalyMonitor:AnomalyMonitor",
        {
            "name": "berth",
            "monitorType": "CUSTOM",
            "monitorSpecification": json.dumps({"Tags": {"Key": "berth", "Values": ["test/chat"]}}),
            "tags": TAGS,
        },
        {"name": "berth-services", "tags": {"a": "b"}},
        f"arn:aws:ce::{ACCOUNT}:anomalymonitor/[0-9a-f-]{{36}}",
    ),
    Case(
        "anomaly_notices",
        "aws:costexplorer/anomalySubscription:AnomalySubscription",
        {
            "name": "berth",
            "frequency": "IMMEDIATE",
            "monitorArnLists": ["${anomalies.arn}"],
            "subscribers": [{"type": "SNS", "address": "${notices.arn}"}],
            "thresholdExpression": {
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "matchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "values": ["100"],
                }
            },
        },
        {
            "thresholdExpression": {
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "matchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "values": ["200"],
                }
            }
        },
        f"arn:aws:ce::{ACCOUNT}:anomalysubscription/[0-9a-f-]{{36}}",
    ),
    Case(
        "state_parameter",
        "aws:ssm/parameter:Parameter",
        {"name": "/berth/test/llama/state", "type": "String", "insecureValue": "{}"},
        {"insecureValue": '{"state":"on"}'},
        "/berth/test/llama/state",
        importable=False,
    ),
)
