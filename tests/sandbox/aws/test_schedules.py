"""Schedules that fire: when, in which zone, with which rights, and where what is lost goes."""

from __future__ import annotations

import json
import time
import urllib.error
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.aws.expressions import ExpressionError, parse
from tests.sandbox.aws.function_parts import ACCOUNT, allow, control, make_function, make_role

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def runs(text: str, zone: str, start: str, count: int) -> list[str]:
    """The next times of an expression, in UTC."""
    expression, moment, found = parse(text, zone), datetime.fromisoformat(start), []
    for _ in range(count):
        following = expression.after(moment, BEGAN)
        if following is None:
            break
        moment = following
        found.append(f"{moment:%Y-%m-%dT%H:%M}")
    return found


@pytest.mark.parametrize(
    ("text", "zone", "start", "expected"),
    [
        ("rate(10 minutes)", "UTC", "2026-11-21T08:03:00+00:00", ["2026-11-21T08:10", "2026-11-21T08:20"]),
        ("rate(1 day)", "UTC", "2026-11-21T08:03:00+00:00", ["2026-11-22T00:00", "2026-11-23T00:00"]),
        (
            "cron(0 8 ? * MON-FRI *)",
            "Europe/Berlin",
            "2026-11-20T06:59:00+00:00",
            ["2026-11-20T07:00", "2026-11-23T07:00"],
        ),
        # The last Sunday of March has no 02:30 in Berlin, and the last one of October has two.
        (
            "cron(30 2 ? * SUN *)",
            "Europe/Berlin",
            "2026-03-22T02:00:00+00:00",
            ["2026-04-05T00:30", "2026-04-12T00:30"],
        ),
        ("cron(30 2 25 10 ? 2026)", "Europe/Berlin", "2026-10-24T00:00:00+00:00", ["2026-10-25T00:30"]),
        ("cron(0 0 1 JAN,JUL ? *)", "UTC", "2026-11-21T00:00:00+00:00", ["2027-01-01T00:00", "2027-07-01T00:00"]),
        (
            "cron(0/20 9-10 ? * 7 *)",
            "Asia/Kolkata",
            "2026-11-21T03:25:00+00:00",
            ["2026-11-21T03:30", "2026-11-21T03:50"],
        ),
        ("cron(0 6 L * ? *)", "UTC", "2026-02-01T00:00:00+00:00", ["2026-02-28T06:00", "2026-03-31T06:00"]),
        ("cron(0 6 ? * 2#1 *)", "UTC", "2026-11-21T00:00:00+00:00", ["2026-12-07T06:00", "2027-01-04T06:00"]),
        ("cron(0 6 ? * FRIL *)", "UTC", "2026-11-21T00:00:00+00:00", ["2026-11-27T06:00", "2026-12-25T06:00"]),
        ("cron(0 6 1W * ? *)", "UTC", "2026-07-25T00:00:00+00:00", ["2026-08-03T06:00", "2026-09-01T06:00"]),
        ("at(2026-12-24T18:00:00)", "America/New_York", "2026-11-21T00:00:00+00:00", ["2026-12-24T23:00"]),
        ("at(2026-01-24T18:00:00)", "UTC", "2026-11-21T00:00:00+00:00", []),
        ("cron(0 8 31 2 ? *)", "UTC", "2026-11-21T00:00:00+00:00", []),
    ],
)
def test_an_expression_is_due_when_aws_says(text, zone, start, expected):
    """Zones with halves of hours, hours that are skipped, hours that come twice, ends of months."""
    assert runs(text, zone, start, 2) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("0 8 * * *", "cron(0 8 * * *)", "cron(0 8 * * MON-FRI *)", "cron(0 8 ? * ? *)", "cron(60 8 ? * MON *)"),
        *("cron(0 8 ? * MON-XYZ *)", "cron(0 8 0 * ? *)", "cron(0 20-8 ? * MON *)", "cron(0/0 8 ? * MON *)"),
        *("rate(0 minutes)", "rate(1 minutes)", "rate(2 minute)", "rate(5 seconds)", "at(2026-12-24)", "every(1 day)"),
    ],
)
def test_an_expression_that_aws_refuses_is_none(text):
    """Five fields, no question mark, two of them, values out of range."""
    with pytest.raises(ExpressionError):
        parse(text)


WRITES = """
import boto3, time
def handle(event, context):
    boto3.client("sqs").send_message(QueueUrl=event["queue"], MessageBody=f"{event['at']} {time.time():.0f}")
    if event.get("fail"):
        raise RuntimeError("no")
    return event["at"]
"""


@pytest.fixture
def scheduled(aws):
    """A function that writes when it ran, and a role that may call it."""
    queue = aws.client("sqs").create_queue(QueueName="ran")["QueueUrl"]
    aws.client("sqs").create_queue(QueueName="dead")
    arn = make_function(aws, "writes", WRITES, allow("sqs:SendMessage"))
    role = make_role(aws, "schedules", allow("lambda:InvokeFunction", arn), service="scheduler.amazonaws.com")
    return queue, arn, role


def schedule(aws, name: str, expression: str, target: dict[str, object], **more: object) -> None:
    """A schedule without a window."""
    aws.client("scheduler").create_schedule(
        Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"}, Target=target, **more
    )


def target_of(scheduled, **more: object) -> dict[str, object]:
    """The function, told when its run was due."""
    queue, arn, role = scheduled
    document = {"queue": queue, "at": "<aws.scheduler.scheduled-time>", **more}
    return {"Arn": arn, "RoleArn": role, "Input": json.dumps(document)}


def tomorrow_at(hour: int) -> datetime:
    """An hour of tomorrow, in UTC."""
    return (datetime.now(UTC) + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)


def test_what_is_due_fires_in_its_order_and_sees_its_time(aws, scheduled):
    """A rate and a cron, until a given time; the function's clock shows the time at which it was due."""
    start = tomorrow_at(6)
    control(aws, "clock", {"until": start.isoformat()})
    began = start + timedelta(minutes=5)
    schedule(aws, "every", "rate(30 minutes)", target_of(scheduled), StartDate=began)
    schedule(aws, "morning", "cron(10 7 * * ? *)", target_of(scheduled))
    schedule(aws, "off", "rate(1 minute)", target_of(scheduled), State="DISABLED")
    coming = aws.get("schedules")
    assert [one["schedule"] for one in coming] == ["default/every", "default/morning"]
    assert coming[0]["next"] == began.isoformat()
    told = control(aws, "clock", {"until": (start + timedelta(minutes=75)).isoformat()})
    expected = [("default/every", 5), ("default/every", 35), ("default/every", 65), ("default/morning", 70)]
    assert [(one["schedule"], one["at"], one["error"]) for one in told["fired"]] == [
        (name, (start + timedelta(minutes=minutes)).isoformat(), "") for name, minutes in expected
    ]
    messages = aws.client("sqs").receive_message(QueueUrl=scheduled[0], MaxNumberOfMessages=10)["Messages"]
    for message in messages:
        due, seen = message["Body"].split()
        assert 0 <= int(seen) - datetime.fromisoformat(due).timestamp() < 5
    assert len(messages) == 4
    assert told["now"] == (start + timedelta(minutes=75)).isoformat(timespec="seconds")
    assert control(aws, "clock", {"advance_seconds": 60})["fired"] == []


def test_a_schedule_that_is_over_deletes_itself(aws, scheduled):
    """And stays deleted after a restart, since the deletion is a call."""
    at = tomorrow_at(7)
    schedule(aws, "once", f"at({at:%Y-%m-%dT%H:%M:%S})", target_of(scheduled), ActionAfterCompletion="DELETE")
    fired = control(aws, "clock", {"until": (at + timedelta(hours=1)).isoformat()})["fired"]
    assert [one["answer"] for one in fired] == [json.dumps(f"{at:%Y-%m-%dT%H:%M:%SZ}")]
    assert aws.refused("scheduler", "get_schedule", Name="once")[0] == "ResourceNotFoundException"


def test_a_role_without_the_right_fires_nothing(aws, scheduled):
    """The event goes to the schedule's dead letters; what a function fails on does not: it was delivered."""
    queue, _, _ = scheduled
    poor = make_role(aws, "poor", service="scheduler.amazonaws.com")
    dead = {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead"}}
    schedule(aws, "poor", "rate(1 hour)", {**target_of(scheduled), "RoleArn": poor, **dead})
    schedule(aws, "fails", "rate(1 hour)", {**target_of(scheduled, fail=True), **dead})
    fired = {one["schedule"]: one for one in control(aws, "clock", {"advance_seconds": 3600})["fired"]}
    assert fired["default/poor"]["error"].endswith(f"role/poor may not lambda:InvokeFunction on {scheduled[1]}")
    assert json.loads(fired["default/fails"]["error"])["errorMessage"] == "no"
    letters = aws.client("sqs").receive_message(QueueUrl=queue.replace("ran", "dead"), MaxNumberOfMessages=10)
    assert len(letters["Messages"]) == 1
    tried = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert len(tried) == 3


def test_the_clock_goes_ahead_alone(aws):
    """Backwards, or by nothing that is a time, is refused and changes nothing."""
    for document in ({"advance_seconds": -1}, {"until": "2020-01-01T00:00:00+00:00"}, {"until": "soon"}, {}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            control(aws, "clock", document)
        assert refused.value.code == 422
        refused.value.close()
    assert aws.get("clock")["is_real"] is True
    before = time.time()
    control(aws, "clock", {"advance_seconds": 3600})
    assert datetime.fromisoformat(aws.get("clock")["now"]).timestamp() >= int(before) + 3600
    made = aws.client("logs")
    made.create_log_group(logGroupName="late")
    created = made.describe_log_groups(logGroupNamePrefix="late")["logGroups"][0]["creationTime"] / 1000
    assert created >= before + 3599
