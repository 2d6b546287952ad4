"""Functions that really run: what they see, how they fail, what they may, and that nothing of them is left."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest

from tests.sandbox.aws.function_parts import (
    ACCOUNT,
    LOGS,
    allow,
    control,
    invoke,
    make_function,
    make_role,
    zip_of,
)

ECHO = "def handle(event, context):\n    return {'asked': event, 'id': context.aws_request_id}\n"
SEES = """
import importlib, os, sys
def handle(event, context):
    import boto3, botocore, urllib3, dateutil
    missing = []
    for name in ("sandbox", "pulumi", "moto", "yaml", "pydantic", "tzdata"):
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    import zoneinfo
    try:
        zone = str(zoneinfo.ZoneInfo("Europe/Berlin"))
    except zoneinfo.ZoneInfoNotFoundError:
        zone = "no zones"
    return {
        "missing": missing, "zone": zone, "first": sys.path[0] == os.environ["LAMBDA_TASK_ROOT"],
        "here": os.getcwd() == os.environ["LAMBDA_TASK_ROOT"], "own": os.environ["OWN"],
        "home": os.environ.get("HOME"), "region": os.environ["AWS_REGION"], "name": context.function_name,
        "memory": context.memory_limit_in_mb, "left": 0 < context.get_remaining_time_in_millis() <= 20000,
        "handler": os.environ["_HANDLER"], "arn": context.invoked_function_arn,
    }
"""


@pytest.fixture(scope="module")
def echo(shared_aws):
    make_function(shared_aws, "echo", ECHO, LOGS)
    return shared_aws


def test_a_function_answers_with_its_own_code(echo):
    """The event arrives as it was sent, the answer as it was returned."""
    answer, error = invoke(echo, "echo", {"services": ["chat"]})
    assert error is None
    assert answer["asked"] == {"services": ["chat"]}
    assert len(answer["id"]) == 36
    by_arn, _ = invoke(echo, f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:echo", [1])
    assert by_arn["asked"] == [1]


def test_a_function_sees_what_lambda_gives_it(shared_aws):
    """Its zip first, boto3, no time zones, nothing of this checkout, no variable but Lambda's and its own."""
    arn = make_function(shared_aws, "sees", SEES, Environment={"Variables": {"OWN": "mine"}}, MemorySize=256)
    answer, error = invoke(shared_aws, "sees")
    assert (answer, error) == (
        {
            "missing": ["sandbox", "pulumi", "moto", "yaml", "pydantic", "tzdata"],
            "zone": "no zones",
            "first": True,
            "here": True,
            "own": "mine",
            "home": None,
            "region": "us-east-1",
            "name": "sees",
            "memory": "256",
            "left": True,
            "handler": "it.handle",
            "arn": arn,
        },
        None,
    )


ERRORS = {
    "exception": (
        "def handle(event, context):\n    raise KeyError('chat')\n",
        {},
        ("KeyError", "'chat'"),
    ),
    "import": ("import nothing_of_that_name\n", {}, ("Runtime.ImportModuleError", None)),
    "syntax": ("def handle(:\n", {}, ("Runtime.UserCodeSyntaxError", None)),
    "no handler": ("x = 1\n", {}, ("Runtime.HandlerNotFound", "Handler 'handle' missing on module 'it'")),
    "handler name": (
        ECHO,
        {"Handler": "handle"},
        ("Runtime.MalformedHandlerName", "Bad handler 'handle': not enough values to unpack"),
    ),
    "answer": (
        "def handle(event, context):\n    return {1, 2}\n",
        {},
        ("Runtime.MarshalError", "Unable to marshal response: Object of type set is not JSON serializable"),
    ),
    "exit": ("import os\ndef handle(event, context):\n    os._exit(3)\n", {}, ("Runtime.ExitError", None)),
    "size": (
        "def handle(event, context):\n    return 'x' * 7_000_000\n",
        {},
        (
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        ),
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_is_told_as_lambda_tells_it(shared_aws, case):
    """FunctionError, errorType and errorMessage."""
    code, settings, (kind, message) = ERRORS[case]
    name = f"fails-{case.replace(' ', '-')}"
    make_function(shared_aws, name, code, **settings)
    answer, error = invoke(shared_aws, name)
    assert error == "Unhandled"
    assert answer["errorType"] == kind
    assert message is None or answer["errorMessage"] == message


def test_a_slow_function_is_ended_with_all_that_it_started(shared_aws):
    """After its timeout nothing of it runs any more, its own children included."""
    code = (
        "import subprocess, time\n"
        "def handle(event, context):\n"
        "    child = subprocess.Popen(['sleep', '60'])\n"
        "    print('child', child.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    make_function(shared_aws, "slow", code, LOGS, Timeout=1)
    started = time.monotonic()
    answer, error = invoke(shared_aws, "slow")
    assert time.monotonic() - started < 10
    assert error == "Unhandled"
    assert answer["errorType"] == "Sandbox.Timedout"
    assert answer["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    lines = messages(shared_aws, "/aws/lambda/slow")
    child = int(next(line for line in lines if line.startswith("child")).split()[1])
    assert not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]


def messages(aws, group: str) -> list[str]:
    logs = aws.client("logs")
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = [logs.get_log_events(logGroupName=group, logStreamName=one["logStreamName"]) for one in streams]
    return [event["message"] for one in events for event in one["events"]]


def test_what_is_printed_is_the_log(shared_aws):
    """With Lambda's own lines around it; the end of it comes with the answer when it is asked for."""
    code = (
        "import logging\n"
        "def handle(event, context):\n"
        "    print('one')\n"
        "    logging.warning('two')\n"
        "    logging.info('no')\n"
    )
    make_function(shared_aws, "prints", code, LOGS)
    answer = shared_aws.client("lambda").invoke(FunctionName="prints", LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert messages(shared_aws, "/aws/lambda/prints") == tail
    assert tail[0].startswith("START RequestId: ")
    assert tail[1:3] == ["one", "[WARNING]\ttwo"]
    assert tail[3].startswith("END RequestId: ")
    assert tail[4].startswith("REPORT RequestId: ")


def test_a_function_without_the_right_to_log_has_no_log(shared_aws):
    """The group would have to be made with the rights of its role."""
    make_function(shared_aws, "mute", ECHO)
    invoke(shared_aws, "mute")
    groups = shared_aws.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/mute")["logGroups"]
    assert groups == []


ASKS = """
import boto3
def handle(event, context):
    try:
        return boto3.client("ssm").get_parameter(Name=event["name"])["Parameter"]["Value"]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""


def test_a_function_has_the_rights_of_its_role_and_no_others(shared_aws):
    """What its policy does not allow is refused in AWS's words."""
    for name in ("/berth/t/chat/state", "/berth/t/other/state"):
        shared_aws.client("ssm").put_parameter(Name=name, Value="{}", Type="String")
    own = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/berth/t/chat/*"
    make_function(shared_aws, "asks", ASKS, allow("ssm:GetParameter", own))
    assert invoke(shared_aws, "asks", {"name": "/berth/t/chat/state"}) == ("{}", None)
    refused, _ = invoke(shared_aws, "asks", {"name": "/berth/t/other/state"})
    assert refused == (
        "AccessDeniedException: An error occurred (AccessDeniedException) when calling the GetParameter operation: "
        "User: "
        f"arn:aws:sts::{ACCOUNT}:assumed-role/asks/asks is not authorized to perform: ssm:GetParameter on resource: "
        f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/berth/t/other/state because no identity-based policy allows the "
        "ssm:GetParameter action"
    )


def test_a_function_that_is_not_there_cannot_be_called(shared_aws):
    """Nor one that has no concurrency, and no event that is not JSON."""
    make_function(shared_aws, "held", ECHO)
    shared_aws.client("lambda").put_function_concurrency(FunctionName="held", ReservedConcurrentExecutions=0)
    assert shared_aws.refused("lambda", "invoke", FunctionName="missing") == (
        "ResourceNotFoundException",
        f"Function not found: arn:aws:lambda:us-east-1:{ACCOUNT}:function:missing",
    )
    assert shared_aws.refused("lambda", "invoke", FunctionName="held")[0] == "TooManyRequestsException"
    make_function(shared_aws, "strict", ECHO)
    code, said = shared_aws.refused("lambda", "invoke", FunctionName="strict", Payload=b"{")
    assert code == "InvalidRequestContentException"
    assert said.startswith("Could not parse request body into json: ")


COUNTS = """
import boto3
def handle(event, context):
    boto3.client("sqs").send_message(QueueUrl=event["queue"], MessageBody="tried")
    raise RuntimeError("no")
"""


def test_an_event_that_nobody_waits_for_is_tried_again_and_then_kept(shared_aws):
    """Twice more, then it lies in the dead letters, and the destination is told with the error."""
    sqs = shared_aws.client("sqs")
    tried, dead, told = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("tried", "dead", "told"))
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
    make_function(shared_aws, "counts", COUNTS, allow("sqs:SendMessage"), DeadLetterConfig={"TargetArn": f"{arn}dead"})
    shared_aws.client("lambda").put_function_event_invoke_config(
        FunctionName="counts", DestinationConfig={"OnFailure": {"Destination": f"{arn}told"}}
    )
    answer = shared_aws.client("lambda").invoke(
        FunctionName="counts", InvocationType="Event", Payload=b'{"queue": "%s"}' % tried.encode()
    )
    assert answer["StatusCode"] == 202
    runs = [one for one in shared_aws.get("invocations") if one["function"] == "counts"]
    assert len(runs) == 3
    assert len(sqs.receive_message(QueueUrl=tried, MaxNumberOfMessages=10)["Messages"]) == 3
    (letter,) = sqs.receive_message(QueueUrl=dead)["Messages"]
    assert letter["Body"] == f'{{"queue": "{tried}"}}'
    (record,) = sqs.receive_message(QueueUrl=told)["Messages"]
    document = json.loads(record["Body"])
    assert document["requestContext"]["approximateInvokeCount"] == 3
    assert document["responsePayload"]["errorMessage"] == "no"


HEARS = """
import boto3
def handle(event, context):
    sns = event["Records"][0]["Sns"]
    boto3.client("sqs").send_message(QueueUrl=QUEUE, MessageBody=f"{sns['Subject']}: {sns['Message']}")
"""


def test_a_topic_calls_a_function_that_lets_it(shared_aws):
    """And no other; an e-mail is only written down."""
    queue = shared_aws.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    arn = make_function(shared_aws, "hears", f"QUEUE = {queue!r}\n{HEARS}", allow("sqs:SendMessage"))
    deaf = make_function(shared_aws, "deaf", HEARS)
    sns = shared_aws.client("sns")
    topic = sns.create_topic(Name="notices")["TopicArn"]
    shared_aws.client("lambda").add_permission(
        FunctionName="hears",
        StatementId="topic",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=topic,
    )
    for endpoint in (arn, deaf):
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=endpoint)
    mail = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com", ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    sns.publish(TopicArn=topic, Subject="chat", Message="sleeps in 10 minutes")
    runs = [one["function"] for one in shared_aws.get("invocations") if one["source"] == "sns"]
    assert runs == ["hears"]
    (message,) = shared_aws.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == "chat: sleeps in 10 minutes"
    # The mail waits until its reader confirms.
    assert sns.get_subscription_attributes(SubscriptionArn=mail)["Attributes"]["PendingConfirmation"] == "true"
    assert {one["endpoint"] for one in shared_aws.get("notices") if one["topic"] == topic} == {arn, deaf}


def test_nothing_runs_again_after_a_restart(tmp_path, serve):
    """What a function has called is there, and called once; its files go with the sandbox."""
    writes = (
        "import boto3\n"
        "def handle(event, context):\n"
        "    boto3.client('ssm').put_parameter(Name='/n', Value=event['v'], Type='String', Overwrite=True)\n"
    )
    with serve(tmp_path) as aws:
        arn = make_function(aws, "writes", writes, allow("ssm:PutParameter"), LOGS)
        topic = aws.client("sns").create_topic(Name="t")["TopicArn"]
        aws.client("lambda").add_permission(
            FunctionName="writes", StatementId="t", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
        )
        aws.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
        aws.client("lambda").put_function_event_invoke_config(FunctionName="writes", MaximumRetryAttempts=0)
        aws.client("sns").publish(TopicArn=topic, Message="one")
        assert len(aws.get("invocations")) == 1
        invoke(aws, "writes", {"v": "1"})
        invoke(aws, "writes", {"v": "2"})
        assert (tmp_path / "functions").is_dir()
    assert not (tmp_path / "functions").exists()
    with serve(tmp_path) as aws:
        assert aws.get("health")["replay_differences"] == 0
        assert aws.get("invocations") == []
        parameter = aws.client("ssm").get_parameter(Name="/n")["Parameter"]
        assert (parameter["Value"], parameter["Version"]) == ("2", 2)
        invoke(aws, "writes", {"v": "3"})
        assert aws.client("ssm").get_parameter(Name="/n")["Parameter"]["Version"] == 3
        aws.client("sns").publish(TopicArn=topic, Message="two")
        assert [one["source"] for one in aws.get("invocations")] == ["invoke", "sns"]
        code = aws.client("lambda").update_function_code(FunctionName="writes", ZipFile=zip_of(it=ECHO))
        assert code["LastUpdateStatus"] == "Successful"
        assert invoke(aws, "writes", 7)[0]["asked"] == 7


def test_a_sandbox_that_stops_ends_what_runs(tmp_path, serve):
    """Also what nobody waits for."""
    marks = (
        "import os, time\n"
        "def handle(event, context):\n"
        "    open(event['file'], 'w').write(str(os.getpid()))\n"
        "    time.sleep(60)\n"
    )
    file = tmp_path / "pid"
    with serve(tmp_path / "state") as aws:
        make_function(aws, "marks", marks, Timeout=60)
        aws.client("lambda").invoke(
            FunctionName="marks", InvocationType="Event", Payload=b'{"file": "%s"}' % str(file).encode()
        )
        deadline = time.monotonic() + 20
        while not (file.exists() and file.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        pid = int(file.read_text())
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_secret_of_a_function_is_not_written_down(tmp_path, serve):
    """Its environment is redacted as that of any container."""
    with serve(tmp_path) as aws:
        make_function(aws, "keeps", ECHO, Environment={"Variables": {"API_KEY": "s3cr3t-value", "STACK": "prod"}})
    text = (tmp_path / "journal.jsonl").read_text()
    assert "s3cr3t-value" not in text
    assert "STACK" in text


def test_the_clock_of_a_function_is_the_one_of_the_account(tmp_path, serve):
    """Once it was advanced; before that it is the real one."""
    tells = "import time\ndef handle(event, context):\n    return time.time()\n"
    with serve(tmp_path) as aws:
        make_function(aws, "tells", tells)
        assert abs(invoke(aws, "tells")[0] - time.time()) < 10
        assert control(aws, "clock", {"advance_seconds": 86400})["is_real"] is False
        assert abs(invoke(aws, "tells")[0] - time.time() - 86400) < 10


def test_roles_are_held_against_their_own_policies(shared_aws):
    """A Deny wins, a wildcard matches, and another role's right is none."""
    statements = (allow("ssm:*"), {"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "*"})
    make_function(shared_aws, "denied", ASKS, Role=make_role(shared_aws, "denied", *statements))
    refused, _ = invoke(shared_aws, "denied", {"name": "/berth/t/chat/state"})
    assert "is not authorized to perform: ssm:GetParameter" in refused
