"""Which roles do the keeper, its schedules and the answer while asleep have?

What the keeper may do to each service is in `rights`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.keeper import permissions
from components.keeper.dead_letters import send_statement
from components.keeper.names import asleep_name, function_log_group, schedule_group_name
from components.statements import document, read_secrets, service_trust

if TYPE_CHECKING:
    import pulumi

    from components.keeper.notices import Notices
    from components.keeper.scope import Scope
    from components.statements import Statement


@dataclass(frozen=True, slots=True)
class KeeperRole:
    """A role, and the policy without which it is of no use."""

    role: aws.iam.Role
    policy: aws.iam.RolePolicy


def make_keeper_role(scope: Scope, notices: Notices) -> KeeperRole:
    """Make the role of the keeper, with what it needs for all services alike."""
    shared = permissions.shared(scope.account, scope.stack)
    policy = notices.key.arn.apply(lambda key_arn: document([*shared, *_own(scope, key_arn)]))
    return _role(scope, "function", service_trust("lambda.amazonaws.com", scope.account), policy)


def make_schedule_role(scope: Scope) -> KeeperRole:
    """Make the role with which the schedules of this stack run the keeper, and nothing else."""
    [trust] = service_trust("scheduler.amazonaws.com", scope.account)
    group = scope.account.arn("scheduler", f"schedule-group/{schedule_group_name(scope.stack)}")
    trust["Condition"]["StringEquals"]["aws:SourceArn"] = group
    statements: list[Statement] = [_invoke(scope), send_statement(scope)]
    return _role(scope, "schedule", [trust], document(statements))


def make_asleep_role(scope: Scope) -> KeeperRole:
    """Make the role of the function that answers for services which sleep."""
    asleep = [one for one in scope.kept if one.answered_asleep]
    statements: list[Statement] = [
        _write_logs(scope, asleep_name(scope.stack)),
        {
            "Sid": "ReadState",
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": [
                scope.account.arn("ssm", f"parameter/berth/{scope.stack}/{one.service}/state") for one in asleep
            ],
        },
        _invoke(scope),
        *read_secrets(scope.account, [one.client_keys for one in asleep if one.client_keys], sid="ClientKeys"),
    ]
    return _role(scope, "asleep", service_trust("lambda.amazonaws.com", scope.account), document(statements))


def _own(scope: Scope, key_arn: str) -> list[Statement]:
    return [
        _write_logs(scope, scope.function_name),
        send_statement(scope),
        {"Sid": "Tell", "Effect": "Allow", "Action": "sns:Publish", "Resource": scope.topic_arn},
        {
            "Sid": "EncryptNotices",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"sns.{scope.account.region}.amazonaws.com"}},
        },
    ]


def _invoke(scope: Scope) -> Statement:
    return {
        "Sid": "RunKeeper",
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": scope.function_arn,
    }


def _write_logs(scope: Scope, function: str) -> Statement:
    return {
        "Sid": "WriteLogs",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": scope.account.arn("logs", f"log-group:{function_log_group(function)}:*"),
    }


def _role(scope: Scope, name: str, trust: list[Statement], policy: pulumi.Input[str]) -> KeeperRole:
    role = aws.iam.Role(
        scope.name(name), assume_role_policy=document(trust), tags=scope.tagged(name), opts=scope.options()
    )
    return KeeperRole(role, aws.iam.RolePolicy(scope.name(name), role=role.name, policy=policy, opts=scope.options()))
