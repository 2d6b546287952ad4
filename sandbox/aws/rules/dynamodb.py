"""DynamoDB: tables with a legal name and key, and a lifetime that is switched on and off once each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.dynamodb.models import dynamodb_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}", re.ASCII)
_ON = ("ENABLED", "ENABLING")


@rule("dynamodb", "CreateTable")
def name_and_key_are_legal(call: Call) -> None:
    name = call.params["TableName"]
    if not _NAME.fullmatch(name):
        raise _invalid(
            "1 validation error detected: TableName must be at least 3 characters long and at most 255 characters "
            f"long, with a-z, A-Z, 0-9, _, - and . alone; got {name!r}"
        )
    schema = call.params.get("KeySchema") or []
    if schema and schema[0].get("KeyType") != "HASH":
        raise _invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")


@rule("dynamodb", "UpdateTable")
def something_changes(call: Call) -> None:
    if not call.params.keys() - {"TableName"}:
        raise _invalid(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required"
        )


@rule("dynamodb", "UpdateTimeToLive")
def lifetime_changes(call: Call) -> None:
    table = _table(call)
    wanted = call.params["TimeToLiveSpecification"]
    is_on = table.ttl.get("TimeToLiveStatus") in _ON
    if wanted["Enabled"] and is_on and table.ttl.get("AttributeName") != wanted["AttributeName"]:
        raise _invalid(
            "TimeToLive is active on a different AttributeName: current AttributeName is "
            f"{table.ttl.get('AttributeName')}"
        )
    if wanted["Enabled"] == is_on:
        raise _invalid(f"TimeToLive is already {'enabled' if is_on else 'disabled'}")


def _table(call: Call) -> Any:
    name = call.params["TableName"].rpartition("/")[2]
    table = dynamodb_backends[ACCOUNT_ID][call.region].tables.get(name)
    if table is None:
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
    return table


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
