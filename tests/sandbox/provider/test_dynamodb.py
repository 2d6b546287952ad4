"""Tables of DynamoDB: what is refused before a call, what changes in place, and what only a new table can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from provider_engine import CheckFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from provider_engine import Engine

TOKEN = "aws:dynamodb/table:Table"
TABLE: dict[str, Any] = {
    "name": "berth_test_budgets",
    "billingMode": "PAY_PER_REQUEST",
    "hashKey": "id",
    "attributes": [{"name": "id", "type": "S"}],
    "ttl": {"attributeName": "expires", "enabled": True},
}


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"name": "a b"}, "name", "must have 3 to 255 letters, digits, _, . and -; got 'a b'"),
        ({"billingMode": "FREE"}, "billingMode", "expected one of PROVISIONED, PAY_PER_REQUEST; got 'FREE'"),
        ({"hashKey": "key"}, "attributes", "the key 'key' is not among them"),
        (
            {"attributes": [*TABLE["attributes"], {"name": "expires", "type": "N"}]},
            "attributes",
            "all attributes must be indexed, and 'expires' is no key",
        ),
        (
            {"attributes": [{"name": "id", "type": "STRING"}]},
            "attributes[0].type",
            "expected one of S, N, B; got 'STRING'",
        ),
        ({"billingMode": "PROVISIONED"}, "readCapacity", "must be given when billingMode is 'PROVISIONED'"),
        ({"streamEnabled": True}, "streamViewType", "must be given when streamEnabled is True"),
        ({"replicas": [{"regionName": "eu-west-1"}]}, "replicas", "is not known to the sandbox; leave it out"),
    ],
)
def test_a_table_that_could_not_be_is_refused(engine: Engine, change: dict[str, Any], path: str, reason: str) -> None:
    """At preview, before AWS hears of it."""
    with pytest.raises(CheckFailedError) as caught:
        engine.check(TOKEN, "budgets", {**TABLE, **change})
    assert caught.value.failures[path] == reason


def test_a_lifetime_is_switched_off_and_on_in_place(engine: Engine, client: Callable[[str], Any]) -> None:
    """A refresh shows what was declared, also after AWS has forgotten the attribute's name."""
    made = engine.create(TOKEN, "budgets", TABLE)
    off = {**TABLE, "ttl": {"attributeName": "expires", "enabled": False}}

    def status() -> str:
        found = client("dynamodb").describe_time_to_live(TableName=made.id)
        return found["TimeToLiveDescription"]["TimeToLiveStatus"]

    assert status() == "ENABLED"
    engine.update(made, off)
    assert status() == "DISABLED"
    found = engine.read(made)
    assert found is not None
    assert engine.diff(found, off).kinds == {}
    engine.update(made, TABLE)
    assert status() == "ENABLED"


def test_another_key_is_another_table(engine: Engine) -> None:
    """Items are found by it."""
    made = engine.create(TOKEN, "budgets", TABLE)
    diff = engine.diff(made, {**TABLE, "hashKey": "key", "attributes": [{"name": "key", "type": "S"}]})
    assert "hashKey" in diff.replaces
    assert engine.diff(made, {**TABLE, "name": "berth_other_budgets"}).replaces == ["name"]


def test_a_protected_table_stays(engine: Engine) -> None:
    """Until the protection is taken away."""
    made = engine.create(TOKEN, "budgets", {**TABLE, "deletionProtectionEnabled": True})
    with pytest.raises(grpc.RpcError) as caught:
        engine.delete(made)
    assert "DeletionProtectionEnabled" in str(caught.value.details())
    engine.update(made, TABLE)
    engine.delete(made)
    assert engine.read(made) is None
