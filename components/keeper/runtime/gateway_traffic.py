"""What did clients ask, as the gateways count it? Each publishes every minute, zeros included; probes do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.contracts import METRIC_DIMENSIONS, METRIC_NAMESPACE, GatewayMetric
from components.keeper.runtime.minutes import Figure, read_minutes, traffic_of

if TYPE_CHECKING:
    from datetime import datetime

    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.facts import Traffic


def gateway_traffic(calls: Calls, cloudwatch: Any, config: KeeperConfig, since: datetime, now: datetime) -> Traffic:
    """Return it; unknown where the gateways were silent. Raises KeeperError where CloudWatch does not answer."""
    dimensions: dict[str, str] = dict(zip(METRIC_DIMENSIONS, (config.stack, config.service), strict=True))
    figures = [
        Figure(METRIC_NAMESPACE, metric.value, statistic, dimensions)
        for metric, statistic in ((GatewayMetric.IN_FLIGHT, "Maximum"), (GatewayMetric.REQUESTS, "Sum"))
    ]
    in_flight, requests = read_minutes(calls, cloudwatch, figures, since, now)
    return traffic_of(busy=in_flight, requests=requests, heard=in_flight.keys() & requests.keys(), since=since, now=now)
