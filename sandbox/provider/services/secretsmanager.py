"""How is a secret (not its value) kept in Secrets Manager?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison, policy_form
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step
from sandbox.provider.rules import between, conflict, json_text, matches

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props


def _secret(aws: Aws, secret: Instance) -> Answer | None:
    client = aws("secretsmanager")
    found = client.describe_secret(SecretId=secret.id)
    if found.get("DeletedDate"):
        return None
    policy = client.get_resource_policy(SecretId=secret.id).get("ResourcePolicy")
    return {**found, "Policy": policy}


def _describe(aws: Aws, secret: Instance) -> None:
    key = {"KmsKeyId": secret["kmsKeyId"]} if secret.get("kmsKeyId") else {}
    aws("secretsmanager").update_secret(SecretId=secret.id, Description=secret.get("description") or "", **key)


def _set_policy(aws: Aws, secret: Instance) -> None:
    if secret.get("policy"):
        aws("secretsmanager").put_resource_policy(SecretId=secret.id, ResourcePolicy=secret["policy"])
    else:
        aws("secretsmanager").delete_resource_policy(SecretId=secret.id)


def _delete(aws: Aws, secret: Instance) -> None:
    days = secret.get("recoveryWindowInDays", 30)
    window = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    aws("secretsmanager").delete_secret(SecretId=secret.id, **window)


def _complete(_aws: Aws, _answer: Answer, found: Props, _secret_instance: Instance) -> None:
    found.setdefault("description", None)


SECRET = Resource(
    type_name="aws:secretsmanager/secret:Secret",
    service="secretsmanager",
    create=Call("create_secret"),
    identify=lambda answer, _: answer["ARN"],
    read=_secret,
    delete=_delete,
    steps=(Step(("description", "kmsKeyId"), _describe, on_create=False), Step(("policy",), _set_policy)),
    finish=_complete,
    rename={"arn": "ARN"},
    tagging="secretsmanager",
    local=("forceOverwriteReplicaSecret", "recoveryWindowInDays"),
    defaults={"forceOverwriteReplicaSecret": False, "recoveryWindowInDays": 30},
    computed=("policy", "replicas"),
    comparison=Comparison(canonical={"policy": policy_form}),
    rules=(
        between("recoveryWindowInDays", 7, 30, 0),
        matches("name", r"[\w/+=.@-]{1,512}", "must hold only letters, digits and /_+=.@-"),
        conflict("name", "namePrefix"),
        json_text("policy"),
    ),
    name_limit=512,
)

ENTRIES = (SECRET,)
