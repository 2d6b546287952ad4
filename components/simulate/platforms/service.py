"""What has every platform in memory: a clock that is moved, things that are due, troubles, and a record of what ran?"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from components.simulate.events import Kind
from components.simulate.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from components.simulate.events import Events
    from components.simulate.traffic import Trace


@dataclass
class World:
    """The time, what comes next, and what goes wrong now."""

    now: datetime
    trace: Trace
    events: Events
    record: Record = field(default_factory=Record)
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(
        default_factory=list[tuple["datetime", int, "Callable[[], None]"]]
    )
    _number: int = 0

    def advance(self, now: datetime) -> None:
        """Let happen what is due up to an instant, each at its own time."""
        while self._due and self._due[0][0] <= now:
            self.now, _, happen = heapq.heappop(self._due)
            happen()
        self.now = max(self.now, now)

    def after(self, delay: timedelta, happen: Callable[[], None]) -> None:
        """Let something happen later."""
        self._number += 1
        heapq.heappush(self._due, (self.now + delay, self._number, happen))

    @property
    def is_short(self) -> bool:
        """Whether there is no capacity now."""
        return self.events.troubled(Kind.SHORTAGE, self.now)

    def order(self, operation: str) -> None:
        """Refuse an order while orders are refused, as AWS does it."""
        if self.events.troubled(Kind.REFUSED, self.now):
            raise refusal(operation, "AccessDeniedException", "simulated: orders are refused")

    def figures(self, queries: list[dict[str, Any]], start: datetime, end: datetime) -> dict[str, Any]:
        """Answer GetMetricData: the platform publishes a figure for each minute in which it serves."""
        if self.events.troubled(Kind.MUTE, self.now):
            raise refusal("GetMetricData", "InternalServiceFault", "simulated: no figures")
        span, busy = self.trace.span, self.trace.busy
        serving = self.record.serving(start, end)
        minutes = [
            number
            for since, until in serving
            for number in range(span.minute(since), span.minute(until))
            if span.at(number) >= since
        ]
        stamps, values = [span.at(number) for number in minutes], [float(busy[number]) for number in minutes]
        return {"MetricDataResults": [{"Id": query["Id"], "Timestamps": stamps, "Values": values} for query in queries]}


def refusal(operation: str, code: str, message: str) -> ClientError:
    """Return what boto3 raises when AWS refuses a call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
