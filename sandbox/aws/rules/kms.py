"""KMS: nobody locks himself out of a key, principals exist, and aliases are free."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import listed, statements_of
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.aws.call import Call

_ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
_SHORTEST_DAYS, _LONGEST_DAYS = 7, 30


@rule("kms", "CreateKey", "PutKeyPolicy")
def key_policy_is_legal(call: Call) -> None:
    policy = call.params.get("Policy")
    if policy is None:
        return
    try:
        json.loads(policy)
    except ValueError:
        raise _malformed("The new key policy contains invalid JSON.") from None
    statements = list(statements_of(policy))
    if not statements or not all({"Effect", "Principal", "Action", "Resource"} <= one.keys() for one in statements):
        raise _malformed("The new key policy has a statement without Effect, Principal, Action or Resource.")
    for principal in _principals(statements):
        if not _exists(principal):
            raise _malformed("Policy contains a statement with one or more invalid principals.")
    if not call.params.get("BypassPolicyLockoutSafetyCheck") and not any(_keeps_control(one) for one in statements):
        raise _malformed("The new key policy will not allow you to update the key policy in the future.")


@rule("kms", "ScheduleKeyDeletion")
def key_waits_long_enough(call: Call) -> None:
    days = call.params.get("PendingWindowInDays", _LONGEST_DAYS)
    if not _SHORTEST_DAYS <= days <= _LONGEST_DAYS:
        raise AwsError(
            "ValidationException", f"PendingWindowInDays must be between {_SHORTEST_DAYS} and {_LONGEST_DAYS}"
        )


@rule("kms", "CreateAlias")
def alias_is_free(call: Call) -> None:
    name = call.params["AliasName"]
    for key in kms_backends[ACCOUNT_ID][call.region].keys.values():
        if name in key.aliases:
            arn = f"arn:aws:kms:{call.region}:{ACCOUNT_ID}:{name}"
            raise AwsError("AlreadyExistsException", f"An alias with the name {arn} already exists")


def _keeps_control(statement: dict[str, Any]) -> bool:
    """Whether the caller, who is the account itself here, can still write the policy."""
    if statement["Effect"] != "Allow":
        return False
    principal = statement["Principal"]
    who = listed(principal.get("AWS")) if isinstance(principal, dict) else [principal]
    mine = any(one in ("*", ACCOUNT_ID, _ROOT) or str(one).startswith(f"arn:aws:iam::{ACCOUNT_ID}:") for one in who)
    return mine and any(_is_control(action) for action in listed(statement["Action"]))


def _is_control(action: str) -> bool:
    pattern = re.escape(action.lower()).replace(r"\*", ".*")
    return re.fullmatch(pattern, "kms:putkeypolicy") is not None


def _principals(statements: list[dict[str, Any]]) -> Iterator[str]:
    for one in statements:
        principal = one["Principal"]
        yield from listed(principal.get("AWS")) if isinstance(principal, dict) else ()


def _exists(principal: str) -> bool:
    if not principal.startswith(f"arn:aws:iam::{ACCOUNT_ID}:role/"):
        return True
    return any(role.arn == principal for role in iam_backends[ACCOUNT_ID]["aws"].roles.values())


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", message)
