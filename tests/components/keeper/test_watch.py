"""Who hears of it: the topic, the alarms, the budget of AWS, and what each of them may do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.components.keeper.kept_stack import WEBHOOK, budget_plan, ecs, metered, runpod, sagemaker
from tests.components.keeper.test_component import (
    ACCOUNT,
    FUNCTION_ARN,
    KEY_ARN,
    TOPIC_ARN,
    arn,
    inputs,
    of_keeper,
    secret,
    statements,
)

ALARM = "metricAlarm:MetricAlarm"
OWN = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
PUBLISHERS = {"Service": ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]}


def alarm(made, name):
    return inputs(made, f"cloudwatch/{ALARM}", name)


def alarms(made):
    return sorted(one.name for one in made.resources if one.type.endswith(ALARM) and one.name.startswith("chat-"))


def test_the_topic_is_encrypted_with_a_key_that_alarms_and_budgets_may_use(stack):
    """The key of SNS itself lets in neither, silently; nobody publishes in clear, and nobody of another account."""
    made = stack(ecs())
    assert inputs(made, "sns/topic:Topic", "keeper-notices") == {
        "name": "berth-dev-keeper",
        "kmsMasterKeyId": KEY_ARN,
    }
    topic = arn("sns", "berth-dev-keeper")
    assert statements(made, "keeper-notices", "TopicPolicy") == [
        {
            "Sid": "AlarmsAndBudgets",
            "Effect": "Allow",
            "Principal": PUBLISHERS,
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": OWN,
        },
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    key = inputs(made, "kms/key:Key", "keeper-notices")
    assert json.loads(key.pop("policy"))["Statement"] == [
        {
            "Sid": "OwnAccount",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "EncryptAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        },
        {
            "Sid": "EncryptBudgets",
            "Effect": "Allow",
            "Principal": {"Service": "budgets.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": OWN,
        },
    ]
    assert key == {
        "description": "Notices of the keeper of stack dev",
        "deletionWindowInDays": 7,
        "enableKeyRotation": True,
    }


def test_each_address_subscribes_once(stack):
    """However many services name it, and in whatever case; another one is another subscription."""
    made = stack(
        replace(ecs(), budget=budget_plan(emails=("ml@example.com", "ops@example.com"))),
        replace(sagemaker("draw"), budget=budget_plan(emails=("ML@example.com",))),
    )
    found = [one for one in made.resources if one.type.endswith(":TopicSubscription")]
    assert sorted((one.inputs["protocol"], one.inputs["endpoint"], one.inputs["topic"]) for one in found) == [
        ("email", "ml@example.com", TOPIC_ARN),
        ("email", "ops@example.com", TOPIC_ARN),
    ]
    # AWS asks an address again when its subscription is made anew, so the name is the address' own.
    assert {one.name for one in found} == {"keeper-mail-af3c8254", "keeper-mail-7196167c"}


def test_a_chat_hears_alarms_through_the_function(stack):
    """Which knows the address; the topic alone may call it, and one without a chat is called by nobody."""
    made = stack(replace(ecs(), budget=budget_plan(emails=(), webhook_secret=WEBHOOK)))
    assert inputs(made, "TopicSubscription", "keeper-webhooks") == {
        "topic": TOPIC_ARN,
        "protocol": "lambda",
        "endpoint": FUNCTION_ARN,
    }
    assert inputs(made, "Permission", "keeper-notices") == {
        "action": "lambda:InvokeFunction",
        "function": "berth-dev-keeper",
        "principal": "sns.amazonaws.com",
        "sourceArn": TOPIC_ARN,
    }
    assert statements(made, "chat-keeper")[-1] == {
        "Sid": "ReadSecrets",
        "Effect": "Allow",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": [secret(WEBHOOK)],
    }
    assert "TopicSubscription" not in dict(of_keeper(stack(replace(ecs(), budget=budget_plan(emails=())))))


def test_what_the_keeper_may_do_for_all_services(stack):
    """Its documents, its figures, its log, its queue and its topic; with the key only on the way to SNS."""
    found = {one["Sid"]: one for one in statements(stack(ecs()), "keeper-function")}
    assert list(found) == [
        "ReadDocuments",
        "WriteDocuments",
        "PublishFigures",
        "WriteLogs",
        "KeepUndelivered",
        "Tell",
        "EncryptNotices",
    ]
    assert found["WriteLogs"]["Resource"] == arn("logs", "log-group:/aws/lambda/berth-dev-keeper:*")
    assert found["KeepUndelivered"]["Resource"] == arn("sqs", "berth-dev-keeper")
    assert (found["Tell"]["Action"], found["Tell"]["Resource"]) == ("sns:Publish", arn("sns", "berth-dev-keeper"))
    assert found["EncryptNotices"] == {
        "Sid": "EncryptNotices",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": KEY_ARN,
        "Condition": {"StringEquals": {"kms:ViaService": "sns.us-east-1.amazonaws.com"}},
    }


def test_what_cannot_be_delivered_is_kept_for_two_weeks(stack):
    """Encrypted, and never in clear on the way."""
    made = stack(ecs())
    assert inputs(made, "sqs/queue:Queue", "keeper-undelivered") == {
        "name": "berth-dev-keeper",
        "messageRetentionSeconds": 1_209_600,
        "sqsManagedSseEnabled": True,
    }
    assert statements(made, "keeper-undelivered", "QueuePolicy") == [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": arn("sqs", "berth-dev-keeper"),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_a_keeper_that_fails_rings(stack):
    """Twice in three runs, since one failure heals with the next; and at the first run that AWS gave up."""
    made = stack(ecs())
    told = {"alarmActions": [TOPIC_ARN], "okActions": [TOPIC_ARN], "treatMissingData": "notBreaching"}
    assert alarm(made, "keeper-errors") == {
        **told,
        "name": "berth/dev/keeper-errors",
        "alarmDescription": "The keeper of stack dev fails; its log says why.",
        "namespace": "AWS/Lambda",
        "metricName": "Errors",
        "dimensions": {"FunctionName": "berth-dev-keeper"},
        "statistic": "Sum",
        "period": 600,
        "evaluationPeriods": 3,
        "datapointsToAlarm": 2,
        "threshold": 1,
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    assert alarm(made, "keeper-undelivered") == {
        **told,
        "name": "berth/dev/keeper-undelivered",
        "alarmDescription": "Runs of the keeper of stack dev were given up; they are in its queue.",
        "namespace": "AWS/SQS",
        "metricName": "ApproximateNumberOfMessagesVisible",
        "dimensions": {"QueueName": "berth-dev-keeper"},
        "statistic": "Maximum",
        "period": 300,
        "evaluationPeriods": 1,
        "threshold": 0,
        "comparisonOperator": "GreaterThanThreshold",
    }


def test_silence_rings(stack):
    """No figure in half an hour is an alarm: a dead keeper lets a GPU run all night. It comes after the first run."""
    made = stack(ecs())
    assert alarm(made, "chat-silent") == {
        "name": "berth/dev/chat/silent",
        "alarmDescription": "Nobody has looked after chat for 30 minutes: it may run all night.",
        "namespace": "Berth",
        "metricName": "State",
        "dimensions": {"Stack": "dev", "Service": "chat"},
        "statistic": "SampleCount",
        "period": 600,
        "evaluationPeriods": 3,
        "threshold": 1,
        "comparisonOperator": "LessThanThreshold",
        "treatMissingData": "breaching",
        "alarmActions": [TOPIC_ARN],
        "okActions": [TOPIC_ARN],
    }
    assert made.of("Invocation", "keeper-run").urn in made.of(f"cloudwatch/{ALARM}", "chat-silent").dependencies


def test_more_than_all_replicas_rings(stack):
    """An hour above what the plan's replicas cost on the dearest hardware: somebody else starts them."""
    made = stack(ecs(usd_per_hour={"g6.2xlarge": 0.9776, "g5.2xlarge": 1.212}))
    found = alarm(made, "chat-burn-rate")
    assert (found["metricName"], found["threshold"], found["comparisonOperator"]) == (
        "BurnRateUsdPerHour",
        3.7,
        "GreaterThanThreshold",
    )
    assert (found["evaluationPeriods"], found["statistic"], found["treatMissingData"]) == (6, "Maximum", "ignore")
    assert alarms(stack(ecs(usd_per_hour={}))) == ["chat-silent"]


def test_the_meter_rings_at_each_share_of_the_budget(stack):
    """Minutes after it is spent; and when the month is about to cost more, for half an hour."""
    made = stack(replace(ecs(), budget=budget_plan()))
    assert alarms(made) == ["chat-burn-rate", "chat-projected", "chat-silent", "chat-spent-100", "chat-spent-80"]
    spent, projected = alarm(made, "chat-spent-80"), alarm(made, "chat-projected")
    assert spent["alarmDescription"] == "chat has spent 80 % of its 400.00 USD for this month."
    assert (spent["metricName"], spent["threshold"], spent["comparisonOperator"], spent["evaluationPeriods"]) == (
        "SpendMonthToDate",
        320,
        "GreaterThanOrEqualToThreshold",
        1,
    )
    assert (projected["metricName"], projected["threshold"], projected["evaluationPeriods"]) == (
        "ProjectedMonthEnd",
        400,
        3,
    )
    assert "chat-projected" not in alarms(stack(replace(ecs(), budget=budget_plan(forecast=False))))


def test_a_users_own_topics_hear_the_alarms_too(stack):
    """Beside the stack's own."""
    own = arn("sns", "ml-costs")
    made = stack(replace(ecs(), budget=budget_plan(topics=(own,))))
    assert alarm(made, "chat-spent-100")["alarmActions"] == [TOPIC_ARN, own]
    assert alarm(made, "keeper-errors")["alarmActions"] == [TOPIC_ARN]


@pytest.mark.parametrize("plan", [metered(ecs()), replace(sagemaker(), budget=budget_plan(on_breach="alert"))])
def test_aws_watches_the_bill_by_the_services_tag(stack, plan):
    """In the form that AWS wants, on the topic whose policy is there; it knows of no service on RunPod."""
    made = stack(plan)
    notified = {
        "comparisonOperator": "GREATER_THAN",
        "thresholdType": "PERCENTAGE",
        "subscriberSnsTopicArns": [TOPIC_ARN],
    }
    assert inputs(made, "budgets/budget:Budget", "chat-budget") == {
        "name": "berth/dev/chat",
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "400.00",
        "limitUnit": "USD",
        "costFilters": [{"name": "TagKeyValue", "values": ["user:berth$dev/chat"]}],
        "notifications": [
            {**notified, "notificationType": "ACTUAL", "threshold": 80},
            {**notified, "notificationType": "ACTUAL", "threshold": 100},
            {**notified, "notificationType": "FORECASTED", "threshold": 100},
        ],
    }
    policy = made.of("TopicPolicy", "keeper-notices").urn
    assert policy in made.of("budgets/budget:Budget", "chat-budget").dependencies


def test_runpod_has_alarms_and_no_budget_of_aws(stack):
    """It sends a bill of its own, of which AWS knows nothing; the keeper asks for it."""
    made = stack(replace(runpod(), budget=budget_plan()))
    assert alarms(made) == ["chat-burn-rate", "chat-projected", "chat-silent", "chat-spent-100", "chat-spent-80"]
    assert "Budget" not in dict(of_keeper(made))
