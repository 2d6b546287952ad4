"""What did the keeper meter, and what did AWS bill? Asked of CloudWatch and of Cost Explorer.

Cost Explorer takes 0.01 USD for a request; one covers all stacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from components.ci.cost_report import Metered
from components.ci.exit_codes import PROVIDER, CiError
from components.contracts import METRIC_NAMESPACE, KeeperMetric
from components.tags import COST_TAG

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_HOUR = 3600


class Metrics(Protocol):
    """What is asked of CloudWatch."""

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]: ...


class Bills(Protocol):
    """What is asked of Cost Explorer."""

    def get_cost_and_usage(self, **request: Any) -> dict[str, Any]: ...


def metered(client: Metrics, stack: str, service: str, start: datetime, end: datetime) -> Metered | None:
    """Return what a service cost by the keeper's own account, hour by hour; None where it said nothing."""
    answer = _asked(
        lambda: client.get_metric_statistics(
            Namespace=METRIC_NAMESPACE,
            MetricName=KeeperMetric.BURN_RATE_USD_PER_HOUR.value,
            Dimensions=[{"Name": "Stack", "Value": stack}, {"Name": "Service", "Value": service}],
            StartTime=start,
            EndTime=end,
            Period=_HOUR,
            Statistics=["Average"],
        ),
        "CloudWatch",
    )
    points = answer.get("Datapoints") or []
    return Metered(sum(one["Average"] for one in points), len(points)) if points else None


def billed(client: Bills, start: datetime, end: datetime) -> dict[str, float]:
    """Return USD by the value of the tag that says to which service a cost belongs; under "" what has no such tag."""
    found: dict[str, float] = {}
    page: dict[str, str] = {}
    while True:
        request = {
            "TimePeriod": {"Start": f"{start:%Y-%m-%d}", "End": f"{end:%Y-%m-%d}"},
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{"Type": "TAG", "Key": COST_TAG}],
            **page,
        }
        answer = _asked(lambda request=request: client.get_cost_and_usage(**request), "Cost Explorer")
        for day in answer.get("ResultsByTime") or []:
            for group in day.get("Groups") or []:
                service = str(group["Keys"][0]).partition("$")[2]
                found[service] = found.get(service, 0.0) + float(group["Metrics"]["UnblendedCost"]["Amount"])
        token = answer.get("NextPageToken")
        if not token:
            return found
        page = {"NextPageToken": str(token)}


def _asked(ask: Callable[[], dict[str, Any]], what: str) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded with the client

    try:
        return ask()
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Code", "")
        raise CiError(f"{what}: refused with {reason}; the role needs the right to read it", PROVIDER) from None
    except BotoCoreError as error:
        raise CiError(f"{what}: {error}", PROVIDER) from None
