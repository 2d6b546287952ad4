"""What the keeper's component sends, against the provider's contract, AWS' limits and its tags."""

from __future__ import annotations

import inspect
import json
import re
import warnings
from dataclasses import replace

import boto3
import pulumi_aws as aws
import pytest
from botocore.validate import ParamValidator

from components.budget import budget_name
from sandbox.provider.contract import contract_of, type_problems
from tests.components.keeper.kept_stack import WEBHOOK, budget_plan, ecs, fronted, recorded_of, runpod, sagemaker
from tests.components.test_contract import whole

LONGEST_STACK = "a-stack-of-forty-characters-at-the-most-"
LONGEST = "a-name-of-twenty-abc"
AUTOMATIC_SUFFIX = 8
LIMITS = {"aws:iam/role:Role": 64, "aws:kms/key:Key": 256}
FIXED = {
    "aws:budgets/budget:Budget": (100, r"[^:\\]+"),
    "aws:cloudwatch/logGroup:LogGroup": (512, r"[\w./#-]+"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (255, r"[\w./-]+"),
    "aws:lambda/function:Function": (64, r"[\w-]+"),
    "aws:scheduler/schedule:Schedule": (64, r"[\w.-]+"),
    "aws:scheduler/scheduleGroup:ScheduleGroup": (64, r"[\w.-]+"),
    "aws:sns/topic:Topic": (256, r"[\w-]+"),
    "aws:sqs/queue:Queue": (80, r"[\w-]+"),
    "aws:ssm/parameter:Parameter": (1011, r"[\w./-]+"),
}
"""Longest name and its letters, of what AWS wants named."""
UNTAGGABLE = {
    "aws:iam/rolePolicy:RolePolicy",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "aws:lambda/functionUrl:FunctionUrl",
    "aws:lambda/invocation:Invocation",
    "aws:lambda/permission:Permission",
    "aws:lb/targetGroupAttachment:TargetGroupAttachment",
    "aws:scheduler/schedule:Schedule",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:sqs/queuePolicy:QueuePolicy",
}


def everything(folder, stack="dev", name="chat"):
    """Return what the keeper makes for services of all kinds."""
    many = [
        replace(plan, budget=budget_plan(webhook_secret=WEBHOOK))
        for plan in (
            ecs(name, stack),
            fronted(sagemaker("draw", stack)),
            replace(runpod(service="rp"), stack=stack),
        )
    ]
    made = recorded_of(*many, folder=folder)
    parents = {one.urn for one in made.resources if one.type.startswith("berth:keeper:")}
    return [one for one in made.resources if one.parent in parents and one.type.startswith("aws:")]


@pytest.fixture(scope="module")
def made(build_folder):
    return everything(build_folder)


@pytest.fixture(scope="module")
def longest(build_folder):
    return everything(build_folder, LONGEST_STACK, LONGEST)


def test_every_input_has_the_name_and_type_of_the_provider(made):
    """No unknown, missing or mistyped property is sent."""
    wrong = {
        f"{one.type} {one.name}": problems
        for one in made
        if (problems := [str(problem) for problem in type_problems(contract_of(one.type).inputs, sent(one.inputs))])
    }
    assert wrong == {}


def sent(inputs):
    """Return inputs as they travel: an archive is an object."""
    return whole({name: {"path": value.path} if name == "code" else value for name, value in inputs.items()})


def test_everything_that_can_carry_tags_does(made):
    """What belongs to a service has the tag by which AWS Budgets counts it; what the stack shares has not."""
    assert {one.type for one in made if "tags" not in one.inputs} == UNTAGGABLE
    for one in made:
        if "tags" in one.inputs:
            tags = one.inputs["tags"]
            assert tags["Name"] == f"dev/{one.name}"
            assert tags.get("berth") == (None if one.name.startswith("keeper-") else f"dev/{tags['service']}")


def test_nothing_that_is_left_untagged_could_be_tagged():
    """The SDK's own signatures agree that these types have no tags."""
    with warnings.catch_warnings():
        # pulumi_aws announces its own deprecated classes whenever a submodule is imported.
        warnings.filterwarnings("ignore", message=r"aws\.", category=DeprecationWarning)
        classes = [
            aws.iam.RolePolicy,
            aws.lambda_.FunctionEventInvokeConfig,
            aws.lambda_.FunctionUrl,
            aws.lambda_.Invocation,
            aws.lambda_.Permission,
            aws.lb.TargetGroupAttachment,
            aws.scheduler.Schedule,
            aws.sns.TopicPolicy,
            aws.sns.TopicSubscription,
            aws.sqs.QueuePolicy,
        ]
    assert len(classes) == len(UNTAGGABLE)
    assert not [one for one in classes if "tags" in inspect.signature(one._internal_init).parameters]


def test_names_fit_what_aws_takes(longest):
    """Of the longest stack with the longest service; what is not named here is named by the provider."""
    assert (len(LONGEST_STACK), len(LONGEST)) == (40, 20)
    named = {one.type for one in longest if "name" in one.inputs}
    assert named == set(FIXED)
    for one in longest:
        if one.type in FIXED:
            most, letters = FIXED[one.type]
            assert len(one.inputs["name"]) <= most, one.inputs["name"]
            assert re.fullmatch(letters, one.inputs["name"]), one.inputs["name"]
        if one.type in LIMITS:
            assert len(one.name) + AUTOMATIC_SUFFIX <= LIMITS[one.type], one.name
    assert {one.inputs["namePrefix"] for one in longest if one.type.endswith(":TargetGroup")} == {"sleep-"}
    assert len(budget_name(LONGEST_STACK, LONGEST)) == 67


def test_no_two_stacks_and_services_share_a_name(build_folder):
    """Also when stack and service, read one after the other, are the same text."""
    names = []
    for stack, services in (("a", ["b-c", "b"]), ("a-b", ["c", "b-c"])):
        plans = [replace(ecs(service, stack), budget=budget_plan()) for service in services]
        made = recorded_of(*plans, folder=build_folder)
        parents = {one.urn for one in made.resources if one.type.startswith("berth:keeper:")}
        names += [
            (one.type, one.inputs.get("groupName"), one.inputs["name"])
            for one in made.resources
            if one.parent in parents and "name" in one.inputs
        ]
    assert len(names) > 40
    assert len(set(names)) == len(names)


def test_all_policies_are_what_iam_reads(made):
    """Each statement has an effect, an action and a resource, and each name in a policy is its own."""
    for one in made:
        for key in ("policy", "assumeRolePolicy"):
            if key in one.inputs:
                found = json.loads(one.inputs[key])["Statement"]
                assert all(statement["Effect"] in ("Allow", "Deny") and statement["Action"] for statement in found)
                assert key == "assumeRolePolicy" or all(statement["Resource"] for statement in found)
                names = [statement["Sid"] for statement in found if "Sid" in statement]
                assert len(set(names)) == len(names), one.name
                assert all(re.fullmatch("[A-Za-z0-9]+", name) for name in names)


def test_nothing_is_allowed_everywhere_that_could_be_narrowed(made):
    """`*` stands only where AWS has no resources to name, or a condition narrows it."""
    for one in made:
        if one.type.endswith(("rolePolicy:RolePolicy", "iam/policy:Policy")):
            for statement in json.loads(one.inputs["policy"])["Statement"]:
                if statement["Resource"] == "*":
                    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                    reads = all(action.split(":")[1].startswith(("Describe", "Get")) for action in actions)
                    assert reads or statement["Condition"], (one.name, statement)


@pytest.mark.parametrize(
    ("service", "operation", "kind", "renamed"),
    [
        ("scheduler", "CreateSchedule", "scheduler/schedule:Schedule", {}),
        ("cloudwatch", "PutMetricAlarm", "cloudwatch/metricAlarm:MetricAlarm", {}),
    ],
)
def test_requests_are_what_the_api_accepts(made, service, operation, kind, renamed):
    """Names, types and bounds of botocore's own shapes, for the requests that the provider makes of the inputs."""
    shape = boto3.client(service, region_name="us-east-1").meta.service_model.operation_model(operation).input_shape
    found = [one for one in made if one.type.endswith(f":{kind}")]
    assert found
    for one in found:
        report = ParamValidator().validate(as_request(whole(one.inputs), shape), shape)
        assert report.generate_report() == ""


def as_request(value, shape):
    """Return inputs as the request of an operation has them: in Pascal case, lists of pairs where it has them."""
    if shape.type_name == "structure":
        names = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in shape.members}
        aliases = {"name": "alarmname"} if "AlarmName" in shape.members else {}
        found = {}
        for key, item in value.items():
            if key in ("tags", "scheduleExpressionTimezone"):
                continue
            name = names[aliases.get(key, key.lower())]
            found[name] = as_request(item, shape.members[name])
        return found
    if shape.type_name == "list" and isinstance(value, dict):
        return [{"Name": key, "Value": item} for key, item in value.items()]
    if shape.type_name == "list":
        return [as_request(item, shape.member) for item in value]
    return value
