"""What did a platform count in each minute, and do those minutes say anything about the ones between them?

CloudWatch has no datapoint where nothing was published: that is silence, and silence is not idleness.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.facts import UNKNOWN_TRAFFIC, Traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from components.keeper.runtime.calls import Calls

MINUTE = timedelta(minutes=1)
LONGEST_SILENCE = timedelta(minutes=5)
"""Longer than figures are late, shorter than anything that is worth a look."""

Minutes = dict[datetime, float]
"""Values by the instant at which their minute begins."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of CloudWatch, a value for each minute."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, str]


def read_minutes(
    calls: Calls, cloudwatch: Any, figures: Sequence[Figure], since: datetime, now: datetime
) -> list[Minutes]:
    """Return what each figure was in the whole minutes of a span; raises KeeperError where CloudWatch does not say."""
    if _whole(since) == _whole(now):
        return [{} for _ in figures]
    queries = [_query(f"m{index}", figure) for index, figure in enumerate(figures)]
    found: list[Minutes] = [{} for _ in figures]
    page: dict[str, str] = {}
    while True:
        answer = calls(
            cloudwatch.get_metric_data,
            MetricDataQueries=queries,
            StartTime=_whole(since),
            EndTime=_whole(now),
            ScanBy="TimestampAscending",
            **page,
        )
        for result in answer["MetricDataResults"]:
            found[int(result["Id"].removeprefix("m"))].update(zip(result["Timestamps"], result["Values"], strict=True))
        if "NextToken" not in answer:
            return found
        page = {"NextToken": answer["NextToken"]}


def traffic_of(
    *, busy: Minutes, requests: Minutes, heard: Iterable[datetime], since: datetime, now: datetime
) -> Traffic:
    """Return what clients asked; `heard` are the minutes of which it is known that figures would have arrived.

    `busy` is what was in flight. Only its last value is of now: what was in flight before that was a request then.
    """
    known = sorted(heard)
    if not _is_whole(known, _whole(since), _whole(now)):
        return UNKNOWN_TRAFFIC
    used = [minute for figures in (busy, requests) for minute, value in figures.items() if value > 0]
    return Traffic(
        is_known=True,
        in_flight=busy.get(known[-1], 0.0),
        last_request_at=max(used) + MINUTE if used else None,
    )


def _is_whole(minutes: Sequence[datetime], since: datetime, now: datetime) -> bool:
    ends = (since, *(minute + MINUTE for minute in minutes))
    return bool(minutes) and all(
        begins - ended <= LONGEST_SILENCE for ended, begins in zip(ends, (*minutes, now), strict=True)
    )


def _query(identity: str, figure: Figure) -> dict[str, Any]:
    return {
        "Id": identity,
        "MetricStat": {
            "Metric": {
                "Namespace": figure.namespace,
                "MetricName": figure.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in figure.dimensions.items()],
            },
            "Period": int(MINUTE.total_seconds()),
            "Stat": figure.statistic,
        },
        "ReturnData": True,
    }


def _whole(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
