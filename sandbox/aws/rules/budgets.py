"""Budgets: legal names and limits, filters in their form, and no more notifications and readers than there may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.budgets.models import budgets_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.aws.call import Call

_MOST_NOTIFICATIONS = 5
_MOST_READERS = {"EMAIL": 10, "SNS": 1}
_LONGEST_NAME = 100
_FILTERS = (
    *(
        "AZ",
        "BillingEntity",
        "CostCategory",
        "InstanceType",
        "InstanceTypeFamily",
        "InvoicingEntity",
        "LegalEntityName",
    ),
    *("LinkedAccount", "Operation", "PurchaseType", "Region", "Service", "TagKeyValue", "UsageType"),
    "UsageTypeGroup",
)
_TAG = re.compile(r"(user|aws):[^$]+\$.*")


@rule("budgets", "CreateBudget", "UpdateBudget")
def budget_is_possible(call: Call) -> None:
    budget = _budget(call)
    name = budget["BudgetName"]
    if not re.fullmatch(r"[^:\\]{1,100}", name):
        raise _invalid(f"Budget name '{name}' must have 1 to {_LONGEST_NAME} characters, and no : or \\")
    limit = budget.get("BudgetLimit") or {}
    if not float(limit.get("Amount", 1)) > 0:
        raise _invalid("The amount of a budget limit must be greater than 0")
    if budget["BudgetType"] == "COST" and limit.get("Unit", "USD") != "USD":
        raise _invalid(f"The unit of a cost budget is USD, not {limit['Unit']}")
    if budget.get("FilterExpression") and budget.get("CostFilters"):
        raise _invalid("CostFilters and FilterExpression exclude each other")


@rule("budgets", "CreateBudget", "UpdateBudget")
def filters_have_their_form(call: Call) -> None:
    for name, values in (_budget(call).get("CostFilters") or {}).items():
        if name not in _FILTERS:
            raise _invalid(f"Unknown cost filter {name}; AWS knows {', '.join(_FILTERS)}")
        for value in values if name == "TagKeyValue" else ():
            if not _TAG.fullmatch(value):
                raise _invalid(f"TagKeyValue '{value}' must have the form user:Key$value")


@rule("budgets", "CreateBudget")
def notifications_are_few_and_read(call: Call) -> None:
    given = call.params.get("NotificationsWithSubscribers") or []
    if len(given) > _MOST_NOTIFICATIONS:
        raise _too_many(f"A budget has at most {_MOST_NOTIFICATIONS} notifications, got {len(given)}")
    for one in given:
        _require_readers(one["Subscribers"])
    keys = [_key(one["Notification"]) for one in given]
    if len(set(keys)) < len(keys):
        raise AwsError("DuplicateRecordException", "the notification already exists")


@rule("budgets", "CreateNotification")
def notification_is_new(call: Call) -> None:
    _require_readers(call.params["Subscribers"])
    known = [_key(one) for one in _notifications(call)]
    if _key(call.params["Notification"]) in known:
        raise AwsError("DuplicateRecordException", "the notification already exists")
    if len(known) >= _MOST_NOTIFICATIONS:
        raise _too_many(f"A budget has at most {_MOST_NOTIFICATIONS} notifications")


def _budget(call: Call) -> dict[str, Any]:
    return call.params.get("Budget") or call.params["NewBudget"]


def _notifications(call: Call) -> Iterator[Mapping[str, Any]]:
    account = call.params["AccountId"]
    known: Any = budgets_backends[account]["aws"].budgets[account].get(call.params["BudgetName"])
    yield from (one.details for one in known.notifications) if known else ()


def _key(notification: Mapping[str, Any]) -> tuple[Any, ...]:
    kind = notification.get("ThresholdType", "PERCENTAGE")
    significant = (notification["NotificationType"], notification["ComparisonOperator"], kind)
    return (*significant, float(notification["Threshold"]))


def _require_readers(subscribers: list[Mapping[str, str]]) -> None:
    if not subscribers:
        raise _invalid("A notification needs a subscriber")
    for kind, most in _MOST_READERS.items():
        addresses = [one["Address"] for one in subscribers if one["SubscriptionType"] == kind]
        if len(addresses) > most:
            raise _too_many(f"A notification has at most {most} subscriber(s) of type {kind}, got {len(addresses)}")
        form = r"\S+@\S+\.\S+" if kind == "EMAIL" else r"arn:aws:sns:[\w-]+:\d{12}:\S+"
        for address in addresses:
            if not re.fullmatch(form, address):
                raise _invalid(f"'{address}' is no address of type {kind}")


def _too_many(message: str) -> AwsError:
    return AwsError("CreationLimitExceededException", message)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
