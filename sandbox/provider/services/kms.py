"""How are keys and their aliases made in KMS?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison, policy_form
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step
from sandbox.provider.rules import between, conflict, json_text, matches, needs

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props


def _api_form(props: Props) -> Props:
    props = dict(props)
    tags = props.pop("tags", None)
    if isinstance(tags, dict):
        props["tags"] = [{"tagKey": key, "tagValue": value} for key, value in tags.items()]
    return props


def _key(aws: Aws, key: Instance) -> Answer | None:
    client = aws("kms")
    found = client.describe_key(KeyId=key.id)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        return None
    rotation = client.get_key_rotation_status(KeyId=key.id)
    tags = client.list_resource_tags(KeyId=key.id)["Tags"]
    return {
        **found,
        "Policy": client.get_key_policy(KeyId=key.id, PolicyName="default")["Policy"],
        "EnableKeyRotation": rotation["KeyRotationEnabled"],
        "RotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        "Tags": [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags],
    }


def _rotate(aws: Aws, key: Instance) -> None:
    if not key.get("enableKeyRotation"):
        aws("kms").disable_key_rotation(KeyId=key.id)
        return
    days = key.get("rotationPeriodInDays")
    aws("kms").enable_key_rotation(KeyId=key.id, **({"RotationPeriodInDays": days} if days else {}))


def _switch(aws: Aws, key: Instance) -> None:
    client = aws("kms")
    (client.disable_key if key.get("isEnabled") is False else client.enable_key)(KeyId=key.id)


def _put_policy(aws: Aws, key: Instance) -> None:
    bypass = bool(key.get("bypassPolicyLockoutSafetyCheck"))
    aws("kms").put_key_policy(
        KeyId=key.id, PolicyName="default", Policy=key["policy"], BypassPolicyLockoutSafetyCheck=bypass
    )


def _describe(aws: Aws, key: Instance) -> None:
    aws("kms").update_key_description(KeyId=key.id, Description=key.get("description") or "")


def _delete_key(aws: Aws, key: Instance) -> None:
    aws("kms").schedule_key_deletion(KeyId=key.id, PendingWindowInDays=key.get("deletionWindowInDays") or 30)


KEY = Resource(
    type_name="aws:kms/key:Key",
    service="kms",
    create=Call("create_key", _api_form),
    identify=lambda answer, _: answer["KeyMetadata"]["KeyId"],
    read=_key,
    delete=_delete_key,
    steps=(
        Step(("enableKeyRotation", "rotationPeriodInDays"), _rotate),
        Step(("isEnabled",), _switch),
        Step(("policy",), _put_policy, on_create=False),
        Step(("description",), _describe, on_create=False),
    ),
    rename={"isEnabled": "Enabled", "customerMasterKeySpec": "KeySpec"},
    tagging="kms",
    local=("deletionWindowInDays",),
    defaults={
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "enableKeyRotation": False,
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
    },
    computed=("description", "multiRegion", "policy", "rotationPeriodInDays"),
    comparison=Comparison(canonical={"policy": policy_form}),
    rules=(
        between("deletionWindowInDays", 7, 30),
        between("rotationPeriodInDays", 90, 2560),
        needs("rotationPeriodInDays", "enableKeyRotation", bool),
        json_text("policy"),
    ),
)


def _alias(aws: Aws, alias: Instance) -> Answer | None:
    for page in aws("kms").get_paginator("list_aliases").paginate():
        for found in page["Aliases"]:
            if found["AliasName"] == alias.id:
                return found
    return None


def _complete_alias(aws: Aws, answer: Answer, found: Props, alias: Instance) -> None:
    key = answer["TargetKeyId"]
    found["targetKeyArn"] = aws.arn("kms", f"key/{key}")
    # A program names the key by its id or its ARN; AWS answers with the id.
    found["targetKeyId"] = alias["targetKeyId"] if str(alias.get("targetKeyId")).endswith(key) else key


ALIAS = Resource(
    type_name="aws:kms/alias:Alias",
    service="kms",
    create=Call("create_alias"),
    identify=lambda _, props: props["name"],
    read=_alias,
    delete=lambda aws, alias: aws("kms").delete_alias(AliasName=alias.id),
    steps=(
        Step(
            ("targetKeyId",),
            lambda aws, alias: aws("kms").update_alias(AliasName=alias.id, TargetKeyId=alias["targetKeyId"]),
            on_create=False,
        ),
    ),
    finish=_complete_alias,
    rename={"name": "AliasName", "arn": "AliasArn"},
    rules=(
        matches("name", r"alias/(?!aws/)[a-zA-Z0-9/_-]+", "must begin with alias/ and not with alias/aws/"),
        conflict("name", "namePrefix"),
    ),
    name_limit=256,
)

ENTRIES = (KEY, ALIAS)
