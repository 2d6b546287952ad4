"""The policies of the keeper's role: one for each service, within what IAM takes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from components.errors import StackError
from components.keeper.found import find_kept
from components.keeper.rights import ATTACHED, INLINE, MOST_KEPT
from tests.components.keeper.kept_stack import RUNPOD_KEY, WEBHOOK, budget_plan, ecs, recorded_of, runpod, sagemaker
from tests.components.keeper.test_component import secret, statements

MOST_INLINE_CHARACTERS, MOST_CHARACTERS = 10_240, 6_144
"""Of all policies inside a role, and of one beside it, blanks not counted (IAM quotas, 2026-11)."""
LONG_STACK = "a-stack-of-forty-characters-at-the-most-x"[:40]


def long_name(number):
    return f"a-name-of-twenty-a{number:02}"


def characters(policy):
    return len(json.dumps(json.loads(policy), separators=(",", ":")))


def test_a_few_services_are_part_of_the_role_and_others_beside_it(stack):
    """A role holds so many characters, and takes so many policies."""
    plans = [ecs(f"chat-{number}") for number in range(INLINE + 2)]
    made = stack(*plans)
    inside = sorted(
        one.name for one in made.resources if one.type.endswith("rolePolicy:RolePolicy") and "-keeper" in one.name
    )
    assert inside == [f"chat-{number}-keeper" for number in range(INLINE)]
    for number in (INLINE, INLINE + 1):
        name = f"chat-{number}-keeper"
        attached = made.of("RolePolicyAttachment", name)
        assert attached.inputs["role"] == made.of("iam/role:Role", "keeper-function").inputs.get(
            "name", "keeper-function-1a2b3c4"
        )
        assert attached.inputs["policyArn"] == f"arn:aws:policy:us-east-1:123456789012:{name}"
        assert statements(made, name, "iam/policy:Policy")[0]["Sid"] == "StartAndStop"
        assert attached.urn in made.of("Invocation", "keeper-run").dependencies


@pytest.mark.parametrize("plan_of", [ecs, sagemaker])
def test_the_longest_names_fit_what_iam_takes(build_folder, plan_of):
    """Stacks of forty characters, services of twenty, each with a chat of its own."""
    plans = [
        replace(plan_of(long_name(number), LONG_STACK), budget=budget_plan(webhook_secret=WEBHOOK))
        for number in range(INLINE + 1)
    ]
    made = recorded_of(*plans, folder=build_folder)
    inside = [
        characters(one.inputs["policy"])
        for one in made.resources
        if one.type.endswith("rolePolicy:RolePolicy")
        and (one.name == "keeper-function" or one.name in {f"{long_name(number)}-keeper" for number in range(INLINE)})
    ]
    assert len(inside) == 1 + INLINE
    assert sum(inside) <= MOST_INLINE_CHARACTERS
    beside = made.of("iam/policy:Policy", f"{long_name(INLINE)}-keeper").inputs["policy"]
    assert characters(beside) <= MOST_CHARACTERS


def test_more_services_than_the_role_has_room_for_are_refused(stack):
    """Before anything is made."""
    plans = [ecs(f"chat-{number}") for number in range(MOST_KEPT + 1)]
    with pytest.raises(StackError) as error:
        stack(*plans)
    assert MOST_KEPT == INLINE + ATTACHED == 13
    assert str(error.value) == (
        "stacks/Pulumi.dev.yaml: berth:services: 14 services with schedule, idle or budget are more than the 13 that "
        "the role of one keeper has room for; divide them into two stacks"
    )


def test_two_keys_of_runpod_are_refused(stack):
    """One function moves the workers of both with one key."""
    with pytest.raises(StackError) as error:
        stack(runpod(), runpod(service="draw", key=WEBHOOK))
    assert str(error.value) == (
        f"draw: runpod.api_key_secret: {WEBHOOK} is another key than {RUNPOD_KEY} of chat, and one keeper moves the "
        "workers of both; name one key that may change both endpoints, or put them into two stacks"
    )


def test_a_secret_that_is_not_there_is_refused_first(stack):
    """With how to make it, and while nothing has been made."""
    with pytest.raises(StackError) as error:
        stack(replace(ecs(), budget=budget_plan(webhook_secret="ops/lost")))
    assert str(error.value).startswith("chat: budget.notify.webhook_secret: ops/lost could not be looked up (")
    assert "then paste the https address" in str(error.value)


def test_the_key_of_runpod_is_all_that_a_service_there_needs(stack):
    """RunPod decides what it may do."""
    assert statements(stack(runpod()), "chat-keeper") == [
        {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": [secret(RUNPOD_KEY)],
        }
    ]


def test_who_is_kept_by_hand_is_not_looked_for():
    """Neither a service without a keeper nor one on RunPod without a key, and nobody is asked for secrets."""
    assert find_kept([replace(ecs(), keeper=None), runpod(key=None)]) == []
