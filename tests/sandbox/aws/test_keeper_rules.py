"""What AWS refuses of the parts of a keeper, and moto alone would accept; and what it takes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.sandbox.aws.function_parts import ACCOUNT, make_function, make_role
from tests.sandbox.aws.refusals_of_notices import ACTUAL, BUDGET, MAIL, NOTICES, key_policy
from tests.sandbox.aws.refusals_of_runs import RUNS

REFUSALS = {**RUNS, **NOTICES}


@pytest.fixture(scope="module")
def made(shared_aws) -> SimpleNamespace:
    """One of each part; no test of this module changes them."""
    sns, kms, client = shared_aws.client("sns"), shared_aws.client("kms"), shared_aws.client("lambda")
    parts = SimpleNamespace(role=make_role(shared_aws, "functions"))
    parts.schedule_role = make_role(shared_aws, "schedules", service="scheduler.amazonaws.com")
    parts.function = make_function(shared_aws, "f", "def handle(event, context):\n    return event\n", Role=parts.role)
    client.add_permission(
        FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )
    shared_aws.client("sqs").create_queue(QueueName="q")
    parts.queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
    parts.topic = sns.create_topic(Name="notices")["TopicArn"]
    parts.mail = sns.subscribe(
        TopicArn=parts.topic, Protocol="email", Endpoint="ops@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    parts.key = kms.create_key(Policy=key_policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/taken", TargetKeyId=parts.key)
    shared_aws.client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={**BUDGET, "BudgetName": "known"},
        NotificationsWithSubscribers=[{"Notification": ACTUAL, "Subscribers": [MAIL]}],
    )
    shared_aws.client("ssm").put_parameter(Name="/advanced", Type="String", Value="x" * 5000, Tier="Advanced")
    parts.monitor = shared_aws.client("ce").create_anomaly_monitor(
        AnomalyMonitor={"MonitorName": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    )["MonitorArn"]
    return parts


@pytest.mark.parametrize("case", REFUSALS)
def test_what_aws_refuses_is_refused(shared_aws, made, case):
    """AWS's code and words, and nothing changes."""
    (service, operation, params), code, message = REFUSALS[case]
    inventory = shared_aws.get("inventory")
    answered_code, answered_message = shared_aws.refused(service, operation, **params(made))
    assert answered_code == code
    assert answered_message.startswith(message)
    assert shared_aws.get("inventory") == inventory


def test_a_tag_that_nothing_carries_cannot_be_switched_on(shared_aws, made):
    """AWS has not seen it in a bill; one that is on already can be switched off whatever carries it."""
    client = shared_aws.client("ce")

    def switched(key, status):
        asked = [{"TagKey": key, "Status": status}]
        return client.update_cost_allocation_tags_status(CostAllocationTagsStatus=asked)["Errors"]

    refused = {"TagKey": "team", "Code": "ValidationException", "Message": "Tag keys not found"}
    assert switched("team", "Active") == [refused]
    topic = shared_aws.client("sns").create_topic(Name="tagged", Tags=[{"Key": "team", "Value": "ml"}])["TopicArn"]
    assert switched("team", "Active") == []
    shared_aws.client("sns").delete_topic(TopicArn=topic)
    assert switched("team", "Inactive") == []


def test_a_week_may_be_watched_by_the_hour(shared_aws, made):
    """And a key that its own account gives up on purpose is taken."""
    alarm = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1, "Statistic": "Sum", "Namespace": "Berth"}
    shared_aws.client("cloudwatch").put_metric_alarm(
        AlarmName="week", MetricName="State", Period=3600, EvaluationPeriods=168, **alarm
    )
    [week] = shared_aws.client("cloudwatch").describe_alarms(AlarmNames=["week"])["MetricAlarms"]
    assert (week["Period"], week["EvaluationPeriods"]) == (3600, 168)
    policy = key_policy({"Service": "sns.amazonaws.com"})
    key = shared_aws.client("kms").create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]
    assert key["Enabled"]


def test_a_service_may_have_no_task_at_all(shared_aws, deploy):
    """Limits of 0 and 0, as the keeper sets them, pull the service down to nothing."""
    deploy(shared_aws)
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/berth/chat",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    shared_aws.client("application-autoscaling").register_scalable_target(**target, MinCapacity=0, MaxCapacity=0)
    service = shared_aws.client("ecs").describe_services(cluster="berth", services=["chat"])["services"][0]
    assert (service["desiredCount"], service["runningCount"]) == (0, 0)


def test_an_instance_that_is_ended_leaves_group_and_cluster(aws, deploy):
    """It is a container instance as long as it runs; none takes its place, and the smallest size holds."""
    deploy(aws)
    groups, ecs = aws.client("autoscaling"), aws.client("ecs")

    def group() -> dict:
        return groups.describe_auto_scaling_groups(AutoScalingGroupNames=["chat"])["AutoScalingGroups"][0]

    instance = group()["Instances"][0]["InstanceId"]
    (arn,) = ecs.list_container_instances(cluster="berth")["containerInstanceArns"]
    (found,) = ecs.describe_container_instances(cluster="berth", containerInstances=[arn])["containerInstances"]
    assert (found["ec2InstanceId"], found["runningTasksCount"], found["status"]) == (instance, 1, "ACTIVE")
    ecs.update_service(cluster="berth", service="chat", desiredCount=0)
    (found,) = ecs.describe_container_instances(cluster="berth", containerInstances=[arn])["containerInstances"]
    assert found["runningTasksCount"] == 0
    groups.update_auto_scaling_group(AutoScalingGroupName="chat", MinSize=1)
    ending = {"InstanceId": instance, "ShouldDecrementDesiredCapacity": True}
    code, message = aws.refused("autoscaling", "terminate_instance_in_auto_scaling_group", **ending)
    assert (code, message.split(".")[0]) == ("ValidationError", "Currently, desiredSize equals minSize (1)")
    groups.update_auto_scaling_group(AutoScalingGroupName="chat", MinSize=0)
    groups.terminate_instance_in_auto_scaling_group(**ending)
    assert (group()["DesiredCapacity"], group()["Instances"]) == (0, [])
    assert ecs.list_container_instances(cluster="berth")["containerInstanceArns"] == []
    state = aws.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]
    assert state["Name"] == "terminated"
    cluster = ecs.describe_clusters(clusters=["berth"])["clusters"][0]
    assert cluster["registeredContainerInstancesCount"] == 0
