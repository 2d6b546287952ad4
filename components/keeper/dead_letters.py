"""Where do runs of the keeper end up that AWS could not deliver? In a queue, where an alarm finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.statements import Statement, document

if TYPE_CHECKING:
    from components.keeper.scope import Scope

_KEPT_SECONDS = 1_209_600
"""14 days, the longest that SQS keeps a message."""


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The queue, and the policy without which it takes messages in clear."""

    queue: aws.sqs.Queue
    policy: aws.sqs.QueuePolicy


def make_dead_letters(scope: Scope) -> DeadLetters:
    """Make the queue, encrypted by SQS itself."""
    queue = aws.sqs.Queue(
        scope.name("undelivered"),
        name=scope.function_name,
        message_retention_seconds=_KEPT_SECONDS,
        sqs_managed_sse_enabled=True,
        tags=scope.tagged("undelivered"),
        opts=scope.options(),
    )
    policy = aws.sqs.QueuePolicy(
        scope.name("undelivered"), queue_url=queue.url, policy=document(_policy(scope)), opts=scope.options()
    )
    return DeadLetters(queue, policy)


def send_statement(scope: Scope) -> Statement:
    """Let a role put what it could not deliver into the queue."""
    return {"Sid": "KeepUndelivered", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": scope.queue_arn}


def _policy(scope: Scope) -> list[Statement]:
    return [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": scope.queue_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
