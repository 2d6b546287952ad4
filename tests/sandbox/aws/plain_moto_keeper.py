"""The questions of plain_moto.py about functions, schedules, messages, keys, budgets, and rules of load balancers."""

from __future__ import annotations

import inspect
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
from moto.elbv2.models import FakeRule
from moto.sns.models import Subscription

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

ACCOUNT = "123456789012"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
BUDGET = {
    "BudgetName": "b",
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "1", "Unit": "USD"},
}
NOTIFICATION = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
READER = {"SubscriptionType": "EMAIL", "Address": "a@example.com"}
ONE = {"AccountId": ACCOUNT, "BudgetName": "b"}
SCHEDULE = {
    "Name": "s",
    "ScheduleExpression": "rate(1 hour)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": QUEUE, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"},
}


def client(name: str) -> Any:
    return boto3.client(name, region_name="us-east-1")


def fails(call: Callable[[], object]) -> bool:
    """Whether a call raises anything; moto fails with any class."""
    try:
        call()
    except Exception:  # noqa: BLE001
        return True
    return False


def prepare(made: SimpleNamespace) -> None:
    """A function `f`, a budget `b`, a load balancer with two rules, a topic, a queue, a schedule."""
    made.functions, made.budgets, made.elb = client("lambda"), client("budgets"), client("elbv2")
    made.sns, made.sqs, made.scheduler = client("sns"), client("sqs"), client("scheduler")
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("it.py", "")
    made.functions.create_function(
        FunctionName="f",
        Role=role,
        Runtime="python3.13",
        Handler="it.handle",
        Code={"ZipFile": buffer.getvalue()},
        DeadLetterConfig={"TargetArn": QUEUE},
    )
    made.budgets.create_budget(
        AccountId=ACCOUNT,
        Budget=BUDGET,
        NotificationsWithSubscribers=[{"Notification": NOTIFICATION, "Subscribers": [READER]}],
    )
    made.topic = made.sns.create_topic(Name="t", Attributes={"TracingConfig": "Active"})["TopicArn"]
    made.queue = made.sqs.create_queue(QueueName="q", Attributes={"Policy": '{"Statement": []}'})["QueueUrl"]
    made.scheduler.create_schedule(**SCHEDULE)
    _balance(made)


def _balance(made: SimpleNamespace) -> None:
    subnets = [one["SubnetId"] for one in made.ec2.describe_subnets()["Subnets"][:2]]
    vpc = made.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    balancer = made.elb.create_load_balancer(Name="l", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    made.behind = made.elb.create_target_group(Name="g", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0][
        "TargetGroupArn"
    ]
    action = [{"Type": "forward", "TargetGroupArn": made.behind}]
    made.listener = made.elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=action)[
        "Listeners"
    ][0]["ListenerArn"]
    path = [{"Field": "path-pattern", "Values": ["/v1/*"]}]
    made.rules = [
        made.elb.create_rule(ListenerArn=made.listener, Priority=priority, Conditions=path, Actions=action)["Rules"][0][
            "RuleArn"
        ]
        for priority in (20, 10)
    ]


def keep_settings_of_functions(made: SimpleNamespace) -> bool:
    return "DeadLetterConfig" not in made.functions.get_function_configuration(FunctionName="f")


def update_all_settings_of_functions(made: SimpleNamespace) -> bool:
    made.functions.update_function_configuration(FunctionName="f", EphemeralStorage={"Size": 1024})
    return made.functions.get_function_configuration(FunctionName="f")["EphemeralStorage"]["Size"] != 1024


def replace_event_configurations(made: SimpleNamespace) -> bool:
    for retries in (2, 0):
        made.functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=retries)
    return made.functions.get_function_event_invoke_config(FunctionName="f")["MaximumRetryAttempts"] != 0


def write_addresses_like_aws(made: SimpleNamespace) -> bool:
    url = made.functions.create_function_url_config(FunctionName="f", AuthType="AWS_IAM")
    return not url["FunctionUrl"].endswith("/")


def write_conditions_of_permissions(made: SimpleNamespace) -> bool:
    made.functions.add_permission(
        FunctionName="f",
        StatementId="s",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    policy = json.loads(made.functions.get_policy(FunctionName="f")["Policy"])
    return "Condition" not in policy["Statement"][0]


def change_budgets(made: SimpleNamespace) -> bool:
    return fails(lambda: made.budgets.update_budget(AccountId=ACCOUNT, NewBudget=BUDGET))


def keep_subscribers_of_notifications(made: SimpleNamespace) -> bool:
    return fails(lambda: made.budgets.describe_subscribers_for_notification(**ONE, Notification=NOTIFICATION))


def change_notifications(made: SimpleNamespace) -> bool:
    return fails(lambda: made.budgets.create_subscriber(**ONE, Notification=NOTIFICATION, Subscriber=READER))


def tag_budgets(made: SimpleNamespace) -> bool:
    return fails(lambda: made.budgets.list_tags_for_resource(ResourceARN=f"arn:aws:budgets::{ACCOUNT}:budget/b"))


def watch_anomalies(made: SimpleNamespace) -> bool:
    return fails(lambda: client("ce").get_anomaly_monitors())


def activate_tags(made: SimpleNamespace) -> bool:
    return fails(lambda: client("ce").list_cost_allocation_tags())


def register_instances_of_groups(made: SimpleNamespace) -> bool:
    made.ecs.put_cluster_capacity_providers(cluster="c", capacityProviders=["p"], defaultCapacityProviderStrategy=[])
    return made.ecs.list_container_instances(cluster="c")["containerInstanceArns"] == []


def name_rules_alike_after_a_restart(made: SimpleNamespace) -> bool:
    return "id(self)" in inspect.getsource(FakeRule.__init__)


def list_rules_in_their_order(made: SimpleNamespace) -> bool:
    rules = made.elb.describe_rules(ListenerArn=made.listener)["Rules"]
    return [rule["Priority"] for rule in rules] != ["10", "20", "default"]


def let_rules_trade_places(made: SimpleNamespace) -> bool:
    places = [{"RuleArn": rule, "Priority": place} for rule, place in zip(made.rules, (10, 20), strict=True)]
    return fails(lambda: made.elb.set_rule_priorities(RulePriorities=places))


def count_tasks_as_targets(made: SimpleNamespace) -> bool:
    made.ecs.create_service(
        cluster="c",
        serviceName="balanced",
        taskDefinition="f",
        desiredCount=1,
        loadBalancers=[{"targetGroupArn": made.behind, "containerName": "a", "containerPort": 80}],
    )
    made.ecs.update_service(cluster="c", service="balanced", desiredCount=1)
    return made.elb.describe_target_health(TargetGroupArn=made.behind)["TargetHealthDescriptions"] == []


def keep_rotation_period_of_keys(made: SimpleNamespace) -> bool:
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    return kms.get_key_rotation_status(KeyId=key).get("RotationPeriodInDays") != 180


def change_completion_of_schedules(made: SimpleNamespace) -> bool:
    made.scheduler.update_schedule(**SCHEDULE, ActionAfterCompletion="DELETE")
    return made.scheduler.get_schedule(Name="s").get("ActionAfterCompletion") != "DELETE"


def deliver_to_queues_alone(made: SimpleNamespace) -> bool:
    return "requests.post" in inspect.getsource(Subscription.publish)


def wait_for_confirmation(made: SimpleNamespace) -> bool:
    arn = made.sns.subscribe(TopicArn=made.topic, Protocol="email", Endpoint="a@example.com")["SubscriptionArn"]
    attributes = made.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return attributes["PendingConfirmation"] != "true"


def tell_settings_of_topics(made: SimpleNamespace) -> bool:
    return "TracingConfig" not in made.sns.get_topic_attributes(TopicArn=made.topic)["Attributes"]


def keep_policy_of_queues(made: SimpleNamespace) -> bool:
    made.sqs.set_queue_attributes(QueueUrl=made.queue, Attributes={"DelaySeconds": "1"})
    found = made.sqs.get_queue_attributes(QueueUrl=made.queue, AttributeNames=["Policy"])
    return "Policy" not in found.get("Attributes", {})


def open_buckets_over_tls(_made: SimpleNamespace) -> bool:
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="berth-probe")
    s3.put_object(Bucket="berth-probe", Key="k", Body=b"v")
    everything = ["arn:aws:s3:::berth-probe", "arn:aws:s3:::berth-probe/*"]
    over_tls = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything, "Condition": over_tls}
    s3.put_bucket_policy(Bucket="berth-probe", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    try:
        s3.get_object(Bucket="berth-probe", Key="k")
    except s3.exceptions.ClientError:
        return True
    return False


PROBES = (
    keep_settings_of_functions,
    update_all_settings_of_functions,
    replace_event_configurations,
    write_addresses_like_aws,
    write_conditions_of_permissions,
    change_budgets,
    keep_subscribers_of_notifications,
    change_notifications,
    tag_budgets,
    watch_anomalies,
    activate_tags,
    register_instances_of_groups,
    name_rules_alike_after_a_restart,
    list_rules_in_their_order,
    let_rules_trade_places,
    count_tasks_as_targets,
    keep_rotation_period_of_keys,
    change_completion_of_schedules,
    deliver_to_queues_alone,
    wait_for_confirmation,
    tell_settings_of_topics,
    keep_policy_of_queues,
    open_buckets_over_tls,
)
