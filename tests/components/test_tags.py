"""Tags: what they hold, and which are refused."""

from __future__ import annotations

import pytest

from components.errors import StackError
from components.tags import Tags


def test_a_service_carries_its_own_tags_and_berths(plan_of):
    """Owner and cost centre stand beside stack, service, environment and managed-by."""
    assert Tags.of_service(plan_of()).named("chat-alb") == {
        "Name": "dev/chat-alb",
        "stack": "dev",
        "service": "chat",
        "environment": "dev",
        "owner": "ml-platform",
        "cost_center": "4711",
        "managed-by": "berth",
        "berth": "dev/chat",
    }


def test_a_stack_has_no_service_tag():
    """What services share belongs to none of them."""
    assert Tags.checked({}, stack="dev", environment="dev").common == {
        "stack": "dev",
        "environment": "dev",
        "managed-by": "berth",
    }


def test_a_group_declares_the_tag_that_ecs_adds():
    """AmazonECSManaged is declared, so that it is no difference at the next preview."""
    assert Tags.checked({}, stack="dev", environment="dev").of_group("chat-instances")["AmazonECSManaged"] == "true"


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (
            {"service": "other"},
            "tags.service: 'other' is a tag that Berth sets itself; remove it or choose another key",
        ),
        ({"NAME": "x"}, "tags.NAME: 'x' is a tag that Berth sets itself; remove it or choose another key"),
        (
            {"owner": "a", "Owner": "a"},
            "tags.Owner: differs from owner only in case, which IAM refuses; keep one of them",
        ),
        ({"aws:x": "1"}, "tags.aws:x: is not a tag key: 1 to 128 characters, not aws:...; rename the tag"),
        ({"k" * 129: "1"}, f"tags.{'k' * 129}: is not a tag key: 1 to 128 characters, not aws:...; rename the tag"),
        ({"note": "n" * 257}, "tags.note: has 257 characters, AWS allows 256; shorten the value"),
        (
            {"note": "a#b"},
            "tags.note: 'a#b' has a character that AWS refuses; use letters, digits, spaces and . : / = + - @ _",
        ),
        ({f"k{n}": "1" for n in range(44)}, "tags: 44 tags are too many, 42 are left beside Berth's; remove some"),
    ],
)
def test_an_illegal_tag_is_refused(own, message):
    """Each rule of AWS is checked before anything is made, and the message says what to do."""
    with pytest.raises(StackError) as error:
        Tags.checked(own, stack="dev", environment="dev", service="chat")
    assert str(error.value) == message


def test_all_illegal_tags_are_reported_together():
    """Two mistakes are one error with two lines."""
    with pytest.raises(StackError) as error:
        Tags.checked({"stack": "x", "aws:y": "1"}, stack="dev", environment="dev")
    assert [problem.place for problem in error.value.problems] == ["tags.stack", "tags.aws:y"]
