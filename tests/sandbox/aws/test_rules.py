"""What AWS refuses and moto alone would accept: duplicates, missing parts, deletions in the wrong order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.aws.refusals_of_compute import COMPUTE
from tests.sandbox.aws.refusals_of_the_rest import REST

if TYPE_CHECKING:
    from types import SimpleNamespace


REFUSALS = COMPUTE | REST


@pytest.fixture(scope="module")
def chat(shared_aws, deploy) -> SimpleNamespace:
    """The ids of a deployed service; no test of this module changes it."""
    return deploy(shared_aws)


@pytest.mark.parametrize("case", REFUSALS)
def test_what_aws_refuses_is_refused(shared_aws, chat, case):
    """Duplicate names, missing parts, deletions under something that stands: AWS's code, and nothing changes."""
    (service, operation, params), code, message = REFUSALS[case]
    inventory = shared_aws.get("inventory")
    answered_code, answered_message = shared_aws.refused(service, operation, **params(chat))
    assert answered_code == code
    assert answered_message.startswith(message)
    assert shared_aws.get("inventory") == inventory


def test_an_attached_policy_cannot_be_deleted(shared_aws, chat):
    """A customer's policy has to be detached before it is deleted."""
    iam = shared_aws.client("iam")
    document = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
    )
    arn = iam.create_policy(PolicyName="read", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="chat", PolicyArn=arn)
    refusal = ("DeleteConflict", "Cannot delete a policy attached to entities.")
    assert shared_aws.refused("iam", "delete_policy", PolicyArn=arn) == refusal
    iam.detach_role_policy(RoleName="chat", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_removed_leftovers_can_be_deleted(shared_aws, chat):
    """A rule that refers to the group is what keeps it: without the rule only the load balancer does."""
    code, message = shared_aws.refused("ec2", "delete_security_group", GroupId=chat.alb_group)
    assert (code, message) == (
        "DependencyViolation",
        f"resource {chat.alb_group} has a dependent object: a rule of {chat.task_group}",
    )
