"""SNS and SQS: policies about their own actions, endpoints that fit the protocol, attributes in range."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.sns.models import sns_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import listed, statements_of
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_ENDPOINTS = {
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Email address"),
    "email-json": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Email address"),
    "http": (r"http://\S+", "HTTP URL"),
    "https": (r"https://\S+", "HTTPS URL"),
    "lambda": (r"arn:aws:lambda:[\w-]+:\d{12}:function:\S+", "Lambda endpoint ARN"),
    "sqs": (r"arn:aws:sqs:[\w-]+:\d{12}:\S+", "SQS endpoint ARN"),
}
_RANGES = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}


@rule("sns", "CreateTopic", "SetTopicAttributes")
def topic_policy_is_legal(call: Call) -> None:
    attributes = call.params.get("Attributes") or {call.params.get("AttributeName"): call.params.get("AttributeValue")}
    policy = attributes.get("Policy")
    if not policy:
        return
    problem = _policy_problem(policy, "sns")
    if problem:
        raise AwsError("InvalidParameter", f"Invalid parameter: {problem}")


@rule("sns", "CreateTopic")
def topic_name_is_legal(call: Call) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo", call.params["Name"]):
        raise AwsError("InvalidParameter", "Invalid parameter: Topic Name")


@rule("sns", "Subscribe")
def endpoint_fits_the_protocol(call: Call) -> None:
    protocol, endpoint = call.params["Protocol"], call.params.get("Endpoint", "")
    pattern, what = _ENDPOINTS.get(protocol, (r"\S+", "Endpoint"))
    if not re.fullmatch(pattern, endpoint):
        raise AwsError("InvalidParameter", f"Invalid parameter: {what}")


@rule("sns", "Unsubscribe")
def subscription_was_confirmed(call: Call) -> None:
    known = sns_backends[ACCOUNT_ID][call.region].subscriptions.get(call.params["SubscriptionArn"])
    if known is not None and known.attributes.get("PendingConfirmation") == "true":
        raise AwsError(
            "InvalidParameter",
            "Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation",
        )


@rule("sqs", "CreateQueue", "SetQueueAttributes")
def queue_attributes_are_legal(call: Call) -> None:
    attributes: dict[str, str] = call.params.get("Attributes") or {}
    for name, (low, high) in _RANGES.items():
        value = str(attributes.get(name, low))
        if not value.isdecimal() or not low <= int(value) <= high:
            raise AwsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
    if attributes.get("KmsMasterKeyId") and attributes.get("SqsManagedSseEnabled") == "true":
        raise AwsError(
            "InvalidAttributeValue",
            "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS "
            "SSE.",
        )
    policy = attributes.get("Policy")
    if policy and _policy_problem(policy, "sqs"):
        raise AwsError("InvalidAttributeValue", "Invalid value for the parameter Policy.")


def _policy_problem(policy: str, service: str) -> str | None:
    """What SNS and SQS say of a policy that is none of theirs."""
    try:
        document: Any = json.loads(policy)
    except ValueError:
        document = None
    statements = list(statements_of(document))
    if not statements or not all({"Effect", "Action"} <= one.keys() for one in statements):
        return "Policy Error: null"
    for one in statements:
        if not ({"Principal", "NotPrincipal"} & one.keys() and {"Resource", "NotResource"} & one.keys()):
            return "Policy Error: null"
        for action in listed(one["Action"]):
            if action != "*" and not action.lower().startswith(f"{service}:"):
                return "Policy statement action out of service scope!"
    return None
