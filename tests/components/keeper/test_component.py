"""What a stack installs so that its services are kept: exactly this, with exactly these inputs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from tests.components.keeper.kept_stack import (
    NIGHT,
    RUNPOD_KEY,
    WEBHOOK,
    budget_plan,
    ecs,
    fronted,
    metered,
    runpod,
    sagemaker,
)
from tests.components.test_contract import whole

ACCOUNT, REGION = "123456789012", "us-east-1"
FUNCTION, PARAMETER = "lambda/function:Function", "ssm/parameter:Parameter"
QUEUE_ARN = f"arn:aws:queue:{REGION}:{ACCOUNT}:keeper-undelivered"
TOPIC_ARN = f"arn:aws:topic:{REGION}:{ACCOUNT}:keeper-notices"
KEY_ARN = f"arn:aws:key:{REGION}:{ACCOUNT}:keeper-notices"
FUNCTION_ARN = f"arn:aws:function:{REGION}:{ACCOUNT}:keeper-function"
RUN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:berth-dev-keeper"


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def secret(name):
    return arn("secretsmanager", f"secret:{name}-AbCdEf")


def inputs(made, kind, name):
    return whole({key: value for key, value in made.of(kind, name).inputs.items() if key not in ("tags", "code")})


def statements(made, name, kind="iam/rolePolicy:RolePolicy"):
    return json.loads(made.of(kind, name).inputs["policy"])["Statement"]


def sids(made, name):
    return [one.get("Sid") for one in statements(made, name)]


def of_keeper(made):
    """Type and name of what the keeper has made, without packages."""
    parents = {one.urn for one in made.resources if one.type.startswith("berth:keeper:")}
    return sorted((one.type.rpartition(":")[2], one.name) for one in made.resources if one.parent in parents)


def test_exactly_these_resources_keep_a_service_on_ecs(stack):
    """One function and what it hangs on, one function that answers, and documents, rights, edges and alarms."""
    assert of_keeper(stack(ecs())) == [
        ("Function", "keeper-asleep"),
        ("Function", "keeper-function"),
        ("FunctionEventInvokeConfig", "keeper-function"),
        ("Invocation", "keeper-run"),
        ("Kept", "chat"),
        ("Key", "keeper-notices"),
        ("ListenerRule", "chat-asleep"),
        ("LogGroup", "keeper-asleep-logs"),
        ("LogGroup", "keeper-function-logs"),
        ("MetricAlarm", "chat-burn-rate"),
        ("MetricAlarm", "chat-silent"),
        ("MetricAlarm", "keeper-errors"),
        ("MetricAlarm", "keeper-undelivered"),
        ("Parameter", "chat-awake-until"),
        ("Parameter", "chat-config"),
        ("Parameter", "chat-state"),
        ("Parameter", "chat-wake"),
        ("Permission", "keeper-asleep-chat"),
        ("Queue", "keeper-undelivered"),
        ("QueuePolicy", "keeper-undelivered"),
        ("Role", "keeper-asleep"),
        ("Role", "keeper-function"),
        ("Role", "keeper-schedule"),
        ("RolePolicy", "chat-keeper"),
        ("RolePolicy", "keeper-asleep"),
        ("RolePolicy", "keeper-function"),
        ("RolePolicy", "keeper-schedule"),
        ("Schedule", "chat-at-0800"),
        ("Schedule", "chat-at-2000"),
        ("Schedule", "keeper-every-10-minutes"),
        ("ScheduleGroup", "keeper-schedules"),
        ("TargetGroup", "chat-asleep"),
        ("TargetGroupAttachment", "keeper-asleep-chat"),
        ("Topic", "keeper-notices"),
        ("TopicPolicy", "keeper-notices"),
    ]


def test_other_targets_have_no_function_that_answers(stack):
    """SageMaker and RunPod answer in their own way, a front by itself; RunPod has no budget of AWS."""
    for plan in (sagemaker(), runpod(), fronted(ecs())):
        made = of_keeper(stack(replace(plan, budget=budget_plan())))
        assert not [name for _, name in made if "asleep" in name]
        assert ("Budget" in dict(made)) is (plan.target != "runpod")
        assert ("FunctionUrl" in dict(made)) is (plan.front is not None)


def test_a_stack_without_a_keeper_has_none_of_it(stack):
    """Neither function nor topic."""
    made = stack(replace(ecs(), keeper=None))
    assert [one.type for one in made.resources if one.type.startswith(("berth:keeper", "aws:lambda", "aws:sns"))] == []


def test_the_function_is_small_and_knows_no_secret(stack):
    """Names of its stack and services, and where a key is; its log is there before it, and so are its rights."""
    made = stack(ecs(), runpod(service="draw"))
    assert inputs(made, FUNCTION, "keeper-function") == {
        "name": "berth-dev-keeper",
        "description": "Berth's keeper of stack dev: what runs, until when, and what it costs",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "handler": "components.keeper.runtime.handler.handle",
        "role": f"arn:aws:role:{REGION}:{ACCOUNT}:keeper-function",
        "memorySize": 512,
        "timeout": 300,
        "environment": {
            "variables": {
                "BERTH_STACK": "dev",
                "BERTH_SERVICES": '["chat","draw"]',
                "RUNPOD_API_KEY_SECRET_ARN": secret(RUNPOD_KEY),
            }
        },
        "deadLetterConfig": {"targetArn": QUEUE_ARN},
    }
    function = made.of(FUNCTION, "keeper-function")
    needed = {urn.rpartition("::")[2] for urn in function.dependencies}
    assert {"keeper-function-logs", "keeper-function", "keeper-undelivered"} <= needed
    assert inputs(made, "cloudwatch/logGroup:LogGroup", "keeper-function-logs") == {
        "name": "/aws/lambda/berth-dev-keeper",
        "retentionInDays": 30,
    }
    assert inputs(made, "FunctionEventInvokeConfig", "keeper-function") == {
        "functionName": "berth-dev-keeper",
        "maximumEventAgeInSeconds": 300,
        "maximumRetryAttempts": 2,
    }


def test_every_ten_minutes_and_at_the_edges(stack):
    """Of all services, and of the one whose hours open or close; what cannot be delivered is kept."""
    made = stack(ecs())
    shared = {
        "groupName": "berth-dev",
        "flexibleTimeWindow": {"mode": "OFF"},
    }
    target = {
        "arn": FUNCTION_ARN,
        "roleArn": f"arn:aws:role:{REGION}:{ACCOUNT}:keeper-schedule",
        "retryPolicy": {"maximumEventAgeInSeconds": 300, "maximumRetryAttempts": 2},
        "deadLetterConfig": {"arn": QUEUE_ARN},
    }
    assert inputs(made, "Schedule", "keeper-every-10-minutes") == {
        **shared,
        "name": "every-10-minutes",
        "description": "Keeps every service of the stack",
        "scheduleExpression": "rate(10 minutes)",
        "target": {**target, "input": "{}"},
    }
    assert inputs(made, "Schedule", "chat-at-2000") == {
        **shared,
        "name": "chat-2000",
        "description": "Edge of the hours of chat",
        "scheduleExpression": "cron(0 20 ? * MON-FRI *)",
        "scheduleExpressionTimezone": "Europe/Berlin",
        "target": {**target, "input": '{"services":["chat"]}'},
    }
    assert statements(made, "keeper-schedule") == [
        {"Sid": "RunKeeper", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": RUN},
        {
            "Sid": "KeepUndelivered",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": arn("sqs", "berth-dev-keeper"),
        },
    ]
    trust = json.loads(made.of("iam/role:Role", "keeper-schedule").inputs["assumeRolePolicy"])["Statement"]
    assert trust == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": ACCOUNT,
                    "aws:SourceArn": arn("scheduler", "schedule-group/berth-dev"),
                }
            },
        }
    ]


def test_the_documents_of_a_service(stack):
    """The stack writes one and leaves the others to those who do; each is text that a preview shows."""
    made = stack(replace(ecs(), budget=budget_plan(webhook_secret=WEBHOOK)))
    for kind in ("state", "awake_until", "wake"):
        name = f"chat-{kind.replace('_', '-')}"
        assert inputs(made, PARAMETER, name) == {
            "name": f"/berth/dev/chat/{kind}",
            "type": "String",
            "insecureValue": "{}",
            "tier": "Standard",
        }
        assert made.of(PARAMETER, name).ignore_changes == ("insecureValue",)
    config = inputs(made, PARAMETER, "chat-config")
    assert made.of(PARAMETER, "chat-config").ignore_changes == ()
    assert (config["name"], config["tier"]) == ("/berth/dev/chat/config", "Standard")
    told = json.loads(config["insecureValue"])
    assert told["notify"] == {"topic_arn": arn("sns", "berth-dev-keeper"), "webhook_secret": secret(WEBHOOK)}
    assert told["budget"] == {"grace_seconds": 1800, "monthly_usd": 400.0, "on_breach": "park"}
    assert told["ecs"] == {
        "asleep_rule": f"arn:aws:listenerrule:{REGION}:{ACCOUNT}:chat-asleep",
        "cluster": "berth_dev_chat_g6-2xlarge",
        "front": False,
        "group": "chat-instances-1a2b3c4",
        "instance_type": "g6.2xlarge",
        "service": "chat_g6-2xlarge",
        "target_group": f"arn:aws:targetgroup:{REGION}:{ACCOUNT}:chat-tg",
    }


def test_a_long_document_takes_the_advanced_tier(stack):
    """SSM refuses one of more than 4096 bytes on the standard tier."""
    days = tuple(f"2027-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 28))
    made = stack(ecs(holidays=days))
    assert len(made.of(PARAMETER, "chat-config").inputs["insecureValue"]) > 4096
    assert made.of(PARAMETER, "chat-config").inputs["tier"] == "Advanced"


def test_details_of_an_endpoint(stack):
    """On SageMaker what the Endpoint itself is given, but for how it began; on RunPod id, pools and how it sleeps."""
    made = stack(sagemaker())
    told = json.loads(made.of(PARAMETER, "chat-config").inputs["insecureValue"])["sagemaker"]
    own = {
        key: value
        for key, value in made.of("dynamic/sagemaker:Endpoint", "chat-endpoint").inputs.items()
        if key not in ("startsAwake", "__provider")
    }
    assert whole(told) == whole({key: value for key, value in own.items() if value is not None} | _absent(told))
    assert told["keeperManaged"] is True
    told = json.loads(stack(runpod()).of(PARAMETER, "chat-config").inputs["insecureValue"])["runpod"]
    assert told == {
        "endpoint_id": "chat-endpoint-endpoint-id",
        "front": False,
        "mode": "queue",
        "pools": ["AMPERE_24"],
        "sleep": "hard",
    }


def _absent(told):
    return {key: value for key, value in told.items() if value is None}


def test_the_first_run_follows_the_documents(stack):
    """A changed size, schedule or budget takes effect with its deployment; an unchanged one runs nothing."""
    made = stack(ecs(), sagemaker("draw"))
    run = made.of("Invocation", "keeper-run")
    documents = {name: made.of(PARAMETER, f"{name}-config").inputs["insecureValue"] for name in ("chat", "draw")}
    digest = hashlib.sha256(json.dumps(documents, sort_keys=True).encode()).hexdigest()
    assert inputs(made, "Invocation", "keeper-run") == {
        "functionName": "berth-dev-keeper",
        "input": '{"tolerant": true}',
        "triggers": {"documents": digest},
    }
    needed = {urn.rpartition("::")[2] for urn in run.dependencies}
    assert {
        "chat-config",
        "chat-keeper",
        "chat-state",
        "chat-at-0800",
        "draw-config",
        "keeper-every-10-minutes",
    } <= needed
    assert stack(ecs(), sagemaker("draw"), now=NIGHT).of("Invocation", "keeper-run").inputs == run.inputs
    for changed in (ecs(max_replicas=4), ecs(hours="always"), replace(ecs(), budget=budget_plan())):
        assert (
            stack(changed, sagemaker("draw")).of("Invocation", "keeper-run").inputs["triggers"]
            != run.inputs["triggers"]
        )


def test_documents_and_rights_go_before_their_service(stack):
    """So that no run starts again what a destroy has just stopped."""
    made = stack(ecs())
    service = made.of("ecs:EcsService", "chat").urn
    parts = {one.urn for one in made.resources if one.parent == service}
    for kind, name in (
        (PARAMETER, "chat-config"),
        (PARAMETER, "chat-state"),
        ("RolePolicy", "chat-keeper"),
        ("Schedule", "chat-at-0800"),
        ("ListenerRule", "chat-asleep"),
    ):
        assert parts <= made.of(kind, name).dependencies, name
    steady = made.of("Schedule", "keeper-every-10-minutes").dependencies
    assert made.of(PARAMETER, "chat-config").urn in steady


def test_while_asleep_a_function_answers(stack):
    """Behind the service's rule until the keeper moves it; only its own load balancer may call it."""
    made = stack(ecs())
    door = f"arn:aws:targetgroup:{REGION}:{ACCOUNT}:chat-asleep"
    assert inputs(made, "TargetGroup", "chat-asleep") == {"namePrefix": "sleep-", "targetType": "lambda"}
    assert inputs(made, "ListenerRule", "chat-asleep") == {
        "listenerArn": f"arn:aws:listener:{REGION}:{ACCOUNT}:chat-http",
        "priority": 20,
        "conditions": [{"pathPattern": {"values": ["/v1/*"]}}],
        "actions": [{"type": "forward", "targetGroupArn": door}],
    }
    assert made.of("ListenerRule", "chat-asleep").delete_before_replace
    served = {door: {"service": "chat", "state": "/berth/dev/chat/state", "keys": secret("berth/client-keys")}}
    function = inputs(made, FUNCTION, "keeper-asleep")
    assert function["name"] == "berth-dev-asleep"
    assert function["handler"] == "components.keeper.runtime.asleep.handle"
    assert json.loads(function["environment"]["variables"]["BERTH_ASLEEP"]) == served
    assert function["environment"]["variables"]["BERTH_KEEPER"] == "berth-dev-keeper"
    assert inputs(made, "Permission", "keeper-asleep-chat") == {
        "action": "lambda:InvokeFunction",
        "function": "berth-dev-asleep",
        "principal": "elasticloadbalancing.amazonaws.com",
        "sourceArn": door,
    }
    attached = made.of("TargetGroupAttachment", "keeper-asleep-chat")
    assert attached.inputs == {
        "targetGroupArn": door,
        "targetId": f"arn:aws:function:{REGION}:{ACCOUNT}:keeper-asleep",
    }
    assert made.of("Permission", "keeper-asleep-chat").urn in attached.dependencies
    assert [(one["Sid"], one["Action"], one["Resource"]) for one in statements(made, "keeper-asleep")] == [
        (
            "WriteLogs",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            arn("logs", "log-group:/aws/lambda/berth-dev-asleep:*"),
        ),
        ("ReadState", "ssm:GetParameter", [arn("ssm", "parameter/berth/dev/chat/state")]),
        ("RunKeeper", "lambda:InvokeFunction", RUN),
        ("ReadClientKeys", "secretsmanager:GetSecretValue", [secret("berth/client-keys")]),
    ]


def test_a_service_without_keys_is_answered_too(stack):
    """Whoever reaches it may use it; there is no secret to read."""
    plan = ecs()
    made = stack(replace(plan, gateway=replace(plan.gateway, keys_secret=None)))
    [one] = json.loads(made.of(FUNCTION, "keeper-asleep").inputs["environment"]["variables"]["BERTH_ASLEEP"]).values()
    assert one == {"service": "chat", "state": "/berth/dev/chat/state", "keys": None}
    assert sids(made, "keeper-asleep") == ["WriteLogs", "ReadState", "RunKeeper"]


def test_a_front_asks_the_keeper(stack):
    """It reads the service's state, and may call the function by its signed address."""
    made = stack(fronted(sagemaker()))
    assert inputs(made, "FunctionUrl", "keeper-function") == {
        "functionName": "berth-dev-keeper",
        "authorizationType": "AWS_IAM",
    }
    [container] = json.loads(made.of("TaskDefinition", "chat-front-task").inputs["containerDefinitions"])
    [text] = [one["value"] for one in container["environment"] if one["name"] == "BERTH_CONFIG"]
    assert json.loads(text)["sleep"] == {
        "upstreams": ["target"],
        "document": {"parameter": "/berth/dev/chat/state"},
        "wake_url": "https://abc123.lambda-url.us-east-1.on.aws/",
    }
    allowed = {one.get("Sid"): one["Resource"] for one in statements(made, "chat-front-task")}
    assert allowed["ReadState"] == arn("ssm", "parameter/berth/dev/chat/state")
    assert (allowed["WakeSigned"], allowed["WakeByUrl"]) == (RUN, RUN)


def test_where_requests_wake_nothing_there_is_no_address(stack):
    """`schedule.wake: never`, and a meter, which stops nothing; the front still knows how the service is."""
    made = stack(fronted(sagemaker(wake="never")))
    assert not [one for one in made.resources if one.type.endswith(":FunctionUrl")]
    assert "WakeSigned" not in sids(made, "chat-front-task")
    assert "ReadState" in sids(made, "chat-front-task")
    made = stack(fronted(metered(sagemaker())))
    assert not [one for one in made.resources if one.type.endswith(":FunctionUrl")]
    assert "ReadState" not in sids(made, "chat-front-task")
