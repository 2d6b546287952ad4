"""How is a budget kept in AWS Budgets? With cost filters: the newer filter expression is not known here."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step
from sandbox.provider.rules import arn, conflict, each, matches, one_of, unknown_here
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_TIME = "%Y-%m-%d_%H:%M"
_UNKNOWN_HERE = ("autoAdjustData", "billingViewArn", "filterExpression", "plannedLimits")
_NOTIFICATION = ("comparisonOperator", "notificationType", "threshold", "thresholdType")


def amount_form(value: Any) -> Any:
    """Return a limit as a number: 1500, 1500.0 and 1500.00 are one.

    >>> amount_form("1500") == amount_form("1500.00")
    True
    """
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return value


def _budget_form(props: Props) -> Props:
    budget = {
        "budgetName": props.get("name"),
        "budgetType": props.get("budgetType"),
        "timeUnit": props.get("timeUnit"),
        "budgetLimit": {"amount": props.get("limitAmount"), "unit": props.get("limitUnit")},
    }
    filters = props.get("costFilters")
    if isinstance(filters, list):
        budget["costFilters"] = {
            one.get("name"): one.get("values") for one in filters if isinstance(one, dict) and one.get("name")
        }
    if isinstance(props.get("costTypes"), dict):
        budget["costTypes"] = props["costTypes"]
    period = {"start": props.get("timePeriodStart"), "end": props.get("timePeriodEnd")}
    moments = {name: _moment(text) for name, text in period.items() if text not in (None, UNKNOWN)}
    if moments:
        budget["timePeriod"] = moments
    return budget


def _moment(text: str) -> str:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC).isoformat()
    except ValueError:
        return text  # a rule tells what is wrong with it


def _api_form(props: Props) -> Props:
    form: Props = {"accountId": props.get("accountId"), "budget": _budget_form(props)}
    notifications = props.get("notifications")
    if isinstance(notifications, list):
        form["notificationsWithSubscribers"] = [
            one if one is UNKNOWN else {"notification": _notification(one), "subscribers": _subscribers(one)}
            for one in notifications
        ]
    tags = props.get("tags")
    if isinstance(tags, dict):
        form["resourceTags"] = [{"key": key, "value": value} for key, value in tags.items()]
    return form


def _notification(one: Props) -> Props:
    return {name: one[name] for name in _NOTIFICATION if name in one}


def _subscribers(one: Props) -> list[Props]:
    kinds = {"EMAIL": "subscriberEmailAddresses", "SNS": "subscriberSnsTopicArns"}
    given = {kind: one.get(name) or [] for kind, name in kinds.items()}
    return [
        {"subscriptionType": kind, "address": address}
        for kind, addresses in given.items()
        for address in (addresses if isinstance(addresses, list) else [addresses])
    ]


def _place(aws: Aws, budget: Instance) -> dict[str, str]:
    account, name = budget.id.split(":", 1)
    return {"AccountId": account or aws.account, "BudgetName": name}


def _upper(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{name[0].upper()}{name[1:]}": _upper(item) for name, item in value.items()}
    return [_upper(item) for item in value] if isinstance(value, list) else value


def _change(aws: Aws, budget: Instance) -> None:
    place = _place(aws, budget)
    wanted = _budget_form({**budget.props, "name": place["BudgetName"]})
    filters = wanted.pop("costFilters", {})
    new = {**_upper(wanted), "CostFilters": filters}
    aws("budgets").update_budget(AccountId=place["AccountId"], NewBudget=new)


def _notify(aws: Aws, budget: Instance) -> None:
    client, place = aws("budgets"), _place(aws, budget)
    for one in _of_budget(client, place):
        client.delete_notification(**place, Notification=one)
    for one in budget.get("notifications") or []:
        client.create_notification(
            **place, Notification=_upper(_notification(one)), Subscribers=_upper(_subscribers(one))
        )


def _of_budget(client: Any, place: dict[str, str]) -> list[dict[str, Any]]:
    found = client.describe_notifications_for_budget(**place)["Notifications"]
    return [{name: value for name, value in one.items() if name != "NotificationState"} for one in found]


def _budget(aws: Aws, budget: Instance) -> Answer | None:
    client, place = aws("budgets"), _place(aws, budget)
    found = client.describe_budget(**place)["Budget"]
    notifications = []
    for one in _of_budget(client, place):
        subscribers = client.describe_subscribers_for_notification(**place, Notification=one)["Subscribers"]
        notifications.append({**one, "Subscribers": subscribers})
    tags = client.list_tags_for_resource(ResourceARN=_arn(aws, budget)).get("ResourceTags") or []
    return {**found, "AccountId": place["AccountId"], "Notifications": notifications, "Tags": tags}


def _arn(aws: Aws, budget: Instance) -> str:
    account, name = budget.id.split(":", 1)
    return f"arn:{aws.partition}:budgets::{account}:budget/{name}"


def _complete(aws: Aws, answer: Answer, found: Props, budget: Instance) -> None:
    found["arn"] = _arn(aws, budget)
    found["limitAmount"], found["limitUnit"] = answer["BudgetLimit"]["Amount"], answer["BudgetLimit"]["Unit"]
    filters = answer.get("CostFilters") or {}
    found["costFilters"] = [{"name": name, "values": values} for name, values in filters.items()]
    found["notifications"] = [_written(one) for one in answer["Notifications"]]
    for name, member in (("timePeriodStart", "Start"), ("timePeriodEnd", "End")):
        moment = answer["TimePeriod"][member]
        found[name] = moment.astimezone(UTC).strftime(_TIME)
    for name in _UNKNOWN_HERE:
        found.pop(name, None)


def _written(one: Props) -> Props:
    addresses: dict[str, list[str]] = {"EMAIL": [], "SNS": []}
    for subscriber in one["Subscribers"]:
        addresses[subscriber["SubscriptionType"]].append(subscriber["Address"])
    written: Props = {name: one.get(f"{name[0].upper()}{name[1:]}") for name in _NOTIFICATION}
    if addresses["EMAIL"]:
        written["subscriberEmailAddresses"] = addresses["EMAIL"]
    if addresses["SNS"]:
        written["subscriberSnsTopicArns"] = addresses["SNS"]
    return written


def _has_limit(props: Props) -> Iterable[Failure]:
    for name in ("limitAmount", "limitUnit"):
        if props.get(name) is None:
            yield Failure(name, "must be given: the sandbox knows no planned or adjusted limits")


def _time(text: str) -> str | None:
    fits = re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d:\d\d", text)
    return None if fits else f"must have the form 2026-11-01_00:00, got {text!r}"


BUDGET = Resource(
    type_name="aws:budgets/budget:Budget",
    service="budgets",
    create=Call("create_budget", _api_form),
    identify=lambda _, props: f"{props['accountId']}:{props['name']}",
    read=_budget,
    delete=lambda aws, budget: aws("budgets").delete_budget(**_place(aws, budget)),
    steps=(
        Step(
            ("budgetType", "costFilters", "costTypes", "limitAmount", "limitUnit", "timePeriodEnd", "timePeriodStart"),
            _change,
            on_create=False,
        ),
        Step(("timeUnit",), _change, on_create=False),
        Step(("notifications",), _notify, on_create=False),
    ),
    finish=_complete,
    rename={"name": "BudgetName"},
    tagging="budgets",
    computed=("accountId", "costTypes", "timePeriodEnd", "timePeriodStart"),
    comparison=Comparison(
        sets=("costFilters", "notifications", "costFilters.values"),
        canonical={"limitAmount": amount_form},
    ),
    rules=(
        unknown_here(*_UNKNOWN_HERE),
        _has_limit,
        one_of("budgetType", "USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION"),
        one_of("timeUnit", "DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY"),
        one_of("notifications.comparisonOperator", "GREATER_THAN", "LESS_THAN", "EQUAL_TO"),
        one_of("notifications.notificationType", "ACTUAL", "FORECASTED"),
        one_of("notifications.thresholdType", "PERCENTAGE", "ABSOLUTE_VALUE"),
        matches("notifications.subscriberEmailAddresses", r"\S+@\S+\.\S+", "must be an e-mail address"),
        arn("notifications.subscriberSnsTopicArns"),
        matches("name", r"[^:\\]{1,100}", "must have 1 to 100 characters, no : and no \\"),
        conflict("name", "namePrefix"),
        each("timePeriodStart", _time),
        each("timePeriodEnd", _time),
    ),
    names_account=True,
    name_limit=100,
)

ENTRIES = (BUDGET,)
