"""What AWS refuses of topics, queues, keys, budgets, parameters and alarms: call, error code, message."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.aws.function_parts import ACCOUNT

BUDGET = {
    "BudgetName": "new",
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "100", "Unit": "USD"},
}
ACTUAL = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
MAIL = {"SubscriptionType": "EMAIL", "Address": "ops@example.com"}
TOPIC = {"SubscriptionType": "SNS", "Address": f"arn:aws:sns:us-east-1:{ACCOUNT}:notices"}
ALARM = {"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1, "EvaluationPeriods": 1}


def notified(**more: Any) -> dict[str, Any]:
    """A budget with one notification."""
    one = {"Notification": ACTUAL, "Subscribers": [MAIL], **more}
    return {"AccountId": ACCOUNT, "Budget": BUDGET, "NotificationsWithSubscribers": [one]}


def key_policy(principal: Any, action: str = "kms:*") -> str:
    """A key policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def topic_policy(action: str) -> str:
    """A topic policy of one statement."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "budgets.amazonaws.com"},
        "Action": action,
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def metric(**more: Any) -> dict[str, Any]:
    """A query of one metric."""
    stat = {"Metric": {"Namespace": "Berth", "MetricName": "State"}, "Period": 60, "Stat": "Maximum"}
    return {"Id": "m1", "MetricStat": stat, **more}


MESSAGES = {
    "action of another service": (
        (
            "sns",
            "set_topic_attributes",
            lambda m: {
                "TopicArn": m.topic,
                "AttributeName": "Policy",
                "AttributeValue": topic_policy("sqs:SendMessage"),
            },
        ),
        "InvalidParameter",
        "Invalid parameter: Policy statement action out of service scope!",
    ),
    "topic policy that is none": (
        (
            "sns",
            "set_topic_attributes",
            lambda m: {"TopicArn": m.topic, "AttributeName": "Policy", "AttributeValue": "{}"},
        ),
        "InvalidParameter",
        "Invalid parameter: Policy Error: null",
    ),
    "topic name": (
        ("sns", "create_topic", lambda _: {"Name": "a b"}),
        "InvalidParameter",
        "Invalid parameter: Topic Name",
    ),
    "mail address": (
        ("sns", "subscribe", lambda m: {"TopicArn": m.topic, "Protocol": "email", "Endpoint": "ops"}),
        "InvalidParameter",
        "Invalid parameter: Email address",
    ),
    "function by name": (
        ("sns", "subscribe", lambda m: {"TopicArn": m.topic, "Protocol": "lambda", "Endpoint": "f"}),
        "InvalidParameter",
        "Invalid parameter: Lambda endpoint ARN",
    ),
    "unconfirmed": (
        ("sns", "unsubscribe", lambda m: {"SubscriptionArn": m.mail}),
        "InvalidParameter",
        "Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation",
    ),
    "retention": (
        ("sqs", "create_queue", lambda _: {"QueueName": "n", "Attributes": {"MessageRetentionPeriod": "2000000"}}),
        "InvalidAttributeValue",
        "Invalid value for the parameter MessageRetentionPeriod.",
    ),
    "two kinds of encryption": (
        (
            "sqs",
            "create_queue",
            lambda _: {"QueueName": "n", "Attributes": {"KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true"}},
        ),
        "InvalidAttributeValue",
        "You can use one type of server-side encryption (SSE) at one time.",
    ),
    "queue policy": (
        ("sqs", "create_queue", lambda _: {"QueueName": "n", "Attributes": {"Policy": topic_policy("sns:Publish")}}),
        "InvalidAttributeValue",
        "Invalid value for the parameter Policy.",
    ),
}
KEYS = {
    "lock-out": (
        ("kms", "create_key", lambda _: {"Policy": key_policy({"Service": "sns.amazonaws.com"})}),
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
    ),
    "lock-out by too little": (
        (
            "kms",
            "put_key_policy",
            lambda m: {"KeyId": m.key, "Policy": key_policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:Decrypt")},
        ),
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
    ),
    "principal": (
        (
            "kms",
            "create_key",
            lambda _: {"Policy": key_policy({"AWS": f"arn:aws:iam::{ACCOUNT}:role/missing"})},
        ),
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    ),
    "no JSON": (
        ("kms", "create_key", lambda _: {"Policy": "{"}),
        "MalformedPolicyDocumentException",
        "The new key policy contains invalid JSON.",
    ),
    "too soon": (
        ("kms", "schedule_key_deletion", lambda m: {"KeyId": m.key, "PendingWindowInDays": 3}),
        "ValidationException",
        "PendingWindowInDays must be between 7 and 30",
    ),
    "alias twice": (
        ("kms", "create_alias", lambda m: {"AliasName": "alias/taken", "TargetKeyId": m.key}),
        "AlreadyExistsException",
        f"An alias with the name arn:aws:kms:us-east-1:{ACCOUNT}:alias/taken already exists",
    ),
}
BUDGETS = {
    "name": (
        (
            "budgets",
            "create_budget",
            lambda _: {"AccountId": ACCOUNT, "Budget": {**BUDGET, "BudgetName": "prod:chat"}},
        ),
        "InvalidParameterException",
        "Budget name 'prod:chat' must have 1 to 100 characters, and no : or \\",
    ),
    "nothing": (
        (
            "budgets",
            "create_budget",
            lambda _: {"AccountId": ACCOUNT, "Budget": {**BUDGET, "BudgetLimit": {"Amount": "0", "Unit": "USD"}}},
        ),
        "InvalidParameterException",
        "The amount of a budget limit must be greater than 0",
    ),
    "less than nothing": (
        (
            "budgets",
            "create_budget",
            lambda _: {"AccountId": ACCOUNT, "Budget": {**BUDGET, "BudgetLimit": {"Amount": "-5", "Unit": "USD"}}},
        ),
        "ValidationException",
        "1 validation error detected: Value '-5' at 'Budget.BudgetLimit.Amount'",
    ),
    "unit": (
        (
            "budgets",
            "create_budget",
            lambda _: {"AccountId": ACCOUNT, "Budget": {**BUDGET, "BudgetLimit": {"Amount": "5", "Unit": "EUR"}}},
        ),
        "InvalidParameterException",
        "The unit of a cost budget is USD, not EUR",
    ),
    "filter": (
        (
            "budgets",
            "create_budget",
            lambda _: {"AccountId": ACCOUNT, "Budget": {**BUDGET, "CostFilters": {"Tag": ["x"]}}},
        ),
        "InvalidParameterException",
        "Unknown cost filter Tag; AWS knows AZ, ",
    ),
    "form of a tag": (
        (
            "budgets",
            "create_budget",
            lambda _: {"AccountId": ACCOUNT, "Budget": {**BUDGET, "CostFilters": {"TagKeyValue": ["berth=chat"]}}},
        ),
        "InvalidParameterException",
        "TagKeyValue 'berth=chat' must have the form user:Key$value",
    ),
    "six notifications": (
        (
            "budgets",
            "create_budget",
            lambda _: {
                "AccountId": ACCOUNT,
                "Budget": BUDGET,
                "NotificationsWithSubscribers": [
                    {"Notification": {**ACTUAL, "Threshold": 50 + number}, "Subscribers": [MAIL]} for number in range(6)
                ],
            },
        ),
        "CreationLimitExceededException",
        "A budget has at most 5 notifications, got 6",
    ),
    "two topics": (
        (
            "budgets",
            "create_budget",
            lambda _: notified(Subscribers=[TOPIC, {**TOPIC, "Address": f"{TOPIC['Address']}2"}]),
        ),
        "CreationLimitExceededException",
        "A notification has at most 1 subscriber(s) of type SNS, got 2",
    ),
    "eleven mails": (
        (
            "budgets",
            "create_budget",
            lambda _: notified(Subscribers=[{**MAIL, "Address": f"a{number}@example.com"} for number in range(11)]),
        ),
        "CreationLimitExceededException",
        "A notification has at most 10 subscriber(s) of type EMAIL, got 11",
    ),
    "no address": (
        ("budgets", "create_budget", lambda _: notified(Subscribers=[{**MAIL, "Address": "ops"}])),
        "InvalidParameterException",
        "'ops' is no address of type EMAIL",
    ),
    "notification twice": (
        (
            "budgets",
            "create_notification",
            lambda _: {
                "AccountId": ACCOUNT,
                "BudgetName": "known",
                "Notification": {**ACTUAL, "Threshold": 80.0},
                "Subscribers": [MAIL],
            },
        ),
        "DuplicateRecordException",
        "the notification already exists",
    ),
}
THE_REST = {
    "parameter too large for every tier": (
        ("ssm", "put_parameter", lambda _: {"Name": "/n", "Type": "String", "Value": "x" * 8200, "Tier": "Advanced"}),
        "ValidationException",
        "Advanced tier parameters support a maximum parameter value of 8192 characters.",
    ),
    "parameter back to the standard tier": (
        ("ssm", "put_parameter", lambda _: {"Name": "/advanced", "Value": "x", "Tier": "Standard", "Overwrite": True}),
        "ValidationException",
        (
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
            "advanced-parameter tier to the standard-parameter tier."
        ),
    ),
    "alarm over more than a day": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {**ALARM, "Statistic": "Sum", "Period": 600, "EvaluationPeriods": 145},
        ),
        "ValidationError",
        "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).",
    ),
    "alarm over more than a week": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {**ALARM, "Statistic": "Sum", "Period": 3600, "EvaluationPeriods": 169},
        ),
        "ValidationError",
        "Metrics cannot be checked across more than 7 days (EvaluationPeriods * Period must be <= 604800).",
    ),
    "alarm that tells a topic of another region": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {**ALARM, "Statistic": "Sum", "Period": 600, "OKActions": [f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"]},
        ),
        "ValidationError",
        "Invalid region eu-west-1 specified. Only us-east-1 is supported.",
    ),
    "alarm that tells no ARN": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {**ALARM, "Statistic": "Sum", "Period": 600, "AlarmActions": ["t"]},
        ),
        "ValidationError",
        "Invalid arn syntax: t",
    ),
    "queries over more than a day": (
        ("cloudwatch", "put_metric_alarm", lambda _: {**ALARM, "EvaluationPeriods": 1441, "Metrics": [metric()]}),
        "ValidationError",
        "Metrics cannot be checked across more than a day",
    ),
    "two results": (
        ("cloudwatch", "put_metric_alarm", lambda _: {**ALARM, "Metrics": [metric(), metric(Id="m2")]}),
        "ValidationError",
        "Exactly one element of the metrics list should return data.",
    ),
    "search in an alarm": (
        (
            "cloudwatch",
            "put_metric_alarm",
            lambda _: {**ALARM, "Metrics": [{"Id": "e1", "Expression": "SEARCH('{Berth} State', 'Sum')"}]},
        ),
        "ValidationError",
        "SEARCH is not supported on Metric Alarms.",
    ),
    "monitor without its content": (
        (
            "ce",
            "create_anomaly_monitor",
            lambda _: {"AnomalyMonitor": {"MonitorName": "m", "MonitorType": "CUSTOM", "MonitorDimension": "SERVICE"}},
        ),
        "ValidationException",
        "A monitor of type CUSTOM has MonitorSpecification, and nothing else",
    ),
    "mails at once": (
        (
            "ce",
            "create_anomaly_subscription",
            lambda m: {
                "AnomalySubscription": {
                    "SubscriptionName": "s",
                    "MonitorArnList": [m.monitor],
                    "Subscribers": [{"Type": "EMAIL", "Address": "ops@example.com"}],
                    "Frequency": "IMMEDIATE",
                }
            },
        ),
        "ValidationException",
        "Frequency IMMEDIATE does not go with subscribers of type EMAIL",
    ),
    "monitor that is not there": (
        (
            "ce",
            "create_anomaly_subscription",
            lambda _: {
                "AnomalySubscription": {
                    "SubscriptionName": "s",
                    "MonitorArnList": [f"arn:aws:ce::{ACCOUNT}:anomalymonitor/x"],
                    "Subscribers": [],
                    "Frequency": "DAILY",
                }
            },
        ),
        "UnknownMonitorException",
        f"No anomaly monitor found with arn: arn:aws:ce::{ACCOUNT}:anomalymonitor/x",
    ),
    "instance of no group": (
        (
            "autoscaling",
            "terminate_instance_in_auto_scaling_group",
            lambda _: {"InstanceId": "i-0123456789abcdef0", "ShouldDecrementDesiredCapacity": True},
        ),
        "ValidationError",
        "Instance Id not found - No managed instance found for instance ID: i-0123456789abcdef0",
    ),
}
NOTICES = {**MESSAGES, **KEYS, **BUDGETS, **THE_REST}
