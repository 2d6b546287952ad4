"""Budgets: they can be changed and tagged, and notifications have subscribers."""

from __future__ import annotations

import json
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget, BudgetsBackend
from moto.budgets.responses import BudgetsResponse
from moto.core.utils import unix_time

from sandbox.aws.errors import AwsError

_SIGNIFICANT = ("NotificationType", "ComparisonOperator", "ThresholdType")


def change_budgets() -> None:
    def update_budget(self: BudgetsResponse) -> str:
        new = self._get_param("NewBudget")
        found = _budget(self, new["BudgetName"])
        kept = {name: found.budget[name] for name in ("TimePeriod", "CostTypes") if name in found.budget}
        found.budget = kept | new | {"LastUpdatedTime": unix_time()}
        return "{}"

    BudgetsResponse.update_budget = update_budget  # type: ignore[attr-defined]


def keep_subscribers_of_notifications() -> None:
    def describe_notifications_for_budget(self: BudgetsBackend, account_id: str, budget_name: str) -> Any:
        if budget_name not in self.budgets[account_id]:
            raise NotFoundException(f"Unable to get notifications: {budget_name} - the budget doesn't exist.")
        known: list[Any] = self.budgets[account_id][budget_name].notifications
        return [{"ThresholdType": "PERCENTAGE", "NotificationState": "OK"} | one.details for one in known]

    def delete_notification(self: Budget, details: dict[str, Any]) -> None:
        known: list[Any] = self.notifications
        self.notifications = [one for one in known if _key(one.details) != _key(details)]

    def describe_subscribers_for_notification(self: BudgetsResponse) -> str:
        return json.dumps({"Subscribers": _notification(self).subscribers})

    BudgetsBackend.describe_notifications_for_budget = describe_notifications_for_budget
    Budget.delete_notification = delete_notification
    BudgetsResponse.describe_subscribers_for_notification = describe_subscribers_for_notification  # type: ignore[attr-defined]


def change_notifications() -> None:
    def create_subscriber(self: BudgetsResponse) -> str:
        subscribers, new = _notification(self).subscribers, self._get_param("Subscriber")
        if new in subscribers:
            raise AwsError("DuplicateRecordException", "the subscriber already exists")
        subscribers.append(new)
        return "{}"

    def delete_subscriber(self: BudgetsResponse) -> str:
        subscribers, old = _notification(self).subscribers, self._get_param("Subscriber")
        if old not in subscribers:
            raise NotFoundException("Unable to delete subscriber - the subscriber doesn't exist.")
        subscribers.remove(old)
        return "{}"

    def update_notification(self: BudgetsResponse) -> str:
        _notification(self, "OldNotification").details = self._get_param("NewNotification")
        return "{}"

    for function in (create_subscriber, delete_subscriber, update_notification):
        setattr(BudgetsResponse, function.__name__, function)


def tag_budgets() -> None:
    create = BudgetsResponse.create_budget

    def create_budget(self: BudgetsResponse) -> str:
        answer = create(self)
        tags = self._get_param("ResourceTags") or []
        _tags_of(_budget(self, self._get_param("Budget")["BudgetName"])).update({t["Key"]: t["Value"] for t in tags})
        return answer

    def list_tags_for_resource(self: BudgetsResponse) -> str:
        tags = _tags_of(_by_arn(self))
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]})

    def tag_resource(self: BudgetsResponse) -> str:
        _tags_of(_by_arn(self)).update({t["Key"]: t["Value"] for t in self._get_param("ResourceTags")})
        return "{}"

    def untag_resource(self: BudgetsResponse) -> str:
        for key in self._get_param("ResourceTagKeys"):
            _tags_of(_by_arn(self)).pop(key, None)
        return "{}"

    for function in (create_budget, list_tags_for_resource, tag_resource, untag_resource):
        setattr(BudgetsResponse, function.__name__, function)


def _budget(response: BudgetsResponse, name: str) -> Budget:
    account = response._get_param("AccountId") or response.current_account  # noqa: SLF001
    found = response.backend.budgets[account].get(name)
    if found is None:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return found


def _by_arn(response: BudgetsResponse) -> Budget:
    return _budget(response, response._get_param("ResourceARN").rpartition(":budget/")[2])  # noqa: SLF001


def _tags_of(budget: Budget) -> dict[str, str]:
    return vars(budget).setdefault("tags", {})


def _key(details: dict[str, Any]) -> tuple[Any, ...]:
    """What tells notifications apart: not the state, and a threshold is a number however it is written."""
    whole = {"ThresholdType": "PERCENTAGE"} | details
    return (*(whole.get(name) for name in _SIGNIFICANT), float(whole["Threshold"]))


def _notification(response: BudgetsResponse, member: str = "Notification") -> Any:
    wanted = _key(response._get_param(member))  # noqa: SLF001
    known: list[Any] = _budget(response, response._get_param("BudgetName")).notifications  # noqa: SLF001
    for one in known:
        if _key(one.details) == wanted:
            return one
    raise NotFoundException("Unable to get the notification - the notification doesn't exist.")


PATCHES = (change_budgets, keep_subscribers_of_notifications, change_notifications, tag_budgets)
