"""Tables of the local DynamoDB: what AWS refuses and moto would take, leases of a budget, and both after a restart."""

from __future__ import annotations

import pytest

TABLE = {
    "TableName": "budgets",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}


def lifetime(attribute: str, *, enabled: bool) -> dict[str, object]:
    specification = {"AttributeName": attribute, "Enabled": enabled}
    return {"TableName": "budgets", "TimeToLiveSpecification": specification}


REFUSALS = {
    "name": (
        "create_table",
        {**TABLE, "TableName": "a b"},
        "1 validation error detected: TableName must be at least 3",
    ),
    "short name": ("create_table", {**TABLE, "TableName": "ab"}, "1 validation error detected: TableName must be at"),
    "key": (
        "create_table",
        {**TABLE, "TableName": "other", "KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]},
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
    ),
    "no change": ("update_table", {"TableName": "budgets"}, "At least one of ProvisionedThroughput, BillingMode, "),
    "lifetime again": (
        "update_time_to_live",
        lifetime("expires", enabled=True),
        "TimeToLive is already enabled",
    ),
    "lifetime of another attribute": (
        "update_time_to_live",
        lifetime("until", enabled=True),
        "TimeToLive is active on a different AttributeName: current AttributeName is expires",
    ),
}


@pytest.fixture(scope="module")
def table(shared_aws):
    """A table whose items expire; no test of this module changes it."""
    client = shared_aws.client("dynamodb")
    client.create_table(**TABLE)
    client.update_time_to_live(**lifetime("expires", enabled=True))
    return client


@pytest.mark.parametrize("case", REFUSALS)
def test_what_aws_refuses_is_refused(shared_aws, table, case):
    """AWS's code and words, and nothing changes."""
    operation, params, message = REFUSALS[case]
    inventory = shared_aws.get("inventory")
    code, said = shared_aws.refused("dynamodb", operation, **params)
    assert code == "ValidationException"
    assert said.startswith(message)
    assert shared_aws.get("inventory") == inventory


def test_a_lifetime_that_is_off_cannot_be_switched_off(aws):
    """And a table that is not there has none."""
    aws.client("dynamodb").create_table(**TABLE)
    off = lifetime("expires", enabled=False)
    assert aws.refused("dynamodb", "update_time_to_live", **off) == (
        "ValidationException",
        "TimeToLive is already disabled",
    )
    missing = aws.refused("dynamodb", "update_time_to_live", **{**off, "TableName": "missing"})
    assert missing == ("ResourceNotFoundException", "Requested resource not found: Table: missing not found")


def lease(amount: int, most: int) -> dict[str, object]:
    """The step by which a gateway takes a part of a key's budget."""
    return {
        "TableName": "budgets",
        "Key": {"id": {"S": "chat#me#2026-11"}},
        "UpdateExpression": "ADD #taken :amount SET #expires = :expires",
        "ExpressionAttributeNames": {"#taken": "nano_usd", "#expires": "expires"},
        "ExpressionAttributeValues": {
            ":amount": {"N": str(amount)},
            ":expires": {"N": "1800000000"},
            ":most": {"N": str(most)},
        },
        "ConditionExpression": "attribute_not_exists(#taken) OR #taken <= :most",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def test_a_table_is_the_same_after_a_restart(tmp_path, serve):
    """Its tags, its lifetime and what was leased from it; the inventory counts it, and a delete leaves nothing."""
    with serve(tmp_path) as aws:
        client = aws.client("dynamodb")
        client.create_table(**TABLE, Tags=[{"Key": "owner", "Value": "ml"}])
        client.update_time_to_live(**lifetime("expires", enabled=True))
        client.update_item(**lease(60, 40))
        before = client.describe_table(TableName="budgets")["Table"]
        assert aws.get("inventory")["ids"]["dynamodb.table"] == ["budgets"]
    with serve(tmp_path) as aws:
        client = aws.client("dynamodb")
        assert client.describe_table(TableName="budgets")["Table"] == before
        assert aws.get("health")["replay_differences"] == 0
        assert client.list_tags_of_resource(ResourceArn=before["TableArn"])["Tags"] == [{"Key": "owner", "Value": "ml"}]
        lives = client.describe_time_to_live(TableName="budgets")["TimeToLiveDescription"]
        assert lives == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
        code, _ = aws.refused("dynamodb", "update_item", **lease(60, 40))
        assert code == "ConditionalCheckFailedException"
        found = client.get_item(TableName="budgets", Key={"id": {"S": "chat#me#2026-11"}})["Item"]
        assert found["nano_usd"] == {"N": "60"}
        client.delete_table(TableName="budgets")
        assert "dynamodb.table" not in aws.get("inventory")["ids"]
