"""EventBridge Scheduler: expressions that can be read, a role that it may take, a target that it knows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from moto.scheduler.models import scheduler_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.expressions import ExpressionError, is_zone, parse
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import trusts
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

# What a schedule may start: each by its own form of ARN, everything else as a call of the SDK.
_TARGETS = re.compile(
    r"arn:aws:(lambda:[\w-]+:\d{12}:function:.+|sqs:[\w-]+:\d{12}:.+|sns:[\w-]+:\d{12}:.+|states:[\w-]+:\d{12}:.+"
    r"|events:[\w-]+:\d{12}:event-bus/.+|ecs:[\w-]+:\d{12}:cluster/.+|kinesis:[\w-]+:\d{12}:stream/.+"
    r"|firehose:[\w-]+:\d{12}:.+|codebuild:[\w-]+:\d{12}:project/.+|codepipeline:[\w-]+:\d{12}:.+"
    r"|sagemaker:[\w-]+:\d{12}:pipeline/.+|inspector:[\w-]+:\d{12}:.+|scheduler:::aws-sdk:[\w-]+:\w+)"
)
# Their input is a document; of the others a text.
_READ_JSON = (":lambda:", ":states:", ":events:")
_QUEUE = re.compile(r"arn:aws:sqs:[\w-]+:\d{12}:.+")


@rule("scheduler", "CreateSchedule", "UpdateSchedule")
def expression_is_readable(call: Call) -> None:
    zone = call.params.get("ScheduleExpressionTimezone", "UTC")
    if not is_zone(zone):
        raise _invalid(f"Invalid ScheduleExpressionTimezone {zone}.")
    try:
        parse(call.params["ScheduleExpression"], zone)
    except ExpressionError:
        raise _invalid(f"Invalid Schedule Expression {call.params['ScheduleExpression']}.") from None


@rule("scheduler", "CreateSchedule", "UpdateSchedule")
def window_fits_its_mode(call: Call) -> None:
    window = call.params["FlexibleTimeWindow"]
    is_flexible = window["Mode"] == "FLEXIBLE"
    if is_flexible != ("MaximumWindowInMinutes" in window):
        needed = "must be specified" if is_flexible else "can only be specified"
        raise _invalid(f"MaximumWindowInMinutes {needed} when FlexibleTimeWindow Mode is FLEXIBLE.")


@rule("scheduler", "CreateSchedule", "UpdateSchedule")
def target_is_known(call: Call) -> None:
    target = call.params["Target"]
    if not _TARGETS.fullmatch(target["Arn"]):
        raise _invalid(f"Provided Arn is not in correct format: {target['Arn']}")
    if not trusts(target["RoleArn"], "scheduler.amazonaws.com"):
        raise _invalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
    letter = (target.get("DeadLetterConfig") or {}).get("Arn")
    if letter is not None and not _QUEUE.fullmatch(letter):
        raise _invalid(f"Provided DeadLetterConfig Arn is not the one of an SQS queue: {letter}")
    if "Input" in target and any(part in target["Arn"] for part in _READ_JSON):
        try:
            json.loads(target["Input"])
        except ValueError:
            raise _invalid("Provided Input must be well-formed JSON for the target.") from None


@rule("scheduler", "CreateSchedule", "UpdateSchedule", "GetSchedule", "DeleteSchedule")
def group_exists(call: Call) -> None:
    _require_group(call, call.params.get("GroupName") or "default")


@rule("scheduler", "DeleteScheduleGroup")
def group_can_go(call: Call) -> None:
    if call.params["Name"] == "default":
        raise _invalid("The default schedule group cannot be deleted.")
    _require_group(call, call.params["Name"])


@rule("scheduler", "CreateScheduleGroup")
def group_is_new(call: Call) -> None:
    if call.params["Name"] in scheduler_backends[ACCOUNT_ID][call.region].schedule_groups:
        raise AwsError("ConflictException", f"Schedule group {call.params['Name']} already exists.")


def _require_group(call: Call, name: str) -> None:
    if name not in scheduler_backends[ACCOUNT_ID][call.region].schedule_groups:
        raise AwsError("ResourceNotFoundException", f"Schedule group {name} does not exist.")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
