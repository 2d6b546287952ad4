"""Cases of what watches and configures a service: logs, alarms, parameters, secrets."""

from __future__ import annotations

from provider_case import TAGS, Case, dashboard

CASES = (
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
    Case(
        "spending",
        "aws:dynamodb/table:Table",
        {
            "name": "berth_test_spending",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "id",
            "attributes": [{"name": "id", "type": "S"}],
            "ttl": {"attributeName": "expires", "enabled": True},
            "tags": TAGS,
        },
        {"pointInTimeRecovery": {"enabled": True}, "tags": {"a": "b"}},
        "berth_test_spending",
    ),
    Case(
        "ledger",
        "aws:dynamodb/table:Table",
        {
            "billingMode": "PROVISIONED",
            "readCapacity": 1,
            "writeCapacity": 1,
            "hashKey": "id",
            "rangeKey": "month",
            "attributes": [{"name": "month", "type": "N"}, {"name": "id", "type": "S"}],
            "deletionProtectionEnabled": True,
        },
        {
            "billingMode": "PAY_PER_REQUEST",
            "readCapacity": None,
            "writeCapacity": None,
            "deletionProtectionEnabled": False,
            "pointInTimeRecovery": {"enabled": True},
        },
        "ledger-[0-9a-f]{7}",
    ),
)
