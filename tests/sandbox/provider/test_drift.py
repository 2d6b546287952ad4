"""Does a refresh show what somebody changed by hand?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from provider_case import TRUST

if TYPE_CHECKING:
    from collections.abc import Callable

    from provider_engine import Engine

CHANGES = [
    (
        "aws:cloudwatch/logGroup:LogGroup",
        {"retentionInDays": 30},
        lambda client, made: client("logs").put_retention_policy(logGroupName=made.id, retentionInDays=90),
        {"retentionInDays": "UPDATE"},
    ),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        {"tags": {"a": "b"}},
        lambda client, made: client("logs").tag_resource(resourceArn=made["arn"], tags={"by": "hand"}),
        {"tags.by": "DELETE"},
    ),
    (
        "aws:iam/role:Role",
        {"assumeRolePolicy": TRUST},
        lambda client, made: client("iam").update_role(
            RoleName=made.id, Description="by hand", MaxSessionDuration=7200
        ),
        {"description": "DELETE", "maxSessionDuration": "UPDATE"},
    ),
    (
        "aws:ecs/cluster:Cluster",
        {"settings": [{"name": "containerInsights", "value": "enabled"}]},
        lambda client, made: client("ecs").update_cluster(
            cluster=made.id, settings=[{"name": "containerInsights", "value": "disabled"}]
        ),
        {"settings[0].value": "UPDATE"},
    ),
    (
        "aws:ssm/parameter:Parameter",
        {"type": "String", "value": "mine"},
        lambda client, made: client("ssm").put_parameter(Name=made.id, Value="theirs", Overwrite=True),
        {"value": "UPDATE"},
    ),
]


@pytest.mark.parametrize(("token", "inputs", "by_hand", "kinds"), CHANGES)
def test_a_change_by_hand_is_read_and_shown(
    engine: Engine,
    client: Callable[[str], Any],
    token: str,
    inputs: dict[str, Any],
    by_hand: Callable[[Any, Any], object],
    kinds: dict[str, str],
) -> None:
    """The read tells the real value, the diff leads back to the program, and the update makes it so."""
    made = engine.create(token, "drifting", inputs)
    by_hand(client, made)
    found = engine.read(made)
    assert found is not None
    assert engine.diff(found, inputs).kinds == kinds
    engine.update(found, inputs)
    repaired = engine.read(found)
    assert repaired is not None
    assert engine.diff(repaired, inputs).kinds == {}


def test_what_was_deleted_by_hand_is_gone(engine: Engine, client: Callable[[str], Any]) -> None:
    """A read finds nothing, and the delete of the resource succeeds."""
    made = engine.create("aws:iam/role:Role", "gone", {"assumeRolePolicy": TRUST})
    client("iam").delete_role(RoleName=made.id)
    assert engine.read(made) is None
    engine.delete(made)


def test_what_another_resource_adds_is_no_drift(engine: Engine, client: Callable[[str], Any]) -> None:
    """A policy attached by a resource of its own does not change the role's state."""
    made = engine.create("aws:iam/role:Role", "attached", {"assumeRolePolicy": TRUST})
    policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    engine.create("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "a", {"role": made.id, "policyArn": policy})
    found = engine.read(made)
    assert found is not None
    assert found.outputs == made.outputs
