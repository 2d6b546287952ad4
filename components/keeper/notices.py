"""Who hears of the keeper, its alarms and the budgets: one topic for a stack, encrypted, and who subscribes to it?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.statements import Statement, document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.account import Account
    from components.keeper.scope import Scope

_DELETION_DAYS = 7
_ENCRYPT = ["kms:Decrypt", "kms:GenerateDataKey*"]
_PUBLISHERS = ("budgets.amazonaws.com", "cloudwatch.amazonaws.com")


@dataclass(frozen=True, slots=True)
class Notices:
    """The topic; what publishes to it comes after its policy."""

    topic: aws.sns.Topic
    policy: aws.sns.TopicPolicy
    key: aws.kms.Key


def make_notices(scope: Scope) -> Notices:
    """Make the topic with a key of its own: the key of SNS itself lets in neither alarms nor budgets, silently."""
    key = aws.kms.Key(
        scope.name("notices"),
        description=f"Notices of the keeper of stack {scope.stack}",
        deletion_window_in_days=_DELETION_DAYS,
        enable_key_rotation=True,
        policy=document(key_policy(scope.account)),
        tags=scope.tagged("notices"),
        opts=scope.options(),
    )
    topic = aws.sns.Topic(
        scope.name("notices"),
        name=scope.function_name,
        kms_master_key_id=key.arn,
        tags=scope.tagged("notices"),
        opts=scope.options(),
    )
    policy = aws.sns.TopicPolicy(
        scope.name("notices"),
        arn=topic.arn,
        policy=document(topic_policy(scope.account, scope.topic_arn)),
        opts=scope.options(),
    )
    for address in _addresses(scope):
        aws.sns.TopicSubscription(
            scope.name(f"mail-{hashlib.sha256(address.lower().encode()).hexdigest()[:8]}"),
            topic=topic.arn,
            protocol="email",
            endpoint=address,
            opts=scope.options(),
        )
    return Notices(topic, policy, key)


def make_webhook_subscription(scope: Scope, notices: Notices, function: aws.lambda_.Function) -> None:
    """Let alarms and budgets reach the services' webhooks, which the keeper calls; nothing where none has one."""
    if not any(one.webhook for one in scope.kept):
        return
    allowed = aws.lambda_.Permission(
        scope.name("notices"),
        action="lambda:InvokeFunction",
        function=function.name,
        principal="sns.amazonaws.com",
        source_arn=notices.topic.arn,
        opts=scope.options(),
    )
    aws.sns.TopicSubscription(
        scope.name("webhooks"),
        topic=notices.topic.arn,
        protocol="lambda",
        endpoint=function.arn,
        opts=scope.options(depends_on=[allowed]),
    )


def key_policy(account: Account) -> list[Statement]:
    """Let the account's own policies decide about the key, and alarms and budgets encrypt with it."""
    return [
        {
            "Sid": "OwnAccount",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{account.partition}:iam::{account.id}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "EncryptAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": _ENCRYPT,
            # As AWS writes it: nobody says that an alarm tells KMS whose it is. The topic takes this account's alone.
            "Resource": "*",
        },
        {
            "Sid": "EncryptBudgets",
            "Effect": "Allow",
            "Principal": {"Service": "budgets.amazonaws.com"},
            "Action": _ENCRYPT,
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account.id}},
        },
    ]


def topic_policy(account: Account, topic_arn: str) -> list[Statement]:
    """Let alarms and budgets of this account publish, and nobody in clear; roles are let in by their own policies."""
    return [
        {
            "Sid": "AlarmsAndBudgets",
            "Effect": "Allow",
            "Principal": {"Service": list(_PUBLISHERS)},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account.id}},
        },
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def _addresses(scope: Scope) -> Iterable[str]:
    """Return each address once, whatever its case and however many services name it."""
    mails = [mail for one in scope.kept if one.budget for mail in one.budget.emails]
    return {mail.lower(): mail for mail in sorted(mails)}.values()
