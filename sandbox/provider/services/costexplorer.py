"""What of an account's bill is watched, and by which tags is it told apart?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison, json_form
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first
from sandbox.provider.rules import arn, json_text, one_of
from sandbox.provider.shapes import to_aws

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_EXPRESSION = {"ands": "And", "ors": "Or", "not": "Not", "dimension": "Dimensions", "costCategory": "CostCategories"}


def _with_tags(form: Props, props: Props) -> Props:
    tags = props.get("tags")
    listed = [{"key": key, "value": value} for key, value in tags.items()] if isinstance(tags, dict) else []
    return {**form, "resourceTags": listed} if listed else form


def _tags(aws: Aws, arn_: str) -> list[dict[str, str]]:
    return aws("ce").list_tags_for_resource(ResourceArn=arn_)["ResourceTags"]


def _monitor_form(props: Props) -> Props:
    monitor = {
        "monitorName": props.get("name"),
        "monitorType": props.get("monitorType"),
        "monitorDimension": props.get("monitorDimension"),
    }
    specification = props.get("monitorSpecification")
    if isinstance(specification, str):
        try:
            monitor["monitorSpecification"] = json.loads(specification)
        except ValueError:
            monitor.pop("monitorSpecification", None)  # a rule tells what is wrong with it
    return _with_tags({"anomalyMonitor": monitor}, props)


def _monitor(aws: Aws, monitor: Instance) -> Answer | None:
    found = first(aws("ce").get_anomaly_monitors(MonitorArnList=[monitor.id]), "AnomalyMonitors")
    return {**found, "Tags": _tags(aws, monitor.id)} if found else None


def _complete_monitor(_aws: Aws, answer: Answer, found: Props, monitor: Instance) -> None:
    specification = answer.get("MonitorSpecification")
    found["monitorSpecification"] = json.dumps(specification) if specification else None
    found["arn"] = monitor.id


def _kind(props: Props) -> Iterable[Failure]:
    needed = {"DIMENSIONAL": "monitorDimension", "CUSTOM": "monitorSpecification"}.get(str(props.get("monitorType")))
    if needed and props.get(needed) is None:
        yield Failure(needed, f"must be given when monitorType is {props['monitorType']!r}")


MONITOR = Resource(
    type_name="aws:costexplorer/anomalyMonitor:AnomalyMonitor",
    service="ce",
    create=Call("create_anomaly_monitor", _monitor_form),
    identify=lambda answer, _: answer["MonitorArn"],
    read=_monitor,
    delete=lambda aws, monitor: aws("ce").delete_anomaly_monitor(MonitorArn=monitor.id),
    steps=(
        Step(
            ("name",),
            lambda aws, monitor: aws("ce").update_anomaly_monitor(MonitorArn=monitor.id, MonitorName=monitor["name"]),
            on_create=False,
        ),
    ),
    finish=_complete_monitor,
    rename={"name": "MonitorName", "monitorSpecification.and": "And"},
    tagging="ce",
    comparison=Comparison(canonical={"monitorSpecification": json_form}),
    rules=(
        one_of("monitorType", "DIMENSIONAL", "CUSTOM"),
        one_of("monitorDimension", "SERVICE"),
        json_text("monitorSpecification"),
        _kind,
    ),
    name_limit=1024,
)


def _subscription_form(props: Props) -> Props:
    subscription = {
        "subscriptionName": props.get("name"),
        "frequency": props.get("frequency"),
        "monitorArnList": props.get("monitorArnLists"),
        "subscribers": props.get("subscribers"),
        "thresholdExpression": _renamed(props.get("thresholdExpression")),
    }
    return _with_tags({"anomalySubscription": subscription}, props)


def _renamed(value: Any) -> Any:
    """Return a threshold in the API's names: a program writes lists in the plural."""
    if isinstance(value, dict):
        return {_lower(_EXPRESSION.get(str(name), str(name))): _renamed(item) for name, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _lower(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}"


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        names: dict[str, str] = {member: name for name, member in _EXPRESSION.items()}
        return {names.get(member, _lower(member)): _written(item) for member, item in value.items()}
    return [_written(item) for item in value] if isinstance(value, list) else value


def _subscription(aws: Aws, subscription: Instance) -> Answer | None:
    asked = aws("ce").get_anomaly_subscriptions(SubscriptionArnList=[subscription.id])
    found = first(asked, "AnomalySubscriptions")
    return {**found, "Tags": _tags(aws, subscription.id)} if found else None


def _complete_subscription(_aws: Aws, answer: Answer, found: Props, subscription: Instance) -> None:
    found["arn"] = subscription.id
    found["monitorArnLists"] = answer["MonitorArnList"]
    found["thresholdExpression"] = _written(answer.get("ThresholdExpression"))
    found["subscribers"] = [{"address": one["Address"], "type": one["Type"]} for one in answer["Subscribers"]]


def _change(aws: Aws, subscription: Instance) -> None:
    client = aws("ce")
    shape = Call("update_anomaly_subscription").input_shape(client)
    form = _subscription_form(subscription.props)["anomalySubscription"]
    form["subscriptionName"] = None
    aws("ce").update_anomaly_subscription(SubscriptionArn=subscription.id, **to_aws(shape, form, "", {}, []))


def _deliverable(props: Props) -> Iterable[Failure]:
    subscribers = props.get("subscribers")
    kinds = {one.get("type") for one in subscribers if isinstance(one, dict)} if isinstance(subscribers, list) else ()
    frequency = props.get("frequency")
    if frequency == "IMMEDIATE" and "EMAIL" in kinds:
        yield Failure("frequency", "IMMEDIATE goes to SNS topics alone; e-mails take DAILY or WEEKLY")
    if frequency in ("DAILY", "WEEKLY") and "SNS" in kinds:
        yield Failure("frequency", f"{frequency} goes to e-mail addresses alone; SNS topics take IMMEDIATE")


SUBSCRIPTION = Resource(
    type_name="aws:costexplorer/anomalySubscription:AnomalySubscription",
    service="ce",
    create=Call("create_anomaly_subscription", _subscription_form),
    identify=lambda answer, _: answer["SubscriptionArn"],
    read=_subscription,
    delete=lambda aws, subscription: aws("ce").delete_anomaly_subscription(SubscriptionArn=subscription.id),
    steps=(Step(("frequency", "monitorArnLists", "subscribers", "thresholdExpression"), _change, on_create=False),),
    finish=_complete_subscription,
    rename={"name": "SubscriptionName"},
    tagging="ce",
    computed=("accountId", "thresholdExpression"),
    comparison=Comparison(sets=("subscribers", "thresholdExpression.dimension.values")),
    rules=(
        one_of("frequency", "DAILY", "IMMEDIATE", "WEEKLY"),
        one_of("subscribers.type", "SNS", "EMAIL"),
        arn("monitorArnLists"),
        _deliverable,
    ),
    name_limit=1024,
)


def _tag_form(props: Props) -> Props:
    return {"costAllocationTagsStatus": [{"tagKey": props.get("tagKey"), "status": props.get("status")}]}


def _set_status(aws: Aws, key: str, status: str) -> None:
    asked = aws("ce").update_cost_allocation_tags_status(CostAllocationTagsStatus=[{"TagKey": key, "Status": status}])
    _refuse(asked)


def _refuse(answer: Answer) -> None:
    """A key that AWS does not know is no refusal of the call, but an entry in its answer."""
    for error in answer.get("Errors") or []:
        raise ValueError(f"{error['TagKey']}: {error['Message']}")


def _activated(answer: Answer, props: Props) -> str:
    _refuse(answer)
    return props["tagKey"]


def _tag(aws: Aws, tag: Instance) -> Answer | None:
    found = first(aws("ce").list_cost_allocation_tags(TagKeys=[tag.id]), "CostAllocationTags")
    # A key of the bill cannot be removed; an inactive one is as good as gone.
    return found if found and (found["Status"] == "Active" or tag.get("status") == "Inactive") else None


TAG = Resource(
    type_name="aws:costexplorer/costAllocationTag:CostAllocationTag",
    service="ce",
    create=Call("update_cost_allocation_tags_status", _tag_form),
    identify=_activated,
    read=_tag,
    delete=lambda aws, tag: _set_status(aws, tag.id, "Inactive"),
    steps=(Step(("status",), lambda aws, tag: _set_status(aws, tag.id, tag["status"]), on_create=False),),
    rules=(one_of("status", "Active", "Inactive"),),
)

ENTRIES = (MONITOR, SUBSCRIPTION, TAG)
