"""What may a role do, who may take it, and whom does the policy of a resource let in?

Conditions are not evaluated, but for the source of a call: a statement that allows holds, one that denies does not.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends

from sandbox.aws.moto_settings import ACCOUNT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def trusts(role_arn: str, service: str) -> bool:
    """Tell whether a role exists and a service of AWS may take it."""
    role = _role(role_arn)
    statements = statements_of(role.assume_role_policy_document) if role else ()
    return any(
        one.get("Effect") == "Allow"
        and _matches(one.get("Action"), "sts:AssumeRole", case=False)
        and service in listed(_principals(one).get("Service"))
        for one in statements
    )


def allows(role_arn: str, action: str, resource: str = "*") -> bool:
    """Tell whether the policies of a role allow an action on a resource; `*` stands for any one."""
    role = _role(role_arn)
    if role is None:
        return False
    applying = [one for one in _policies_of(role) if _applies(one, action, resource)]
    if any(one.get("Effect") == "Deny" and "Condition" not in one for one in applying):
        return False
    return any(one.get("Effect") == "Allow" for one in applying)


def lets_in(policy: Any, service: str, action: str, source: str) -> bool:
    """Tell whether the policy of a resource lets a service of AWS do something on behalf of `source`."""
    return any(
        one.get("Effect") == "Allow"
        and (one.get("Principal") == "*" or service in listed(_principals(one).get("Service")))
        and _matches(one.get("Action"), action, case=False)
        and _is_source(one.get("Condition") or {}, source)
        for one in statements_of(policy)
    )


def _role(role_arn: str) -> Any:
    return next((one for one in iam_backends[ACCOUNT_ID]["aws"].roles.values() if one.arn == role_arn), None)


def _policies_of(role: Any) -> Iterator[dict[str, Any]]:
    for document in role.policies.values():
        yield from statements_of(document)
    for managed in role.managed_policies.values():
        yield from statements_of(next(one.document for one in managed.versions if one.is_default))


def statements_of(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the statements of a policy; none when it is not JSON or has another form."""
    try:
        policy = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    yield from (one for one in listed(statements) if isinstance(one, dict))


def _applies(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    if "NotAction" in statement:
        is_action = not _matches(statement["NotAction"], action, case=False)
    else:
        is_action = _matches(statement.get("Action"), action, case=False)
    if not is_action or resource == "*":
        return is_action
    if "NotResource" in statement:
        return not _matches(statement["NotResource"], resource)
    return _matches(statement.get("Resource"), resource)


def _is_source(condition: Mapping[str, Mapping[str, Any]], source: str) -> bool:
    """A condition of another kind is taken as fulfilled."""
    wanted = {key.lower(): value for values in condition.values() for key, value in values.items()}
    if "aws:sourcearn" in wanted and not _matches(wanted["aws:sourcearn"], source):
        return False
    return "aws:sourceaccount" not in wanted or ACCOUNT_ID in listed(wanted["aws:sourceaccount"])


def _principals(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    principal = statement.get("Principal")
    return principal if isinstance(principal, dict) else {}


def _matches(patterns: Any, text: str, *, case: bool = True) -> bool:
    return any(_pattern(one, case=case).fullmatch(text) for one in listed(patterns))


def _pattern(text: str, *, case: bool) -> re.Pattern[str]:
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in text)
    return re.compile("".join(parts), 0 if case else re.IGNORECASE)


def listed(value: Any) -> list[Any]:
    """Return what a policy may write as one or as a list, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
