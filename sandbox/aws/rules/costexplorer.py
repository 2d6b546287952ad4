"""Cost Explorer: a monitor has its own kind of content, a subscription a monitor and readers that its pace suits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.ce.models import ce_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.patches.costexplorer import held
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_CONTENT = {"DIMENSIONAL": "MonitorDimension", "CUSTOM": "MonitorSpecification"}


@rule("ce", "CreateAnomalyMonitor")
def monitor_has_its_content(call: Call) -> None:
    monitor = call.params["AnomalyMonitor"]
    needed = _CONTENT[monitor["MonitorType"]]
    if needed not in monitor or (set(_CONTENT.values()) - {needed}) & monitor.keys():
        raise _invalid(f"A monitor of type {monitor['MonitorType']} has {needed}, and nothing else")


@rule("ce", "CreateAnomalySubscription", "UpdateAnomalySubscription")
def subscription_can_be_delivered(call: Call) -> None:
    subscription = call.params.get("AnomalySubscription") or call.params
    known = held(ce_backends[ACCOUNT_ID]["aws"], "monitor")
    for arn in subscription.get("MonitorArnList") or ():
        if arn not in known:
            raise AwsError("UnknownMonitorException", f"No anomaly monitor found with arn: {arn}")
    kinds = {one["Type"] for one in subscription.get("Subscribers") or ()}
    frequency = subscription.get("Frequency")
    wrong = {"IMMEDIATE": "EMAIL", "DAILY": "SNS", "WEEKLY": "SNS"}.get(str(frequency))
    if wrong in kinds:
        raise _invalid(f"Frequency {frequency} does not go with subscribers of type {wrong}")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
