"""How is a table kept in DynamoDB? Tables with their own keys alone: indexes, replicas and imports are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step
from sandbox.provider.rules import matches, needs, one_of, unknown_here
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_ON_DEMAND = "PAY_PER_REQUEST"
_UNKNOWN_HERE = (
    *("globalSecondaryIndexes", "localSecondaryIndexes", "replicas", "globalTableWitness", "importTable"),
    *("restoreBackupArn", "restoreDateTime", "restoreSourceName", "restoreSourceTableArn", "restoreToLatestTime"),
    *("onDemandThroughput", "warmThroughput"),
)
_ACTIVE = ("ENABLED", "ENABLING")


def _api_form(props: Props) -> Props:
    props = dict(props)
    attributes = props.pop("attributes", None)
    if isinstance(attributes, list):
        props["attributeDefinitions"] = [_definition(one) for one in attributes]
    keys = [("HASH", props.pop("hashKey", None)), ("RANGE", props.pop("rangeKey", None))]
    schema = [{"attributeName": name, "keyType": kind} for kind, name in keys if name is not None]
    if schema:
        props["keySchema"] = schema
    units = {
        "readCapacityUnits": props.pop("readCapacity", None),
        "writeCapacityUnits": props.pop("writeCapacity", None),
    }
    if any(units.values()):
        props["provisionedThroughput"] = units
    enabled, view = props.pop("streamEnabled", None), props.pop("streamViewType", None)
    if enabled:
        props["streamSpecification"] = {"streamEnabled": enabled, "streamViewType": view}
    encryption = props.pop("serverSideEncryption", None)
    if isinstance(encryption, dict):
        key = {"kMSMasterKeyId": encryption["kmsKeyArn"]} if encryption.get("kmsKeyArn") else {}
        props["sSESpecification"] = {"enabled": encryption.get("enabled"), **key}
    return props


def _definition(attribute: object) -> object:
    if not isinstance(attribute, dict):
        return attribute
    return {"attributeName": attribute.get("name"), "attributeType": attribute.get("type")}


def _table(aws: Aws, table: Instance) -> Answer | None:
    client = aws("dynamodb")
    found = client.describe_table(TableName=table.id)["Table"]
    lives = client.describe_time_to_live(TableName=table.id)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(TableName=table.id)["ContinuousBackupsDescription"]
    tags = client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return {**found, "Tags": tags, "Ttl": lives, "Recovery": recovery}


def _complete(_aws: Aws, answer: Answer, found: Props, table: Instance) -> None:
    found["attributes"] = [
        {"name": one["AttributeName"], "type": one["AttributeType"]} for one in answer["AttributeDefinitions"]
    ]
    keys = {one["KeyType"]: one["AttributeName"] for one in answer["KeySchema"]}
    found["hashKey"], found["rangeKey"] = keys["HASH"], keys.get("RANGE")
    found["billingMode"] = (answer.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED")
    units = answer.get("ProvisionedThroughput") or {}
    found["readCapacity"], found["writeCapacity"] = (
        units.get("ReadCapacityUnits", 0),
        units.get("WriteCapacityUnits", 0),
    )
    stream = answer.get("StreamSpecification") or {}
    found["streamEnabled"], found["streamViewType"] = stream.get("StreamEnabled", False), stream.get("StreamViewType")
    found["streamArn"], found["streamLabel"] = answer.get("LatestStreamArn"), answer.get("LatestStreamLabel")
    found["tableClass"] = (answer.get("TableClassSummary") or {}).get("TableClass")
    lives = answer["Ttl"]
    active = lives.get("TimeToLiveStatus") in _ACTIVE
    # Once it is off, AWS forgets of which attribute it was.
    off = {**table["ttl"], "enabled": False} if table.get("ttl") else None
    found["ttl"] = {"attributeName": lives["AttributeName"], "enabled": True} if active else off
    found.pop("warmThroughput", None)
    found["pointInTimeRecovery"] = {"enabled": answer["Recovery"] == "ENABLED"}
    encryption = answer.get("SSEDescription") or {}
    found["serverSideEncryption"] = (
        {"enabled": True, "kmsKeyArn": encryption.get("KMSMasterKeyArn")}
        if encryption.get("Status") == "ENABLED"
        else None
    )


def _set_lifetime(aws: Aws, table: Instance) -> None:
    wanted, old = table.get("ttl") or {}, table.old.get("ttl") or {}
    name = wanted.get("attributeName") or old.get("attributeName")
    specification = {"AttributeName": name, "Enabled": bool(wanted.get("enabled"))}
    if specification["Enabled"] != bool(old.get("enabled")) or name != old.get("attributeName"):
        aws("dynamodb").update_time_to_live(TableName=table.id, TimeToLiveSpecification=specification)


def _set_recovery(aws: Aws, table: Instance) -> None:
    enabled = bool((table.get("pointInTimeRecovery") or {}).get("enabled"))
    aws("dynamodb").update_continuous_backups(
        TableName=table.id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
    )


def _change(aws: Aws, table: Instance) -> None:
    request = {"BillingMode": table.get("billingMode", "PROVISIONED")}
    if request["BillingMode"] != _ON_DEMAND:
        request["ProvisionedThroughput"] = {
            "ReadCapacityUnits": table["readCapacity"],
            "WriteCapacityUnits": table["writeCapacity"],
        }
    protection = bool(table.get("deletionProtectionEnabled"))
    aws("dynamodb").update_table(TableName=table.id, DeletionProtectionEnabled=protection, **request)


def _only_keys_are_described(props: Props) -> Iterable[Failure]:
    attributes, keys = props.get("attributes"), [props.get("hashKey"), props.get("rangeKey")]
    if not isinstance(attributes, list) or UNKNOWN in keys:
        return
    names = [one.get("name") for one in attributes if isinstance(one, dict)]
    for key in keys:
        if key is not None and key not in names:
            yield Failure("attributes", f"the key {key!r} is not among them")
    for name in names:
        if name not in keys:
            yield Failure("attributes", f"all attributes must be indexed, and {name!r} is no key")


TABLE = Resource(
    type_name="aws:dynamodb/table:Table",
    service="dynamodb",
    create=Call("create_table", _api_form),
    identify=lambda answer, _: answer["TableDescription"]["TableName"],
    read=_table,
    delete=lambda aws, table: aws("dynamodb").delete_table(TableName=table.id),
    steps=(
        Step(("ttl",), _set_lifetime),
        Step(("pointInTimeRecovery",), _set_recovery),
        Step(("billingMode", "readCapacity", "writeCapacity", "deletionProtectionEnabled"), _change, on_create=False),
    ),
    finish=_complete,
    rename={"name": "TableName", "arn": "TableArn"},
    tagging="dynamodb",
    defaults={"billingMode": "PROVISIONED"},
    computed=(
        "pointInTimeRecovery",
        "readCapacity",
        "serverSideEncryption",
        "streamViewType",
        "tableClass",
        "writeCapacity",
    ),
    comparison=Comparison(sets=("attributes",)),
    rules=(
        matches("name", r"[a-zA-Z0-9_.-]{3,255}", "must have 3 to 255 letters, digits, _, . and -"),
        one_of("billingMode", "PROVISIONED", _ON_DEMAND),
        one_of("attributes.type", "S", "N", "B"),
        one_of("tableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS"),
        needs("billingMode", "readCapacity", lambda mode: mode == "PROVISIONED"),
        needs("billingMode", "writeCapacity", lambda mode: mode == "PROVISIONED"),
        needs("streamEnabled", "streamViewType", bool),
        _only_keys_are_described,
        unknown_here(*_UNKNOWN_HERE),
    ),
)

ENTRIES = (TABLE,)
